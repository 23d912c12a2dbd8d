"""Simulated raters for the demo; marked as such wherever their scores are shown."""

import math
from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from ratings import assignments
from ratings.models import Assignment, Play, Study
from separation.models import Estimate

BIAS, NOISE = 0.4, 0.6  # standard deviations in points: raters differ, and waver
MIDDLE_DB, SLOPE_DB = 6.0, 4.0  # SI-SNR of a score of 3, and how fast scores rise
PAUSE = timedelta(seconds=2)  # between the end of the last sound and the scores


def simulate(study: Study, *, raters: int, seed: int, now: datetime) -> int:
    """Let `raters` simulated raters do one session each; how many scores they gave.

    The same seed gives the same scores for the same items. Called again, only
    missing raters are added, so an interrupted start is completed and a finished
    one stays as it is.
    """
    there = study.sessions.filter(participant__is_simulated=True).count()
    total = 0
    for number in range(there, raters):
        given = _one_rater(study, rng=Random(f"{seed}:{number}"), now=now)
        if not given:
            break
        total += given
    return total


@transaction.atomic
def _one_rater(study: Study, *, rng: Random, now: datetime) -> int:
    session, _ = assignments.enroll(study, now=now, is_simulated=True, rng=rng)
    bias, given = rng.gauss(0, BIAS), 0
    while assignment := assignments.next_for(session, now=now, rng=rng):
        scores = _scores(assignment, bias=bias, rng=rng)
        sounds = assignment.plays.update(served_at=now)
        seconds = assignment.seconds * sounds
        now += timedelta(seconds=seconds) + PAUSE
        assignments.submit(assignment, scores, now=now)
        given += 0 if assignment.control else len(scores)
    if not given:
        transaction.set_rollback(True)  # leave no rater behind who had nothing to rate
    return given


def _scores(assignment: Assignment, *, bias: float, rng: Random) -> dict[int, int]:
    """By position; drawn in the order of the sources, so that the seed decides."""
    plays = assignment.plays.filter(position__gt=0).select_related(
        "estimate", "control_sound"
    )
    by_source = sorted(plays, key=_source)
    return {
        play.position: _score(play.estimate, bias + rng.gauss(0, NOISE))
        if play.estimate
        else _known(play, rng)
        for play in by_source
    }


def _source(play: Play) -> int:
    sound = play.estimate or play.control_sound
    return sound.source if sound else 0


def _known(play: Play, rng: Random) -> int:
    """Controls are answered with care: right, or one point off where that is fine."""
    assert play.control_sound
    expected, tolerance = play.control_sound.expected, play.control_sound.tolerance
    return min(5, max(1, expected + rng.choice([-1, 0, 0, 1]) * tolerance))


def _score(estimate: Estimate, deviation: float) -> int:
    si_snr_db = estimate.measured_si_snr_db
    if si_snr_db is None:
        prediction = estimate.predictions.order_by("-pk").first()
        si_snr_db = prediction.predicted_si_snr_db if prediction else MIDDLE_DB
    rise = 1 / (1 + math.exp(-(si_snr_db - MIDDLE_DB) / SLOPE_DB))
    return min(5, max(1, round(1 + 4 * rise + deviation)))
