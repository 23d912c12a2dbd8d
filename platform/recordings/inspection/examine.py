"""All checks of one recording, one report: what the worker calls."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from recordings.inspection import (
    activity,
    balance,
    enrolment,
    limits,
    mel,
    replay,
    signal_quality,
    voices,
    wording,
)
from recordings.inspection.evidence import Check, Report
from recordings.inspection.mel import Samples

SECOND = 0.15  # share of the speech from which a second voice is there
THIRD = 0.25  # and a third: the counter often hears one more in noise


@dataclass(frozen=True)
class Take:
    """A recording and what is known about it."""

    samples: Samples  # (time,), mono, at its own rate
    sample_rate: int  # Hz
    sentences: list[str] = field(default_factory=list)
    language: str = "en"
    processing: str = "unknown"  # on, off or unknown, as the browser told
    demands_raw: bool = False
    min_overlap: float = 0.3  # share of the speech
    clipped_share: float = 0.0  # as measured in the original's channels
    solos: tuple[Samples, ...] = ()  # the two voices alone, 16 kHz
    silence: Samples | None = None  # 16 kHz
    tracks: tuple[Samples, ...] = ()  # separated voices, 16 kHz, any order
    duplicate_share: float = 0.0  # of landmarks found in one other recording


def examine(take: Take) -> Report:
    """Every check of a take, with the numbers behind them.

    About a quarter of the take's duration on one core, most of it for the sentences.
    """
    samples = mel.resample(take.samples, take.sample_rate)
    speech = activity.probabilities(samples)
    shares = voices.shares(samples)
    seconds = float(np.sum(speech > activity.SPEECH)) / activity.RATE
    details: dict[str, object] = {"speech_share": round(float(speech.mean()), 3)}
    checks = [
        limits.judge("speech", seconds),
        *_signal(take, samples, speech),
        *_voices(take, samples, speech, shares, details),
        *_sentences(take, samples, speech, details),
        *_solos(take, samples, details),
        _replay(samples, speech, details),
        limits.judge("duplicate", take.duplicate_share),
        limits.processing(take.processing, demands_raw=take.demands_raw),
    ]
    return Report(limits.VERSION, checks, details)


def _signal(take: Take, samples: Samples, speech: NDArray[np.float32]) -> list[Check]:
    clipped = signal_quality.clipped_share(take.samples)
    return [
        limits.judge("clipping", max(clipped, take.clipped_share)),
        limits.judge(
            "drop-outs", signal_quality.drop_out_ms(take.samples, take.sample_rate)
        ),
        limits.judge(
            "band", signal_quality.band_edge_hz(take.samples, take.sample_rate)
        ),
        limits.judge("snr", signal_quality.snr_db(samples, speech, take.silence)),
    ]


def _voices(
    take: Take,
    samples: Samples,
    speech: NDArray[np.float32],
    shares: NDArray[np.float32],
    details: dict[str, object],
) -> list[Check]:
    """Overlap, number of voices, balance."""
    spoken = float(shares[:, 1:].sum())
    has_speech = spoken > 0.5 * mel.FRAME_RATE and bool(np.any(speech > 0.5))
    together = float(shares[:, 2:].sum()) / spoken if has_speech else None
    third = float(shares[:, 3].sum()) / spoken if has_speech else 0.0
    more = (third >= THIRD) + ((together or 0) >= SECOND)
    found = (
        balance.of_solos(take.solos[0], take.solos[1])
        if len(take.solos) == 2
        else balance.estimate(samples, shares)
    )
    difference = None
    if found:
        doubt = 2 * (found.std_db or 0)
        difference = max(0.0, found.difference_db - doubt)
        details["balance"] = vars(found)
    details["third_voice_share"] = round(third, 3)
    return [
        limits.overlap(together, demanded=take.min_overlap),
        limits.judge("voices", None if together is None else 1 + more),
        limits.judge("balance", difference),
    ]


def _sentences(
    take: Take,
    samples: Samples,
    speech: NDArray[np.float32],
    details: dict[str, object],
) -> list[Check]:
    """Only what is speech is searched: it is quicker, and pauses say nothing."""
    can_be_heard = take.language.partition("-")[0] == wording.LANGUAGE
    heard = None
    if can_be_heard and take.sentences and np.any(speech > activity.SPEECH):
        tracks = list(take.tracks) or [without_pauses(samples, speech)]
        heard = wording.heard(tracks, take.sentences)
    if heard is None:
        return [limits.judge("sentences", None)]
    details["sentences"] = [vars(line) for line in heard]
    return [limits.judge("sentences", min(line.contrast for line in heard))]


def _solos(
    take: Take,
    samples: Samples,
    details: dict[str, object],
) -> list[Check]:
    if len(take.solos) != 2:
        return [limits.judge("enrolled", None), limits.judge("levels", None)]
    found = enrolment.compare(samples, take.solos)
    details["enrolled"] = vars(found)
    return [
        limits.judge("enrolled", found.fainter),
        limits.judge("levels", found.level_gap_db),
    ]


def _replay(
    samples: Samples, speech: NDArray[np.float32], details: dict[str, object]
) -> Check:
    found = replay.cues(samples, speech)
    if found is None:
        return limits.judge("replay", None)
    details["replay"] = vars(found)
    return limits.judge("replay", found.count)


def without_pauses(samples: Samples, speech: NDArray[np.float32]) -> Samples:
    """The frames with speech and 0.2 s around them, (time,)."""
    near = np.convolve(speech > activity.SPEECH, np.ones(13), mode="same") > 0
    kept = np.repeat(near, activity.STEP)
    return samples[: len(kept)][kept[: len(samples)]]
