"""A built manifest holds what its columns say, and comes out the same again."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from estimator.__main__ import main
from estimator.audio import read_together
from estimator.evaluation.building import Plan, build
from estimator.evaluation.manifest import read_manifest
from estimator.material.labels import overlap, pairwise_si_snr
from estimator.material.pool import Separate
from estimator.material.recordings import Recordings
from estimator.metrics import pit_si_snr, si_snr
from tests.estimator.synthetic import RATE, voices, write_audio


def speech(folder: Path, count: int = 7) -> Recordings:
    for number, signal in enumerate(0.1 * voices(1, count)[0]):
        corpus = "even" if number % 2 == 0 else "odd"
        write_audio(folder / corpus / f"speaker_{number}" / "0.wav", signal)
    return Recordings.under(folder)


def half_way(name: str = "half", amount: float = 0.7) -> Separate:
    def run(mixtures: Tensor) -> Tensor:
        late = mixtures.roll(2, -1)
        return torch.stack([mixtures - amount * late, amount * mixtures + late], 1)

    return Separate(name, "filter", "early", 2, run)


def mute() -> Separate:
    def run(mixtures: Tensor) -> Tensor:
        return torch.zeros(len(mixtures), 2, mixtures.shape[-1])

    return Separate("mute", "none", "", 2, run)


def made(folder: Path, plan: Plan, *separators: Separate) -> list[dict[str, str]]:
    build(
        folder / "out",
        speech=speech(folder / "speech"),
        noise=None,
        rooms=None,
        separators=separators or [half_way()],
        plan=plan,
    )
    with (folder / "out" / "MANIFEST.csv").open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_rows_hold_mixture_references_and_each_separator(tmp_path: Path) -> None:
    plan = Plan(mixtures=10, seconds=1.0)
    rows = made(tmp_path, plan, half_way("one"), half_way("two", 0.2))
    assert len(rows) == 20
    assert {row["separator"] for row in rows} == {"one", "two"}
    assert {row["corpus"] for row in rows} == {"even", "odd"}
    assert {(row["family"], row["stage"]) for row in rows} == {("filter", "early")}
    assert {(row["reference"], row["speakers"]) for row in rows} == {("image", "2")}
    for row in read_manifest(tmp_path / "out" / "MANIFEST.csv"):
        files = [row.mixture, *row.estimates, *row.references]
        signals, rate = read_together(files)
        assert (signals.shape, rate) == ((5, RATE), RATE)
        assert soundfile.info(row.mixture).subtype == "PCM_24"
        assert signals.abs().max() <= 0.91


def test_the_columns_say_what_is_in_the_files(tmp_path: Path) -> None:
    rows = made(tmp_path, Plan(mixtures=12, seconds=1.0))
    for row in rows:
        files = [tmp_path / "out" / row[f"reference_{k}"] for k in (1, 2)]
        signals, _ = read_together([tmp_path / "out" / row["mixture"], *files])
        whole = signals[1:].sum(0)
        ratio = whole.square().mean() / (signals[0] - whole).square().mean()
        assert 10 * np.log10(ratio.item()) == pytest.approx(float(row["snr"]), abs=0.2)
        assert overlap(signals[1:].numpy()) == pytest.approx(
            float(row["overlap"]), abs=0.02
        )


def test_estimates_stand_in_the_order_of_their_references(tmp_path: Path) -> None:
    made(tmp_path, Plan(mixtures=8, seconds=1.0))
    for row in read_manifest(tmp_path / "out" / "MANIFEST.csv"):
        signals, _ = read_together([*row.estimates, *row.references])
        _, order = pit_si_snr(estimates=signals[:2], references=signals[2:])
        assert order == [0, 1]


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for folder in ("a", "b"):
        made(tmp_path / folder, Plan(mixtures=3, seconds=1.0, scaled=True))
        files = sorted((tmp_path / folder / "out").rglob("*.*"))
        digests.append([hashlib.sha256(f.read_bytes()).hexdigest() for f in files])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 2 + 3 * (1 + 2 + 2 * 2)


def test_a_longer_manifest_begins_as_a_shorter_one(tmp_path: Path) -> None:
    short = made(tmp_path / "a", Plan(mixtures=2, seconds=1.0))
    longer = made(tmp_path / "b", Plan(mixtures=9, seconds=1.0))
    assert longer[:2] == short


def test_scaled_errors_shift_si_snr_by_their_gain(tmp_path: Path) -> None:
    made(tmp_path, Plan(mixtures=10, seconds=1.0, scaled=True))
    rows = read_manifest(tmp_path / "out" / "MANIFEST.csv")
    own = {row.mixture: row for row in rows if row.scaled == 1}
    scaled = [row for row in rows if row.scaled != 1]
    assert len(own) == len(scaled) == 10
    reached = []
    for row in scaled:
        before, after = (
            si_snr(estimate=signals[:2], reference=signals[2:]).numpy()
            for signals in (
                read_together([*one.estimates, *one.references])[0]
                for one in (own[row.mixture], row)
            )
        )
        shift = -20 * np.log10(row.scaled)
        assert after - before == pytest.approx([shift, shift], abs=0.02)
        assert row.scaled <= 9
        reached.append(after.mean())
    assert min(reached) < 0
    assert max(reached) > 10


def test_silence_gets_no_row_and_is_counted(tmp_path: Path) -> None:
    rows = made(tmp_path, Plan(mixtures=3, seconds=1.0), mute(), half_way())
    assert {row["separator"] for row in rows} == {"half"}
    about = json.loads((tmp_path / "out" / "MANIFEST.json").read_text())
    assert about["separators"]["mute"]["silent"] == 3
    assert about["separators"]["half"]["silent"] == 0


def test_a_speech_folder_of_lone_speakers_is_refused(tmp_path: Path) -> None:
    write_audio(tmp_path / "x" / "one" / "0.wav", voices(1, 1)[0, 0])
    with pytest.raises(ValueError, match="no corpus of the speech holds 2 speakers"):
        build(
            tmp_path / "out",
            speech=Recordings.under(tmp_path),
            noise=None,
            rooms=None,
            separators=[half_way()],
            plan=Plan(mixtures=1),
        )


def test_a_manifest_can_be_made_and_evaluated_by_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speech(tmp_path / "speech")
    out = tmp_path / "out"
    arguments = ["--speech", str(tmp_path / "speech"), "--out", str(out)]
    arguments += ["--mixtures", "4", "--seconds", "1", "--separators", "identity"]
    assert main(["manifest", *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 4
    manifest = str(out / "MANIFEST.csv")
    options = ["--estimator", "mixture-projection", "--draws", "20"]
    assert main(["evaluate", manifest, *options]) == 0
    said = capsys.readouterr().out
    assert "mixture-projection on" in said
    assert "reference: image." in said


def test_overlap_is_the_share_of_time_with_two_voices() -> None:
    noise = np.random.default_rng(0).standard_normal((2, 25_600)).astype(np.float32)
    noise[0, 12_800:] = 0
    noise[1, :6_400] = 0
    assert overlap(noise) == pytest.approx(0.25, abs=0.01)
    assert overlap(np.stack([noise[0], noise[0]])) == 1.0


def test_errors_may_be_taken_away_wholly() -> None:
    from estimator.material.aiming import louder_errors

    sources = voices(1, 2)[0].numpy()
    estimates = sources + np.float32(0.5) * sources[::-1]
    found = louder_errors(estimates, sources, 0.0)
    assert np.diag(pairwise_si_snr(found, sources)).min() > 55
    assert np.allclose(louder_errors(estimates, sources, 1.0), estimates, atol=1e-5)
