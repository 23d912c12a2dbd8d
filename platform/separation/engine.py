"""The only door to the torch rooms: separates, predicts, measures."""

import math
import time
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.signal import resample_poly
from torch import Tensor

import estimator
import separators
from separation.exchange import (
    EstimatorInfo,
    Input,
    MeasuredScore,
    Outcome,
    PredictedScore,
    Samples,
    SeparatedSource,
    SeparationRefused,
    SeparatorInfo,
)

NO_OUTPUT_DB = -60.0  # below the mixture; such an estimate is no output
FLOOR_DB = -30.0  # SI-SNR on record of a source without output
ESTIMATORS = ("default",)
UNAVAILABLE = (
    separators.ModelRefused,
    separators.UnknownSeparator,
    separators.WeightsChanged,
    separators.WeightsMissing,
)
THREADS = 2  # more cores are used by more workers

torch.set_num_threads(min(THREADS, torch.get_num_threads()))
_separator = lru_cache(maxsize=4)(separators.load)  # a few fit on one GPU
_estimator = lru_cache(maxsize=2)(estimator.load)


def separate(
    given: Input, *, device: str = "cpu", weights_dir: Path | None = None
) -> Outcome:
    """Separate a mixture and score every estimate, with models kept in memory.

    Raises:
        SeparationRefused: if a model here has another revision than the run asks for,
            or a separator returned something that is no separation.
    """
    separator = _load(given, device, weights_dir)
    mixture = torch.from_numpy(
        _resampled(given.samples, given.sample_rate, separator.sample_rate)
    ).to(device)
    started = time.perf_counter()
    with torch.inference_mode():
        raw = separator.separate(mixture[None])[0].cpu()  # cpu() waits for the device
    seconds = time.perf_counter() - started
    _check_separation(given.separator, raw, (separator.sources, len(mixture)))
    back = _resampled(raw.numpy(), separator.sample_rate, given.sample_rate)
    estimates = torch.from_numpy(_of_length(back, len(given.samples)))
    return Outcome(_scored(given, estimates, device), seconds=seconds, device=device)


def predict(
    given: Input, estimates: list[Samples], *, device: str = "cpu"
) -> list[list[PredictedScore]]:
    """Scores of stored estimates by `given.estimators`, one list for each estimate.

    Raises:
        SeparationRefused: if an estimator here has another revision than asked for.
    """
    stacked = torch.from_numpy(np.stack(estimates))
    heard = torch.ones(len(stacked), dtype=torch.bool)  # as judged when they were made
    return _predicted(given, stacked, heard, device)


def _scored(given: Input, estimates: Tensor, device: str) -> list[SeparatedSource]:
    mixture = torch.from_numpy(given.samples)
    heard = _heard(estimates, mixture)
    predicted = _predicted(given, estimates, heard, device)
    measured = _measured(given, estimates, heard)
    return [
        SeparatedSource(
            samples=samples.numpy(),
            is_silent=not is_heard,
            predicted=predicted[source],
            measured=measured[source],
        )
        for source, (samples, is_heard) in enumerate(
            zip(estimates, heard.tolist(), strict=True)
        )
    ]


def _predicted(
    given: Input, estimates: Tensor, heard: Tensor, device: str
) -> list[list[PredictedScore]]:
    """Scores of each estimate by each estimator; they compare two estimates or more."""
    scores: list[list[PredictedScore]] = [[] for _ in estimates]
    sources = heard.nonzero().flatten().tolist()
    if len(sources) < 2:
        return scores
    mixture = torch.from_numpy(given.samples)[None]
    for name, revision in given.estimators.items():
        model = _estimator(name, device=device)
        _check_revision(name, model.revision, revision)
        found = model.predict(mixture, estimates[None, heard], given.sample_rate)
        for row, source in enumerate(sources):
            scores[source].append(_score(name, found, row))
    return scores


def _score(name: str, found: estimator.Prediction, row: int) -> PredictedScore:
    return PredictedScore(
        estimator=name,
        si_snr_db=found.si_snr_db[0, row].item(),
        std_db=found.std_db[0, row].item(),
        is_in_domain=bool(found.in_domain[0, row]),
        curve_db=found.curve_db[0, row].tolist(),
        curve_rate=found.frame_rate,
    )


