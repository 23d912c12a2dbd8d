"""Fits the boosted trees, and takes them out of scikit-learn as arrays."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from estimator.peers.trees import Forest

SETTINGS: dict[str, Any] = {
    "max_iter": 150,
    "learning_rate": 0.08,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "l2_regularization": 1.0,
    "early_stopping": False,
}

Array = NDArray[Any]


def grow(figures: Array, si_snr_db: Array, seed: int = 0) -> Forest:
    """Boosted trees for (item, figure) and (item,) dB."""
    model = HistGradientBoostingRegressor(random_state=seed, **SETTINGS)
    model.fit(figures, si_snr_db)
    return forest_of(model)


def forest_of(model: HistGradientBoostingRegressor) -> Forest:
    """The trees of a fitted regressor of one output without categories."""
    trees = [tree.nodes for (tree,) in model._predictors]
    size = max(len(nodes) for nodes in trees)
    itself = np.arange(size)

    def table(field: str, kind: type, leaves: Array | None = None) -> Array:
        rows: Array = np.zeros((len(trees), size), dtype=kind)
        for row, nodes in zip(rows, trees, strict=True):
            row[:] = 0 if leaves is None else leaves
            kept = nodes[field]
            if leaves is not None:
                kept = np.where(nodes["is_leaf"], leaves[: len(nodes)], kept)
            row[: len(nodes)] = kept
        return rows

    return Forest(
        feature=table("feature_idx", np.int16),
        threshold=table("num_threshold", np.float64),
        left=table("left", np.int16, itself),
        right=table("right", np.int16, itself),
        value=table("value", np.float32),
        base=np.array([np.squeeze(model._baseline_prediction)], dtype=np.float64),
    )
