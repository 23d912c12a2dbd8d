"""The command line."""

import json
from pathlib import Path

import pytest
import torch

from estimator import weights
from estimator.__main__ import main
from tests.estimator.synthetic import manifest_in, untrained, voices, write_audio


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.safetensors"
    weights.write(path, untrained(), {})
    return str(path)


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
