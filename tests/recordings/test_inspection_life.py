"""From upload to verdict: rows are the truth, whatever the broker does."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from people.models import User
from recordings import inspections, intake, verdicts
from recordings.inspection.limits import VERSION
from recordings.models import Inspection, Landmark, Mixture
from tests.recordings.factories import NOW, chirp, make_campaign, make_take, wav
from tests.recordings.factories import make_session as make_pair

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def uploaded(seed: int = 0, **campaign: Any) -> Mixture:
    """A recording in which nobody speaks."""
    pair = make_pair(make_campaign(f"campaign-{seed}", **campaign))
    take = make_take(pair)
    hiss = 0.02 * np.random.default_rng(seed).standard_normal(48_000)
    intake.accept(take, wav(chirp(gain=0.1) + hiss), {}, now=NOW)
    take.refresh_from_db()
    assert take.mixture is not None
    return take.mixture


def inspected(mixture: Mixture) -> Inspection:
    inspections.enqueue_missing(now=NOW)
    inspection = Inspection.objects.get(mixture=mixture, version=VERSION)
    inspections.execute(inspection.pk, clock=lambda: NOW + SECOND)
    inspection.refresh_from_db()
    mixture.refresh_from_db()
    return inspection


def staff() -> User:
    return User.objects.create(email="listener@example.org", is_staff=True)


def test_an_upload_waits_for_its_inspection() -> None:
    mixture = uploaded()
    assert mixture.verdict == "pending"
    assert not Mixture.objects.accepted().exists()


def test_a_recording_without_speech_is_refused_with_evidence_and_reasons() -> None:
    mixture = uploaded()
    inspection = inspected(mixture)
    assert inspection.state == "done"
    assert mixture.verdict == inspection.verdict == "refuse"
    checks = {check["name"]: check for check in inspection.checks}
    assert checks["speech"]["verdict"] == "refuse"
    assert checks["speech"]["value"] < 0.5
    assert any("of speech were found" in reason for reason in inspection.reasons)
    assert inspection.seconds is not None and inspection.seconds < 60


def test_a_mixture_is_inspected_once_per_version() -> None:
    uploaded()
    assert inspections.enqueue_missing(now=NOW) == 1
    assert inspections.enqueue_missing(now=NOW) == 0


def test_a_message_that_comes_twice_does_the_work_once() -> None:
    inspection = inspected(uploaded())
    inspections.execute(inspection.pk, clock=lambda: NOW + 9 * SECOND)
    inspection.refresh_from_db()
    assert (inspection.attempt, inspection.finished_at) == (1, NOW + SECOND)
    assert Landmark.objects.exists()


def test_synthetic_mixtures_are_accepted_by_their_origin() -> None:
    mixture = uploaded()
    Mixture.objects.update(kind=Mixture.Kind.SYNTHETIC, verdict="accept")
    assert inspections.enqueue_missing(now=NOW) == 0
    inspections.again(mixture, now=NOW)
    inspected(mixture)
    assert mixture.verdict == "accept"


def test_no_inspection_changes_what_a_person_decided() -> None:
    mixture = uploaded()
    verdicts.decide(mixture, "accept", by=staff(), now=NOW)
    inspection = inspected(mixture)
    assert (inspection.verdict, mixture.verdict) == ("refuse", "accept")


def test_a_lost_worker_is_replaced_and_after_three_a_person_listens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixture = uploaded()
    monkeypatch.setattr(inspections, "_publish", lambda ids: None)
    for attempt in range(3):
        inspections.sweep(now=NOW + attempt * timedelta(hours=1))
        pk = Inspection.objects.get().pk
        assert inspections._claim(pk, now=NOW + attempt * timedelta(hours=1))
    assert inspections._claim(pk, now=NOW + timedelta(hours=9)) is None
    assert inspections.sweep(now=NOW + timedelta(hours=9)) == 0
    mixture.refresh_from_db()
    inspection = Inspection.objects.get()
    assert (inspection.state, mixture.verdict) == ("failed", "review")
    assert inspection.reasons == [inspections.NOT_POSSIBLE]


def test_a_late_worker_writes_nothing() -> None:
    mixture = uploaded()
    inspections.enqueue_missing(now=NOW)
    pk = Inspection.objects.get().pk
    late = inspections._claim(pk, now=NOW)
    assert late is not None
    assert inspections._claim(pk, now=NOW + timedelta(hours=1)) is not None
    assert not inspections._close(late, now=NOW, state="done", verdict="accept")
    mixture.refresh_from_db()
    assert mixture.verdict == "pending"


def test_trouble_is_kept_on_the_row_and_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def burn(mixture: Mixture) -> None:
        raise OSError("the disk is on fire")

    uploaded()
    inspections.enqueue_missing(now=NOW)
    monkeypatch.setattr(inspections, "_look", burn)
    pk = Inspection.objects.get().pk
    with pytest.raises(OSError):
        inspections.execute(pk, clock=lambda: NOW)
    inspection = Inspection.objects.get()
    assert (inspection.state, inspection.announced_at) == ("queued", None)
    assert inspection.failure == "OSError: the disk is on fire"


def test_the_sweep_wakes_workers_once_and_again_when_nobody_came(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    uploaded()
    monkeypatch.setattr(inspections, "_publish", lambda ids: None)
    assert inspections.sweep(now=NOW) == 1
    assert inspections.sweep(now=NOW + SECOND) == 0
    assert inspections.sweep(now=NOW + inspections.PATIENCE + SECOND) == 1


def test_processing_refuses_only_where_the_campaign_demands_raw_sound() -> None:
    for seed, demands in ((1, True), (2, False)):
        mixture = uploaded(seed, demands_raw=demands)
        mixture.capture["processing"] = "on"
        mixture.save()
        checks = {check["name"]: check for check in inspected(mixture).checks}
        expected = "refuse" if demands else "review"
        assert checks["processing"]["verdict"] == expected


def test_the_same_sound_of_another_pair_is_found() -> None:
    first, second = uploaded(1), uploaded(1 + 1)
    inspected(first)
    second.audio = first.audio
    second.save()
    inspection = inspected(second)
    assert inspection.duplicate_of == first
    assert first.inspections.get().duplicate_of is None
