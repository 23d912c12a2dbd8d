"""The standings of a small campaign, checked by hand."""

import pytest
from pytest_django import DjangoAssertNumQueries

from leaderboard.standings import Standing, standings
from separation.models import Run
from tests.leaderboard import rows

pytestmark = pytest.mark.django_db


def by_name(found: list[Standing]) -> dict[str, Standing]:
    return {row.separator.name: row for row in found}


def test_predicted_si_snr_is_the_mean_over_mixtures_with_its_interval() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    separator = rows.make_separator()
    for number, predicted in enumerate([(2.0, 6.0), (5.0, 7.0), (8.0, 8.0)]):
        mixture = rows.make_mixture(campaign, f"m-{number}")
        rows.make_scored_run(mixture, separator, estimator, predicted)
    (row,) = standings(campaign)
    assert row.predicted is not None and row.predicted.low is not None
    assert row.predicted.mean == pytest.approx(6.0)  # of 4, 6 and 8
    assert row.predicted.low == pytest.approx(6 - 4.302653 * 2 / 3**0.5)
    assert (row.predicted.mixtures, row.predicted.estimates) == (3, 6)
    assert row.rank == 1


def test_a_predicted_si_snr_never_fills_the_measured_column() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    separator = rows.make_separator()
    real = rows.make_mixture(campaign, "real", kind="real")
    rows.make_scored_run(real, separator, estimator, (4.0, 6.0))
    (row,) = standings(campaign)
    assert row.predicted is not None
    assert row.measured is None and row.improvement is None


def test_measured_si_snr_and_its_improvement_have_their_own_columns() -> None:
    campaign, separator = rows.make_campaign(), rows.make_separator()
    run = rows.make_run(rows.make_mixture(campaign), separator)
    rows.make_estimate(run, 1, measured_si_snr_db=9.0, mixture_si_snr_db=1.0)
    rows.make_estimate(run, 2, measured_si_snr_db=7.0, mixture_si_snr_db=-1.0)
    (row,) = standings(campaign)
    assert row.predicted is None and row.rank is None
    assert row.measured is not None and row.improvement is not None
    assert (row.measured.mean, row.improvement.mean) == (8.0, 8.0)


def test_no_output_counts_as_the_floor_and_is_told() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    run = rows.make_run(rows.make_mixture(campaign), rows.make_separator())
    rows.predict(rows.make_estimate(run, 1), estimator, 10.0)
    rows.make_estimate(run, 2, is_silent=True)
    (row,) = standings(campaign)
    assert row.predicted is not None
    assert row.predicted.mean == pytest.approx((10 - 30) / 2)
    assert row.share_no_output == 0.5


def test_no_output_is_no_score_before_the_estimator_scored_anything() -> None:
    campaign = rows.make_campaign()
    rows.make_estimator()
    run = rows.make_run(rows.make_mixture(campaign), rows.make_separator())
    rows.make_estimate(run, 1, is_silent=True)
    (row,) = standings(campaign)
    assert row.predicted is None
    assert row.share_no_output == 1.0


def test_predictions_at_a_limit_of_the_estimator_are_counted() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    separator = rows.make_separator()
    for number, predicted in enumerate([(20.0, 19.99), (-10.0, 3.0)]):
        mixture = rows.make_mixture(campaign, f"m-{number}")
        rows.make_scored_run(mixture, separator, estimator, predicted)
    (row,) = standings(campaign)
    assert row.share_at_limits == 0.75


def test_an_active_separator_without_runs_is_listed_last_without_rank() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    rows.make_separator("absent")
    present = rows.make_separator("present")
    rows.make_scored_run(rows.make_mixture(campaign), present, estimator, (-9, -9))
    for worst_first in (False, True):
        found = standings(campaign, worst_first=worst_first)
        assert [row.separator.name for row in found] == ["present", "absent"]
        assert [row.rank for row in found] == [1, None]


def test_a_separator_of_three_speakers_is_not_awaited_on_mixtures_of_two() -> None:
    campaign, _ = rows.make_campaign(), rows.make_estimator()
    rows.make_separator("duo")
    rows.make_separator("trio", sources=3)
    assert set(by_name(standings(campaign))) == {"duo"}


def test_a_retired_separator_stays_where_it_ran() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    retired = rows.make_separator("retired", is_active=False)
    rows.make_separator("retired-elsewhere", is_active=False)
    rows.make_scored_run(rows.make_mixture(campaign), retired, estimator, (1, 2))
    assert set(by_name(standings(campaign))) == {"retired"}


