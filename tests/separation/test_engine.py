"""The engine: sample rates, silence, refusals, revisions, scores with references."""

import math
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

import separators
from estimator import Prediction, pit_si_snr
from separation import engine
from separation.exchange import Input, Samples, SeparationRefused

RATE = 16_000  # of the mixture; the separators here work at 8000
Split = Callable[[Tensor], Tensor]  # (time,) -> (source, time)


def tone(hertz: float, *, seconds: float = 1.0, rate: int = RATE) -> Samples:
    time = np.arange(int(seconds * rate)) / rate
    return (0.2 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def given(samples: Samples, **fields: Any) -> Input:
    values: dict[str, Any] = {"separator": "identity", "separator_revision": "1"}
    return Input(samples=samples, **{"sample_rate": RATE, **values, **fields})


@pytest.fixture
def splitting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Split], None]]:
    """Put a function in the place of every separator, and one estimator that says 5."""

    def use(split: Split) -> None:
        fake = SimpleNamespace(
            sample_rate=8000, sources=2, separate=lambda batch: split(batch[0])[None]
        )
        monkeypatch.setattr(engine, "_separator", lambda *a, **k: fake)

    monkeypatch.setattr(engine, "_estimator", lambda *a, **k: FIVES)
    yield use


def fives(mixtures: Tensor, estimates: Tensor, sample_rate: int) -> Prediction:
    shape = estimates.shape[:2]
    return Prediction(
        torch.full(shape, 5.0),
        torch.ones(shape),
        torch.full((*shape, 4), 5.0),
        torch.ones(shape, dtype=torch.bool),
        frame_rate=4.0,
    )


FIVES = SimpleNamespace(revision="e1", predict=fives)


def test_estimates_have_the_rate_and_the_length_of_the_mixture() -> None:
    mixture = tone(440)[:15_999]
    outcome = engine.separate(given(mixture))
    assert [source.samples.shape for source in outcome.sources] == [(15_999,)] * 2
    middle = slice(1000, -1000)  # the filter settles at both ends
    for source in outcome.sources:
        assert source.samples[middle] == pytest.approx(mixture[middle], abs=0.002)
    assert outcome.device == "cpu"
    assert outcome.seconds >= 0


