"""The rules by command and by beat, and what a person finds in the evidence."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import User
from ratings import controls, decisions, evidence, judging
from ratings.models import ControlSound, Study
from tests.ratings.factories import NOW, later, leased, rate_next, rater, study
from tests.ratings.test_controls import controlled, rate_all

pytestmark = pytest.mark.django_db


def failed() -> Study:
    """A rater who gives 4 to everything, traps and bad anchors included."""
    of = controlled(items_per_session=3, controls_per_session=2)
    controls.prepare(of)
    ControlSound.objects.update(expected=1)
    rate_all(rater(of), score=4)
    return of


def test_failed_controls_exclude_with_the_count_and_pay_stays() -> None:
    of = failed()
    assert judging.judge(of, now=later(600)) == 2  # not used; paid
    session = of.sessions.get()
    last = decisions.data(session)
    assert last and (last.outcome, last.rule) == ("exclude", "controls")
    assert last.reason == "4 of 4 answers to controls are wrong."
    assert last.evidence["controls"] == [0, 4]
    assert judging.judge(of, now=later(700)) == 0


def test_the_command_tells_who_and_why() -> None:
    of, out = failed(), StringIO()
    call_command("judge_raters", of.slug, stdout=out)
    assert "exclude (controls): 4 of 4 answers" in out.getvalue()
    assert "2 decisions changed" in out.getvalue()
    with pytest.raises(CommandError, match=f"No study nowhere; there are: {of.slug}"):
        call_command("judge_raters", "nowhere")


def test_only_studies_with_new_votes_are_judged() -> None:
    of = failed()
    after = of.sessions.get().assignments.latest("submitted_at").submitted_at
    assert after
    assert judging.judge_new(now=after + timedelta(seconds=1)) == 2
    undone = decisions.data(of.sessions.get())
    assert undone
    decisions.undo(undone, by=User.objects.create_superuser("a@b.example"), now=after)
    assert judging.judge_new(now=after + timedelta(seconds=2)) == 0


def test_a_rater_of_one_score_is_excluded_from_ten_scores_on() -> None:
    of = study(mixtures=3, separators=2, items_per_session=9)
    session, now = rater(of), NOW
    for _ in range(3):
        now = rate_next(session, now=now, score=4)
    judging.judge(of, now=now)
    session.refresh_from_db()
    assert session.is_used  # six scores say nothing yet
    for _ in range(2):
        now = rate_next(session, now=now, score=4)
    judging.judge(of, now=now)
    session.refresh_from_db()
    last = decisions.data(session)
    assert not session.is_used and last
    assert (last.rule, last.reason) == ("one score", "10 scores vary by 0.00 only.")


def test_evidence_of_a_rater_without_votes_is_blank() -> None:
    of = study()
    rater(of)
    (one,) = evidence.gather(of, is_simulated=False)
    assert (one.scores, one.variance, one.answers, one.fit.n) == (0, None, 0, 0)
    assert judging.flags(one) == [] and judging.behavior(one) is None


def test_the_others_are_the_trusted_ones() -> None:
    """Clickers do not make an honest rater look odd."""
    of = study(mixtures=3, separators=2, items_per_session=6, ratings_per_estimate=9)
    pattern = [1, 2, 3, 4, 5, 5]
    for flip in (False, False, True, True, True):
        session, now = rater(of), NOW
        for _ in range(6):
            rank = sorted(of.items.values_list("pk", flat=True))
            item = leased(session, now=now).item_id or 0
            score = pattern[rank.index(item)]
            now = rate_next(session, now=now, score=6 - score if flip else score)
    honest = list(of.sessions.order_by("pk")[:2])
    trusted = {one.pk for one in honest}
    seen = evidence.gather(of, is_simulated=False, trusted=trusted)
    assert seen[0].fit.r == pytest.approx(1.0)
    assert seen[4].fit.is_unfit
    blind = evidence.gather(of, is_simulated=False)
    assert (blind[0].fit.r or 0) < 0
