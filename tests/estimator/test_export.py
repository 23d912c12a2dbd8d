"""The ONNX graph says what the estimator says."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch

from estimator import BlindEstimator, weights
from estimator.__main__ import main
from estimator.export import OUTPUTS, export
from tests.estimator.synthetic import RATE, untrained, voices


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> onnxruntime.InferenceSession:
    path = tmp_path_factory.mktemp("graph") / "estimator.onnx"
    export(untrained(), path)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize(
    ("batch", "samples"), [(1, RATE), (4, 24_001), (2, 5 * RATE), (1, 30 * RATE)]
)
def test_the_graph_agrees_with_torch(
    session: onnxruntime.InferenceSession, batch: int, samples: int
) -> None:
    generator = torch.Generator().manual_seed(samples)
    sources = voices(batch, 2, 3.0).repeat(1, 1, 10)[..., :samples]
    sources += 0.01 * torch.randn(sources.shape, generator=generator)
    mixtures, estimates = sources.sum(1), sources + 0.3 * sources.flip(1)
    said = BlindEstimator(untrained(), name="", revision="").predict(
        mixtures, estimates, RATE
    )
    found = session.run(
        None, {"mixtures": mixtures.numpy(), "estimates": estimates.numpy()}
    )
    found = dict(zip(OUTPUTS, found, strict=True))
    ends = np.stack([said.parts[x].numpy() for x in list(said.parts)[:4]], axis=-1)
    assert np.abs(found["si_snr_db"] - said.si_snr_db.numpy()).max() < 0.02
    assert np.abs(found["curve_db"] - said.curve_db.numpy()).max() < 0.02
    assert np.abs(found["ends_db"] - ends).max() < 0.02
    assert (found["in_domain"] == said.in_domain.numpy()).all()


def test_one_estimate_cannot_be_exported(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 source; the estimator compares at least"):
        export(untrained(), tmp_path / "a.onnx", sources=1)


def test_the_command_refuses_what_is_not_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--estimator", "nonesuch", "--out", str(tmp_path / "a.onnx")]
    assert main(["export", *arguments]) == 2
    assert "no estimator 'nonesuch'; shipped are" in capsys.readouterr().err


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    trained = untrained()
    weights.write(path, trained, {})
    weights.write(path, trained._replace(network=torch.nn.Linear(2, 2)), {})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"not those of the present network; train"):
        weights.read(path)
