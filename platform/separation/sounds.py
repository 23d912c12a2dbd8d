"""Reads what a run works on from the object store, and writes what came of it."""

import math

import numpy as np
from django.db.models.fields.files import FieldFile

from recordings import audio, objects
from separation.exchange import (
    Input,
    Outcome,
    PredictedScore,
    Samples,
    SeparatedSource,
)
from separation.models import Estimate, Estimator, Prediction, Run

ESTIMATE_BITS = 24


def load(run: Run) -> Input:
    """What the engine needs to know; device and weights are up to the worker."""
    references = run.mixture.references.order_by("source")
    return Input(
        samples=_mono(run.mixture.audio),
        sample_rate=run.mixture.sample_rate,
        separator=run.separator.name,
        separator_revision=run.separator_revision,
        estimators=dict(
            Estimator.objects.filter(is_active=True).values_list("name", "revision")
        ),
        references=[_mono(reference.audio) for reference in references],
    )


def store(run: Run, outcome: Outcome) -> list[Estimate]:
    """Write the audio and return rows still to be saved.

    Objects are named by their content: those of an attempt that is then discarded
    harm nobody.
    """
    return [
        _estimate(run, number, source)
        for number, source in enumerate(outcome.sources, start=1)
    ]


def save(estimates: list[Estimate], outcome: Outcome) -> None:
    """Insert the estimates and their predicted scores; call within a transaction."""
    Estimate.objects.bulk_create(estimates)
    save_predictions(estimates, [source.predicted for source in outcome.sources])


def save_predictions(
    estimates: list[Estimate], scores: list[list[PredictedScore]]
) -> None:
    """Insert the scores of each estimate; one that is there already is kept."""
    active = {row.name: row for row in Estimator.objects.filter(is_active=True)}
    Prediction.objects.bulk_create(
        [
            Prediction(
                estimate=estimate,
                estimator=active[score.estimator],
                predicted_si_snr_db=score.si_snr_db,
                std_db=score.std_db,
                is_in_domain=score.is_in_domain,
                curve_db=[round(value, 2) for value in score.curve_db],
                curve_rate=score.curve_rate,
            )
            for estimate, found in zip(estimates, scores, strict=True)
            for score in found
            if score.estimator in active
        ],
        ignore_conflicts=True,
    )


def samples(estimate: Estimate) -> Samples:
    """What the separator returned: the gain of the file undone."""
    return _mono(estimate.audio) * np.float32(10 ** (-estimate.gain_db / 20))


def _estimate(run: Run, number: int, source: SeparatedSource) -> Estimate:
    gain_db = _gain_db(source.samples)
    content = audio.encode_flac(
        np.float32(10 ** (gain_db / 20)) * source.samples,
        run.mixture.sample_rate,
        bits=ESTIMATE_BITS,
    )
    name = objects.store(content, folder="estimates", suffix=".flac")
    measured = source.measured
    return Estimate(
        run=run,
        source=number,
        audio=name,
        sha256=name.rpartition("/")[2].partition(".")[0],
        gain_db=gain_db,
        is_silent=source.is_silent,
        measured_si_snr_db=measured.si_snr_db if measured else None,
        mixture_si_snr_db=measured.mixture_si_snr_db if measured else None,
        reference_source=measured.reference_source if measured else None,
    )


def _gain_db(samples: Samples) -> float:
    """0 dB, or what brings a peak above full scale back to it."""
    peak = float(np.abs(samples).max(initial=0))
    return 0.0 if peak <= 1 else -20 * math.log10(peak)


def _mono(file: FieldFile) -> Samples:
    sound = audio.decode(objects.read(str(file.name)))
    return sound.mono()
