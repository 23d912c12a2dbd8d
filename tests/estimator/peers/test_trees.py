"""Boosted trees as arrays."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

import estimator
from estimator.features import describe
from estimator.peers import trees
from estimator.peers.summary import summary
from estimator.peers.trees_training import SETTINGS, forest_of, grow
from tests.estimator.synthetic import RATE, voices


def figures(items: int = 400, width: int = 5) -> NDArray[np.float64]:
    return np.random.default_rng(0).standard_normal((items, width))


def learned() -> trees.Learned:
    """Learned from leaks of 2 to 30 dB between voices."""
    rng = np.random.default_rng(0)
    sources = voices(30, 2, seconds=1.0)
    leaks_db = torch.from_numpy(rng.uniform(2, 30, (30, 1, 1))).float()
    estimates = sources + 10 ** (-leaks_db / 20) * sources.flip(1)
    seen = summary(describe(sources.sum(1), estimates)).double().numpy()
    truth = leaks_db.flatten().repeat_interleave(2).numpy()
    return trees.Learned(
        forest=grow(seen, truth),
        lowest=seen.min(0) - 1,
        highest=seen.max(0) + 1,
        limits=np.array([-10.0, 30.0, 3.0]),
        probe=trees.probe(),
    )


def test_the_arrays_predict_what_scikit_learn_predicts() -> None:
    seen = figures()
    model = HistGradientBoostingRegressor(random_state=0, **SETTINGS)
    model.fit(seen, seen[:, 0] * seen[:, 1] + seen[:, 2])
    unseen = np.random.default_rng(1).standard_normal((300, 5))
    ours = forest_of(model).predict(unseen)
    assert np.abs(ours - model.predict(unseen)).max() < 1e-5
    assert ours.std() > 0.5, "a constant would agree with anything flat"


def test_a_map_has_ten_figures_and_scalars_stay() -> None:
    sources = voices(1, 2)
    features = describe(sources.sum(1), sources)
    found = summary(features)
    maps, scalars = features.maps.shape[1], features.scalars.shape[1]
    assert found.shape == (2, 10 * maps + scalars)
    assert torch.allclose(found[:, 0], features.maps[:, 0].mean((1, 2)), atol=1e-5)
    assert torch.equal(found[:, -scalars:], features.scalars)


def test_trees_come_back_from_a_file_without_pickle(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    trees.write(path, learned(), {"seed": 0})
    found = estimator.load(str(path))
    assert found.name == "own"
    sources = voices(3, 2, seconds=1.0)
    leaky = [sources + leak * sources.flip(1) for leak in (0.04, 0.6)]
    soft, loud = (
        found.predict(sources.sum(1), signals, RATE).si_snr_db.mean()
        for signals in leaky
    )
    assert soft > loud + 8
    assert b"pickle" not in path.read_bytes()


def test_trees_of_other_features_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.safetensors"
    old = learned()
    trees.write(path, old._replace(probe=old.probe + 1), {})
    with pytest.raises(ValueError, match="on other features .* train it again: python"):
        estimator.load(str(path))


def test_figures_beyond_all_training_are_out_of_domain(tmp_path: Path) -> None:
    sources = voices(1, 2, seconds=1.0)
    given = (sources.sum(1), sources, RATE)
    seen = learned()
    familiar = trees.FeaturesTrees(seen, name="a", revision="0").predict(*given)
    assert familiar.in_domain.all()
    narrow = seen._replace(highest=seen.lowest)
    strange = trees.FeaturesTrees(narrow, name="a", revision="0").predict(*given)
    assert not strange.in_domain.any()
