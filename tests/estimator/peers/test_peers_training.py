"""Peers are trained by the command on the default's own material."""

import json
from pathlib import Path

import pytest
import torch

import estimator
from estimator.__main__ import main
from estimator.material.examples import Examples
from estimator.material.mixer import Mixer
from estimator.material.recordings import Recordings
from estimator.material.scene import Scene, Signal
from estimator.metrics import si_snr
from estimator.network import HIGH_DB, LOW_DB
from estimator.peers import training
from estimator.peers.realm_network import RealMNetwork
from estimator.peers.waves import joined, waves
from tests.estimator.synthetic import RATE, voice, voices, write_audio

STEPS = 15


def talkers(folder: Path, count: int = 4) -> Path:
    for speaker in range(count):
        write_audio(folder / f"{speaker}" / "a.wav", 0.5 * voice(speaker, 4.0))
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CALIBRATED_ON", "MEASURED_ON"):
        monkeypatch.setattr(training, name, 2)
    monkeypatch.setattr(training, "GROWN_ON", 8)
    monkeypatch.setattr(training, "TOGETHER", 1)


def trained(folder: Path, architecture: str) -> tuple[Path, dict[str, object]]:
    out = folder / f"{architecture}.safetensors"
    speech = str(talkers(folder / "speech"))
    arguments = ["--speech", speech, "--out", str(out), "--minutes", "0.02"]
    assert main(["train", "--architecture", architecture, *arguments]) == 0
    return out, json.loads(out.with_suffix(".json").read_text())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("architecture", training.ARCHITECTURES)
def test_the_command_writes_weights_that_load(
    tmp_path: Path, architecture: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, card = trained(tmp_path, architecture)
    assert card == json.loads(capsys.readouterr().out) | {"architecture": architecture}
    assert card["architecture"] == architecture
    judge = estimator.load(str(out))
    assert [judge.low_db, judge.high_db] == card["range_db"]
    estimates = voices(1, 2, seconds=1.0)
    found = judge.predict(estimates.sum(1), estimates, RATE)
    assert found.si_snr_db.isfinite().all()
    assert (found.std_db > 0).all()


@pytest.mark.usefixtures("small")
def test_a_seed_grows_the_same_trees(tmp_path: Path) -> None:
    once, again = (
        trained(tmp_path / name, "features-trees")[0].read_bytes()
        for name in ("once", "again")
    )
    assert once == again


def test_waves_carry_the_si_snr_that_is_measured(tmp_path: Path) -> None:
    mixer = Mixer(Recordings.under(talkers(tmp_path)), seconds=1.0)
    examples = Examples(mixer, seed=0, count=2)
    (scene, versions, references), _ = examples.drawn([0, 1])
    wave = joined(waves(examples, [0, 1]))
    assert torch.equal(wave.mixtures[0], torch.from_numpy(scene.mixture))
    assert wave.estimates.shape == wave.mixtures.shape
    against_all = si_snr(
        estimate=wave.estimates[:2, None], reference=torch.from_numpy(references)
    )
    assert torch.equal(wave.estimates[:2], torch.from_numpy(versions[0]))
    for found, either in zip(wave.si_snr_db[:2], against_all, strict=True):
        assert (found - either).abs().min() < 0.01


class Same(Examples):
    """One mixture again and again."""

    def drawn(self, indices: list[int]) -> list[tuple[Scene, Signal, Signal]]:
        return super().drawn([0])


def test_the_network_learns(tmp_path: Path) -> None:
    torch.manual_seed(0)
    mixer = Mixer(Recordings.under(talkers(tmp_path)), seconds=0.6)
    examples = Same(mixer, seed=0, count=1)
    (wave,) = waves(examples, [0])
    network = RealMNetwork()
    ticks = iter(range(STEPS + 2))

    def error() -> float:
        with torch.inference_mode():
            share = network(wave.mixtures, wave.estimates)
        said = LOW_DB + (HIGH_DB - LOW_DB) * share
        return float((said - wave.si_snr_db.clamp(LOW_DB, HIGH_DB)).abs().mean())

    before = error()
    training.fit(network, examples, seconds=STEPS, clock=lambda: float(next(ticks)))
    assert error() < 0.9 * before
