"""Sounds with a known answer: made once for a study, scored on the server only."""

from collections.abc import Mapping
from random import Random

from django.db import transaction
from django.db.models import Count, Q

from ratings import traps
from ratings.models import Control, ControlSound, Session, Study
from recordings import objects
from recordings.models import Mixture
from separation.models import Estimate, Run

WORST, BEST = 1, 5
OF_EACH_KIND = 4
Kind = Control.Kind
Sound = tuple[str, int, int]  # object, right score, points off that still count


class ControlRefused(Exception):
    """Why a control cannot be made; the message is shown to staff."""


@transaction.atomic
def prepare(study: Study, *, each: int = OF_EACH_KIND, seed: int = 0) -> int:
    """Anchors and traps for a study that wants controls; how many were made.

    Safe to call again: a study that has some, or has begun, gets none.
    """
    has_begun = study.sessions.exists()
    if not study.controls_per_session or study.controls.exists() or has_begun:
        return 0
    rng = Random(f"{study.pk}:{seed}")
    own = list(Mixture.objects.filter(campaign=study.campaign).order_by("pk"))
    rng.shuffle(own)
    made = [_low(study, mixture) for mixture in own[:each]]
    made += [_high(study, mixture) for mixture in _with_references(study, rng)[:each]]
    return len(made) + _make_traps(study, each, rng)


def _with_references(study: Study, rng: Random) -> list[Mixture]:
    """Mixtures whose clean sources are known, those of the study's campaign first."""
    known = Mixture.objects.filter(references__isnull=False).distinct().order_by("pk")
    found = list(known[:200])
    rng.shuffle(found)
    return sorted(found, key=lambda one: one.campaign_id != study.campaign_id)


def _low(study: Study, mixture: Mixture) -> Control:
    sound = (str(mixture.audio), WORST, 1)
    return _make(study, Kind.LOW, mixture, {1: sound, 2: sound})


def _high(study: Study, mixture: Mixture) -> Control:
    references = mixture.references.order_by("source")
    sounds = {one.source: (str(one.audio), BEST, 1) for one in references}
    return _make(study, Kind.HIGH, mixture, sounds)


def _make_traps(study: Study, each: int, rng: Random) -> int:
    """Real estimates that turn into a spoken instruction, of the mixture's length."""
    runs = Run.objects.filter(
        mixture__campaign=study.campaign,
        mixture__seconds__gte=traps.SHORTEST,
        state=Run.State.DONE,
    ).exclude(estimates__is_silent=True)
    chosen = list(runs.select_related("mixture").order_by("pk")[:200])
    chosen = rng.sample(chosen, min(each, len(chosen)))
    for run in chosen:
        sounds = {
            one.source: _trap_sound(one, run.mixture, rng)
            for one in run.estimates.order_by("source")
        }
        _make(study, Kind.TRAP, run.mixture, sounds)
    return len(chosen)


def _trap_sound(estimate: Estimate, mixture: Mixture, rng: Random) -> Sound:
    score = rng.randint(1, 5)
    content = objects.read(str(estimate.audio))
    made = traps.instructed(content, score=score, seconds=mixture.seconds)
    return objects.store(made, folder="controls", suffix="flac"), score, 0


@transaction.atomic
def add_gold(study: Study, run: Run, scores: Mapping[int, int]) -> Control:
    """A run whose estimates experts scored; raters may be one point off.

    Args:
        scores: 1 to 5 by source.
    """
    estimates = {one.source: one for one in run.estimates.all()}
    if study.sessions.exists():
        raise ControlRefused(
            f"The study {study.title} has raters; controls are added before the first "
            "one comes. Create a new study."
        )
    if set(scores) != set(estimates) or not set(scores.values()) <= {1, 2, 3, 4, 5}:
        raise ControlRefused(
            f"Scores {dict(scores)} were given for sources {sorted(estimates)}; give "
            "each source one score from 1 to 5."
        )
    sounds = {
        source: (str(estimates[source].audio), score, 1)
        for source, score in scores.items()
    }
    return _make(study, Kind.GOLD, run.mixture, sounds)


def _make(
    study: Study, kind: Kind, mixture: Mixture, sounds: Mapping[int, Sound]
) -> Control:
    control = Control.objects.create(
        study=study, kind=kind, audio=str(mixture.audio), seconds=mixture.seconds
    )
    ControlSound.objects.bulk_create(
        ControlSound(
            control=control,
            source=source,
            audio=audio,
            expected=expected,
            tolerance=tolerance,
        )
        for source, (audio, expected, tolerance) in sounds.items()
    )
    return control


def choose(session: Session, *, rng: Random) -> Control | None:
    """One this rater has not heard, of the kind met least; None when all were."""
    mine = Q(assignments__session=session)
    met = dict(
        session.study.controls.filter(mine).values_list("kind").annotate(Count("pk"))
    )
    fresh = list(session.study.controls.exclude(mine).order_by("pk"))
    rng.shuffle(fresh)
    return min(fresh, key=lambda control: met.get(control.kind, 0), default=None)
