"""DNSMOS gives speechmos' own figures, and never dB."""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import estimator
from estimator.__main__ import main
from estimator.peers import dnsmos
from tests.estimator.synthetic import RATE, voice, voices, write_audio

SECONDS = 2.3  # doubled twice it fills one window


@pytest.fixture(scope="module")
def judge() -> estimator.Estimator:
    return estimator.load("dnsmos")


def theirs(samples: dnsmos.Samples, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """speechmos' own class; librosa serves only a figure that is not looked at."""
    absent = SimpleNamespace(
        feature=SimpleNamespace(melspectrogram=lambda **_: np.ones((120, 900))),
        power_to_db=lambda spectrum, ref: spectrum,
    )
    monkeypatch.setitem(sys.modules, "librosa", absent)
    package = importlib.import_module("speechmos.dnsmos")
    folder = Path(str(package.__file__)).parent / "dnsmos_models"
    model = package.DNSMOS(folder / "sig_bak_ovr.onnx", folder / "model_v8.onnx")
    found = model(samples, 16_000, is_personalized_MOS=False)
    return [found[f"{axis}_mos"] for axis in ("sig", "bak", "ovrl")]


@pytest.mark.parametrize("seconds", [SECONDS, 11.3])
def test_figures_are_those_of_speechmos(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = (0.1 * voice(1, 2 * seconds)).numpy()  # read at 16 kHz
    samples = samples.astype(np.float32)
    found = dnsmos.Dnsmos().opinions(samples)
    assert found.tolist() == pytest.approx(theirs(samples, monkeypatch), abs=1e-5)


def test_its_unit_is_mos_and_it_cannot_be_read_as_db(
    judge: estimator.Estimator,
) -> None:
    estimates = voices(1, 2, seconds=SECONDS)
    found = judge.predict(estimates.sum(1), estimates, RATE)
    assert (judge.unit, found.unit) == ("MOS", "MOS")
    assert ((found.value >= 1) & (found.value <= 5)).all()
    assert set(found.parts) == {"signal", "background"}
    for figure in ("si_snr_db", "std_db", "curve_db"):
        with pytest.raises(ValueError, match="these figures are MOS, not SI-SNR in dB"):
            getattr(found, figure)
    for limit in ("low_db", "high_db"):
        with pytest.raises(ValueError, match="speaks of MOS, 1 to 5, and has no range"):
            getattr(judge, limit)


def test_no_gain_changes_an_opinion(judge: estimator.Estimator) -> None:
    estimates = voices(1, 2, seconds=SECONDS)
    mixtures = estimates.sum(1)
    soft, loud = (
        judge.predict(mixtures, gain * estimates, RATE).value for gain in (1e-4, 50.0)
    )
    assert torch.allclose(soft, loud, atol=1e-3)


def test_hiss_lowers_the_opinion(judge: estimator.Estimator) -> None:
    clean = voices(1, 1, seconds=SECONDS)
    hiss = torch.randn(clean.shape, generator=torch.Generator().manual_seed(0))
    figures = [
        judge.predict(clean[:, 0], clean + level * hiss, RATE).parts["background"]
        for level in (0.0, 0.3)
    ]
    assert figures[0] > figures[1] + 0.3


def test_without_its_package_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dnsmos, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match="pip install --no-deps speechmos"):
        dnsmos.weights_path()


def test_predict_prints_opinions_as_opinions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    estimates = voices(1, 2, seconds=SECONDS)[0]
    signals = [estimates.sum(0), *estimates]
    files = [
        str(write_audio(tmp_path / f"{i}.wav", signal))
        for i, signal in enumerate(signals)
    ]
    assert main(["predict", *files, "--estimator", "dnsmos"]) == 0
    said = capsys.readouterr().out
    assert said.count(" MOS") == 2
    assert " dB" not in said
    assert main(["predict", *files, "--estimator", "dnsmos", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)["estimates"][0]
    assert 1 <= row["predicted_mos"] <= 5
    assert row["std_mos"] is None
    assert not any(name.endswith("_db") for name in row)
