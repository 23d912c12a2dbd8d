"""The command line, and the evaluation of a manifest."""

import csv
import json
from pathlib import Path

import pytest
import torch

from estimator import weights
from estimator.__main__ import main
from tests.estimator.synthetic import orthogonal_pair, untrained, voices, write_audio


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.safetensors"
    weights.write(path, untrained(), {})
    return str(path)


def manifest_in(folder: Path) -> Path:
    """Two mixtures whose estimates have 0 and 20 dB, the second ones crossed."""
    lines = []
    for row, leak in enumerate((1.0, 0.1)):
        references = torch.stack(orthogonal_pair(seed=row)).float()
        estimates = references + leak * references.flip(0)
        signals = {
            "mixture": references.sum(0),
            "estimate_1": estimates[row],
            "estimate_2": estimates[1 - row],
            "reference_1": references[0],
            "reference_2": references[1],
        }
        for name, signal in signals.items():
            write_audio(folder / f"{row}" / f"{name}.wav", signal)
        lines.append({name: f"{row}/{name}.wav" for name in signals})
    manifest = folder / "manifest.csv"
    with manifest.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return manifest


def test_evaluate_measures_every_estimate_beside_its_prediction(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.json"
    arguments = [str(manifest_in(tmp_path)), "--json", str(out), "--estimator", own]
    assert main(["evaluate", *arguments]) == 0
    report = json.loads(out.read_text())
    measured = [row["si_snr_db"] for row in report["estimates"]]
    assert measured == pytest.approx([0, 0, 20, 20], abs=0.01)
    crossed = report["estimates"][2]
    assert (crossed["estimate"], crossed["reference"]) == (
        "estimate_2.wav",
        "reference_1.wav",
    )
    errors = [
        abs(row["predicted_si_snr_db"] - row["si_snr_db"])
        for row in report["estimates"]
    ]
    assert report["agreement"]["mae_db"] == pytest.approx(sum(errors) / 4, abs=1e-3)
    assert json.loads(capsys.readouterr().out)["n"] == 4


def test_evaluate_leaves_out_a_row_with_silence_and_says_so(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = manifest_in(tmp_path)
    header, first, second = manifest.read_text().splitlines()
    write_audio(tmp_path / "0" / "silence.wav", torch.zeros(8_000))
    spoiled = first.replace("0/estimate_2.wav", "0/silence.wav")
    manifest.write_text("\n".join([header, first, second, spoiled]))
    assert main(["evaluate", str(manifest), "--estimator", own]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["n"] == 4
    assert "left out mixture.wav: SI-SNR is undefined for a silent" in said.err


def test_predict_prints_one_line_for_each_estimate(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = manifest_in(tmp_path).parent / "0"
    files = [str(folder / f"{x}.wav") for x in ("mixture", "estimate_1", "estimate_2")]
    assert main(["predict", *files, "--estimator", own]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "estimate_1.wav: " in lines[0]
    assert " dB, give or take " in lines[0]


def test_predict_as_json_carries_curve_and_revision(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = manifest_in(tmp_path).parent / "0"
    files = [str(folder / f"{x}.wav") for x in ("mixture", "estimate_1", "estimate_2")]
    assert main(["predict", *files, "--estimator", own, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert len(answer["revision"]) == 64
    assert len(answer["estimates"]) == 2
    assert len(answer["estimates"][0]["curve_db"]) == 4
    assert answer["curve_frame_rate"] == pytest.approx(3.90625)


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments) == 2
    return capsys.readouterr().err


def test_files_that_do_not_belong_together_are_refused(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    signal = voices(1, 1)[0, 0]
    mixture = str(write_audio(tmp_path / "mixture.wav", signal))
    short = str(write_audio(tmp_path / "short.wav", signal[:-5]))
    stereo = str(write_audio(tmp_path / "stereo.wav", torch.stack([signal] * 2, 1)))
    text = tmp_path / "text.wav"
    text.write_text("not audio")
    said = refusal(capsys, "predict", mixture, short, short)
    assert "short.wav has 23995 samples at 8000 Hz and" in said
    assert "bring them to one length and rate" in said
    said = refusal(capsys, "predict", mixture, stereo, stereo)
    assert "has 2 channels; the estimator hears one, so mix it down first" in said
    said = refusal(capsys, "predict", mixture, str(text))
    assert "text.wav cannot be read as audio" in said
    said = refusal(capsys, "predict", mixture, str(tmp_path / "gone.wav"))
    assert "gone.wav cannot be read as audio" in said
    said = refusal(capsys, "predict", mixture, mixture, "--estimator", own)
    assert "compares at least two estimates" in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("mixture,estimate_1", "has the columns mixture, estimate_1; expected mixture"),
        ("mixture,estimate_1,estimate_2,reference_1", "2 estimate and 1 reference col"),
    ],
)
def test_manifests_with_missing_columns_are_refused(
    tmp_path: Path,
    own: str,
    capsys: pytest.CaptureFixture[str],
    header: str,
    said: str,
) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(header + "\n")
    assert said in refusal(capsys, "evaluate", str(manifest), "--estimator", own)
