"""Real separators, as training and evaluation call them."""

import numpy as np
import pytest
import torch

from estimator.material import pool


def test_a_separator_of_another_rate_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import separators

    class Wide:
        name, sample_rate, sources = "wide", 16_000, 2

    monkeypatch.setattr(separators, "load", lambda name: Wide())
    with pytest.raises(ValueError, match="wide makes 2 sources at 16000 Hz; here 2 at"):
        pool.separators_named(["wide"])


def test_a_separator_comes_with_family_and_stage() -> None:
    found = pool.separators_named(["identity", "convtasnet-small-early"])
    assert [one.name for one in found.values()] == [
        "identity",
        "convtasnet-small-early",
    ]
    assert found["convtasnet-small-early"].stage == "early"
    assert found["convtasnet-small-early"].family != found["identity"].family
    mixtures = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 4_000)))
    assert found["identity"](mixtures.float()).shape == (2, 2, 4_000)


def test_all_that_run_offline_on_two_sources_are_found() -> None:
    names = pool.offline()
    assert {"identity", "convtasnet-small-early", "convtasnet-small", "mask-lstm"} <= {
        *names
    }
    assert not {"sepformer-wsj03mix", "sepformer-whamr16k"} & {*names}