def _measured(
    given: Input, estimates: Tensor, heard: Tensor
) -> list[MeasuredScore | None]:
    """SI-SNR of each estimate under the best assignment to the references, if known."""
    scores: list[MeasuredScore | None] = [None] * len(estimates)
    if len(given.references) != len(estimates):
        return scores
    references = torch.from_numpy(np.stack(given.references))
    pairwise = torch.full((len(references), len(estimates)), FLOOR_DB).double()
    if heard.any():  # as pit_si_snr, which knows no silent estimate
        pairwise[:, heard] = estimator.si_snr(
            estimate=estimates[None, heard], reference=references[:, None]
        )
    mixture = torch.from_numpy(given.samples)
    before = estimator.si_snr(estimate=mixture[None], reference=references)
    rows, order = linear_sum_assignment(pairwise.numpy(), maximize=True)
    for reference, source in zip(rows.tolist(), order.tolist(), strict=True):
        scores[source] = MeasuredScore(
            si_snr_db=pairwise[reference, source].item(),
            mixture_si_snr_db=before[reference].item(),
            reference_source=reference + 1,
        )
    return scores


def _heard(estimates: Tensor, mixture: Tensor) -> Tensor:
    """Which estimates are sound at all, (source,)."""
    energy = estimates.double().var(-1, correction=0)
    least = 10 ** (NO_OUTPUT_DB / 10) * mixture.double().var(correction=0)
    return energy > least


def _load(given: Input, device: str, weights_dir: Path | None) -> separators.Separator:
    try:
        about = separators.info(given.separator, weights_dir=weights_dir)
        _check_revision(about.name, about.revision, given.separator_revision)
        return _separator(
            about.name, device=device, weights_dir=weights_dir, may_fetch=False
        )
    except UNAVAILABLE as trouble:
        raise SeparationRefused(str(trouble)) from trouble


def _check_revision(name: str, installed: str, expected: str) -> None:
    if installed != expected:
        raise SeparationRefused(
            f"This worker has revision {installed[:12]} of {name}, the run asks for "
            f"{expected[:12]}. Update the worker, or run `manage.py sync_models`."
        )


def _check_separation(name: str, raw: Tensor, expected: tuple[int, int]) -> None:
    if tuple(raw.shape) != expected:
        raise SeparationRefused(
            f"{name} returned the shape {tuple(raw.shape)} instead of {expected} "
            "(source, time). Mend its `separate`."
        )
    if not raw.isfinite().all():
        raise SeparationRefused(
            f"{name} returned NaN or infinite samples. Mend its `separate`, or "
            "deactivate it."
        )


def _resampled(
    signals: NDArray[np.float32], rate: int, wanted: int
) -> NDArray[np.float32]:
    if rate == wanted:
        return signals
    common = math.gcd(rate, wanted)
    out = resample_poly(signals, wanted // common, rate // common, axis=-1)
    return np.ascontiguousarray(out, dtype=np.float32)


def _of_length(signals: NDArray[np.float32], length: int) -> Samples:
    """Cut, or filled with zeros: resampling there and back may differ by a sample."""
    missing = max(0, length - signals.shape[-1])
    return np.pad(signals[:, :length], ((0, 0), (0, missing)))


def sync(
    weights_dir: Path | None = None,
) -> tuple[list[SeparatorInfo], list[EstimatorInfo]]:
    """What this machine can separate and score with."""
    models = [_estimator(name, device="cpu") for name in ESTIMATORS]
    return [_separator_info(name, weights_dir) for name in separators.names()], [
        EstimatorInfo(name, model.revision, model.low_db, model.high_db)
        for name, model in zip(ESTIMATORS, models, strict=True)
    ]


def _separator_info(name: str, weights_dir: Path | None) -> SeparatorInfo:
    about = separators.info(name, weights_dir=weights_dir)
    return SeparatorInfo(
        name=name,
        title=about.title,
        revision=about.revision,
        architecture=about.architecture,
        parameters=about.parameters,
        sample_rate=about.sample_rate,
        sources=about.sources,
        training_data=about.training_data,
        licence=about.licence,
        citation=about.citation,
        is_default=about.is_default,
        has_weights=separators.is_here(name, weights_dir=weights_dir),
    )