@pytest.mark.parametrize("rate", [8000, 11_025, 44_100, 48_000])
def test_no_sample_rate_of_a_browser_moves_the_sound(rate: int) -> None:
    mixture = tone(440, rate=rate)
    source = engine.separate(given(mixture, sample_rate=rate)).sources[0].samples
    assert source.shape == mixture.shape
    middle = slice(rate // 10, -rate // 10)
    assert source[middle] == pytest.approx(mixture[middle], abs=0.002)


def test_an_estimate_60_db_below_the_mixture_is_no_output(
    splitting: Callable[[Split], None],
) -> None:
    splitting(lambda mixture: torch.stack([mixture, mixture * 10 ** (-61 / 20)]))
    loud, silent = engine.separate(
        given(tone(440), estimators={"default": "e1"})
    ).sources
    assert (loud.is_silent, silent.is_silent) == (False, True)
    assert silent.predicted == []


def test_an_estimate_59_db_below_the_mixture_is_scored(
    splitting: Callable[[Split], None],
) -> None:
    splitting(lambda mixture: torch.stack([mixture, mixture * 10 ** (-59 / 20)]))
    sources = engine.separate(given(tone(440), estimators={"default": "e1"})).sources
    for source in sources:
        assert not source.is_silent
        (score,) = source.predicted
        assert (score.si_snr_db, score.std_db, score.curve_rate) == (5.0, 1.0, 4.0)
        assert score.curve_db == [5.0] * 4


def test_measured_scores_follow_the_best_assignment(
    splitting: Callable[[Split], None],
) -> None:
    first, second = tone(440, rate=8000), tone(1000, rate=8000)
    swapped = torch.from_numpy(np.stack([second + 0.1 * first, first]))
    splitting(lambda mixture: swapped)
    outcome = engine.separate(
        given(first + second, sample_rate=8000, references=[first, second])
    )
    expected, order = pit_si_snr(
        estimates=swapped, references=torch.from_numpy(np.stack([first, second]))
    )
    measured = [source.measured for source in outcome.sources]
    assert order == [1, 0]
    assert [m and m.reference_source for m in measured] == [2, 1]
    assert [m and m.si_snr_db for m in measured] == pytest.approx(expected[[1, 0]])
    assert [m and m.mixture_si_snr_db for m in measured] == pytest.approx(
        [0.0, 0.0], abs=0.01
    )


def test_no_output_has_the_floor_as_its_measured_score(
    splitting: Callable[[Split], None],
) -> None:
    first, second = tone(440, rate=8000), tone(1000, rate=8000)
    splitting(lambda mixture: torch.stack([torch.zeros(8000), mixture]))
    outcome = engine.separate(
        given(first + second, sample_rate=8000, references=[first, second])
    )
    silent, heard = (source.measured for source in outcome.sources)
    assert silent is not None and heard is not None
    assert silent.si_snr_db == engine.FLOOR_DB
    assert heard.si_snr_db == pytest.approx(0, abs=0.01)
    assert {silent.reference_source, heard.reference_source} == {1, 2}


def test_three_sources_are_not_measured_against_two_references(
    splitting: Callable[[Split], None],
) -> None:
    splitting(lambda mixture: torch.stack([mixture, mixture]))
    one = tone(440, rate=8000)
    outcome = engine.separate(given(one, sample_rate=8000, references=[one] * 3))
    assert [source.measured for source in outcome.sources] == [None, None]


@pytest.mark.parametrize(
    ("split", "message"),
    [
        (lambda mixture: mixture[None], r"returned the shape \(1, 8000\) instead of "),
        (lambda mixture: torch.stack([mixture] * 2)[:, 1:], r"shape \(2, 7999\)"),
        (
            lambda mixture: torch.stack([mixture, mixture * math.nan]),
            "returned NaN or infinite samples. Mend its `separate`",
        ),
    ],
)
def test_what_is_no_separation_is_refused(
    split: Split, message: str, splitting: Callable[[Split], None]
) -> None:
    splitting(split)
    with pytest.raises(SeparationRefused, match=message):
        engine.separate(given(tone(440)))


def test_another_revision_than_the_run_asks_for_is_refused() -> None:
    asked = given(tone(440), separator_revision="older")
    with pytest.raises(SeparationRefused, match="revision 1 of identity.* for older"):
        engine.separate(asked)
    asked = given(tone(440), estimators={"default": "older"})
    with pytest.raises(SeparationRefused, match="of default.*manage.py sync_models"):
        engine.separate(asked)


def test_a_separator_that_is_not_here_is_refused_by_name() -> None:
    with pytest.raises(SeparationRefused, match="no separator 'nobody'"):
        engine.separate(given(tone(440), separator="nobody"))


def test_sync_names_what_the_registry_has() -> None:
    found, models = engine.sync()
    assert [info.name for info in found] == separators.names()
    assert [model.name for model in models] == ["default"]
    for info in found:
        assert info.has_weights == separators.info(info.name).ships


def test_the_shipped_models_separate_and_score() -> None:
    found, (model,) = engine.sync()
    mixture = tone(300) + tone(1100)
    for info in (info for info in found if info.is_default):
        outcome = engine.separate(
            given(
                mixture,
                separator=info.name,
                separator_revision=info.revision,
                estimators={model.name: model.revision},
            )
        )
        for source in outcome.sources:
            assert source.samples.shape == mixture.shape
            assert np.isfinite(source.samples).all()
            for score in source.predicted:
                assert model.low_db <= score.si_snr_db <= model.high_db


def test_stored_estimates_get_the_scores_they_had_when_made(
    splitting: Callable[[Split], None],
) -> None:
    splitting(lambda mixture: torch.stack([mixture, 0.5 * mixture]))
    asked = given(tone(440), estimators={"default": "e1"})
    sources = engine.separate(asked).sources
    again = engine.predict(asked, [source.samples for source in sources])
    assert again == [source.predicted for source in sources]