def test_runs_of_an_earlier_revision_do_not_count() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    mixture, separator = rows.make_mixture(campaign), rows.make_separator()
    session = rows.make_rater(rows.make_study(campaign), "ann")
    old = rows.make_scored_run(
        mixture,
        separator,
        estimator,
        (1.0, 1.0),
        separator_revision="old",
        input_sha256="old",
    )
    rows.rate(session, {old[0]: 1})
    rows.make_scored_run(mixture, separator, estimator, (8.0, 8.0))
    (row,) = standings(campaign)
    assert row.predicted is not None
    assert (row.predicted.mean, row.ratings, row.mos) == (8.0, 0, None)


def test_unfinished_runs_and_other_campaigns_do_not_count() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    separator = rows.make_separator()
    elsewhere = rows.make_mixture(rows.make_campaign("elsewhere"), "other")
    rows.make_scored_run(elsewhere, separator, estimator, (1.0, 1.0))
    failed = rows.make_mixture(campaign, "m-9")
    state = Run.State.FAILED
    rows.make_scored_run(failed, separator, estimator, (1.0, 1.0), state=state)
    (row,) = standings(campaign)
    assert row.predicted is None and row.mixtures == 0


def test_mos_counts_ratings_raters_and_the_simulated_ones() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    study, separator = rows.make_study(campaign), rows.make_separator()
    mixture = rows.make_mixture(campaign)
    one, two = rows.make_scored_run(mixture, separator, estimator, (1.0, 2.0))
    rows.rate(rows.make_rater(study, "ann"), {one: 2, two: 4})
    rows.rate(rows.make_rater(study, "bot", is_simulated=True), {one: 5, two: 5})
    (row,) = standings(campaign)
    assert row.mos is not None and row.mos.low is not None
    assert row.mos.mean == pytest.approx(4.0)
    assert row.mos.low < 4.0
    assert (row.ratings, row.raters, row.simulated_ratings) == (4, 2, 2)
    assert row.is_simulated and row.is_preliminary


def test_thirty_ratings_are_no_longer_preliminary() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    study, separator = rows.make_study(campaign), rows.make_separator()
    estimates = [
        rows.make_scored_run(
            rows.make_mixture(campaign, f"m-{number}"), separator, estimator, (1, 2)
        )
        for number in range(5)
    ]
    for rater in range(3):
        session = rows.make_rater(study, f"rater-{rater}")
        for one, two in estimates:
            rows.rate(session, {one: 3, two: 4})
    (row,) = standings(campaign)
    assert row.ratings == 30
    assert not row.is_preliminary and not row.is_simulated


def test_real_time_factor_is_computing_time_over_sound() -> None:
    campaign, separator = rows.make_campaign(), rows.make_separator()
    for number, seconds in enumerate((1.0, 3.0)):
        mixture = rows.make_mixture(campaign, f"m-{number}", seconds=8.0)
        run = rows.make_run(mixture, separator, separation_seconds=seconds)
        for source in (1, 2):
            rows.make_estimate(run, source)
    (row,) = standings(campaign)
    assert row.real_time_factor == pytest.approx(4 / 16)


def test_identity_is_marked_as_an_anchor() -> None:
    for name in ("identity", "conv-tasnet"):
        rows.make_separator(name)
    found = by_name(standings(rows.make_campaign()))
    assert found["identity"].is_anchor
    assert not found["conv-tasnet"].is_anchor


def test_each_key_ranks_by_its_own_column() -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    study, mixture = rows.make_study(campaign), rows.make_mixture(campaign)
    ann = rows.make_rater(study, "ann")
    for name, predicted, score, size in (("big", 9, 2, 10), ("small", 3, 5, 1)):
        separator = rows.make_separator(name, parameters=size)
        one, two = rows.make_scored_run(
            mixture, separator, estimator, (predicted, predicted)
        )
        rows.rate(ann, {one: score, two: score})
    first = {
        key: standings(campaign, key=key)[0].separator.name
        for key in ("predicted", "mos", "parameters")
    }
    assert first == {"predicted": "big", "mos": "small", "parameters": "small"}


@pytest.mark.parametrize("separators", [1, 6])
def test_queries_do_not_grow_with_the_campaign(
    separators: int, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    campaign, estimator = rows.make_campaign(), rows.make_estimator()
    mixtures = [rows.make_mixture(campaign, f"m-{number}") for number in range(3)]
    for number in range(separators):
        separator = rows.make_separator(f"separator-{number}")
        for mixture in mixtures:
            rows.make_scored_run(mixture, separator, estimator, (1.0, 2.0))
    with django_assert_max_num_queries(5):
        assert len(standings(campaign)) == separators
