"""Raters of every kind on the real pages: who is excluded, and what ranking is left."""

from collections import Counter

import pytest

from ratings import decisions, results
from tests.ratings import rehearsal
from tests.ratings.rehearsal import QUALITY


@pytest.mark.django_db
def test_cheats_are_excluded_honest_raters_kept_and_the_ranking_is_found() -> None:
    of, outcomes = rehearsal.run(raters=22, seed=4, mixtures=4, items_per_session=6)
    kinds = Counter(one.kind for one in outcomes)
    assert min(kinds[kind] for kind in ("careful", "clicker", "always 4")) >= 1, kinds
    for one in outcomes:
        told = (one.kind, one.rule, one.reason)
        if one.kind in ("clicker", "always 4"):
            assert not one.is_used, told
            assert one.reason
        if one.kind in ("careful", "biased", "quitter"):
            assert one.is_used, told
        if one.kind == "clicker":
            assert one.refused == 10  # each vote before the sounds could have ended
        if one.kind == "quitter":
            assert one.session.stamp is None and decisions.money(one.session) is None
        else:
            paid = decisions.money(one.session)
            assert paid and paid.outcome == "pay"  # whatever the scores were
    used = {one.participant_id for one in results.scores(of.campaign)}
    assert used == {one.session.participant_id for one in outcomes if one.is_used}
    found = [name for name, *_ in rehearsal.ranking(of)]
    assert found == sorted(QUALITY, key=lambda name: -QUALITY[name])
