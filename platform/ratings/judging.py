"""Rules that say whose scores are used, and that finished work is paid."""

from dataclasses import dataclass
from datetime import datetime

from ratings import decisions, evidence
from ratings.decisions import Outcome
from ratings.evidence import Evidence
from ratings.models import Assignment, Study

FEWEST_SCORES = 10
LEAST_VARIANCE = 0.1
WRONG, WRONG_SHARE = 2, 0.5  # answers to controls


@dataclass(frozen=True)
class Judgement:
    """Why scores are not used: the rule's name, and its words."""

    rule: str
    reason: str


def judge(study: Study, *, now: datetime) -> int:
    """Apply the rules to every rater of a study; how many decisions changed.

    First what speaks for itself (controls, one score only, abuse), then the fit
    with those who are left. Safe to call any time. A person's decision stays.
    """
    changed = 0
    for is_simulated in (False, True):
        plain = evidence.gather(study, is_simulated=is_simulated)
        trusted = {one.session.pk for one in plain if not behavior(one)}
        for one in evidence.gather(study, is_simulated=is_simulated, trusted=trusted):
            changed += _apply(one, behavior(one) or misfit(one), now=now)
    Study.objects.filter(pk=study.pk).update(judged_at=now)
    return changed


def judge_new(*, now: datetime) -> int:
    """Judge the studies that got votes since they last were."""
    sent = Assignment.objects.filter(state=Assignment.State.SUBMITTED)
    changed = 0
    for study in Study.objects.exclude(state=Study.State.DRAFT):
        fresh = sent.filter(session__study=study)
        if study.judged_at:
            fresh = fresh.filter(submitted_at__gt=study.judged_at)
        changed += judge(study, now=now) if fresh.exists() else 0
    return changed


def behavior(one: Evidence) -> Judgement | None:
    """What a rater did, whatever the others scored."""
    wrong = one.answers - one.right
    if wrong >= WRONG and wrong >= WRONG_SHARE * one.answers:
        return Judgement(
            "controls", f"{wrong} of {one.answers} answers to controls are wrong."
        )
    is_known = one.scores >= FEWEST_SCORES and one.variance is not None
    if is_known and (one.variance or 0.0) < LEAST_VARIANCE:
        return Judgement(
            "one score", f"{one.scores} scores vary by {one.variance:.2f} only."
        )
    if one.risk.is_high:
        return Judgement(
            "abuse", f"{one.risk.points} points: {'; '.join(one.risk.reasons)}."
        )
    return None


def misfit(one: Evidence) -> Judgement | None:
    """Scores that do not go with those of others, beyond chance."""
    if not one.fit.is_unfit:
        return None
    return Judgement(
        "fit",
        f"The correlation with the others is {one.fit.r:.2f} over {one.fit.n} scores, "
        f"with 95 % certainty below {one.fit.upper:.2f}.",
    )


def flags(one: Evidence) -> list[str]:
    """Worth a look by a person; no reason to exclude anybody."""
    found = []
    if one.fit.is_flagged:
        found.append(f"correlation {one.fit.r:.2f}")
    if one.bt500.is_rejected:
        found.append(f"{one.bt500.outside:.0%} outside the limits of BT.500")
    if one.repeats and one.apart is not None and one.apart > 1.5:
        found.append(f"repeats {one.apart:.1f} points apart")
    return [*found, *one.risk.reasons]


def _apply(one: Evidence, found: Judgement | None, *, now: datetime) -> int:
    """Write what changed. Pay follows from finished work alone, never from scores."""
    data = decisions.by_rule(
        one.session,
        Outcome.EXCLUDE if found else Outcome.USE,
        rule=found.rule if found else "no objection",
        reason=found.reason if found else "No rule speaks against these scores.",
        evidence=one.as_data(),
        now=now,
    )
    pay = None
    if one.session.stamp_id:
        pay = decisions.by_rule(
            one.session,
            Outcome.PAY,
            rule="finished",
            reason="The session was finished: every sound was played, every question "
            "answered.",
            evidence={},
            now=now,
        )
    return sum(decision is not None for decision in (data, pay))
