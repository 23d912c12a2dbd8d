"""Controls: made right, mixed in unseen, answered apart from every result."""

import io
from random import Random
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError, call_command

from ratings import (
    assignments,
    controls,
    renditions,
    results,
    running_order,
    traps,
)
from ratings.models import (
    Assignment,
    Control,
    ControlAnswer,
    ControlSound,
    Rating,
    Rendition,
    Session,
    Study,
)
from recordings import objects
from recordings.models import Mixture, Reference
from tests.ratings.factories import (
    NOW,
    done_run,
    flac,
    hear,
    later,
    leased,
    mixture,
    rater,
    study,
)

pytestmark = pytest.mark.django_db
LONG = 3.0  # seconds: enough for a spoken instruction


def controlled(**fields: Any) -> Study:
    """Two mixtures of known references, long enough for traps."""
    of = study(mixtures=0, **fields)
    for number in (1, 2):
        heard = mixture(of.campaign, number, seconds=LONG)
        done_run(heard, "alpha-net")
        done_run(heard, "beta-net")
        add_references(heard)
    return of


def add_references(to: Mixture) -> None:
    for source in (1, 2):
        audio = objects.store(
            flac(LONG, seed=50 + source), folder="references", suffix="flac"
        )
        Reference.objects.create(mixture=to, source=source, audio=audio)


def rate_all(session: Session, *, score: int = 4) -> None:
    now = NOW
    while assignment := assignments.next_for(session, now=now, rng=Random(1)):
        hear(assignment)
        now = assignment.leased_at + (later(3 * LONG) - NOW)
        assignments.submit(assignment, {1: score, 2: score}, now=now)


def test_anchors_are_the_mixture_itself_and_its_clean_references() -> None:
    of = controlled(controls_per_session=2)
    assert controls.prepare(of) == 8  # with a trap of each run
    assert controls.prepare(of) == 0  # again: they are there
    low = of.controls.filter(kind="low")[0]
    assert {one.audio for one in low.sounds.all()} == {low.audio}
    assert {(one.expected, one.tolerance) for one in low.sounds.all()} == {(1, 1)}
    high = of.controls.filter(kind="high")[0]
    clean = Reference.objects.filter(mixture__audio=high.audio)
    assert {one.audio for one in high.sounds.all()} == {str(one.audio) for one in clean}
    assert {one.expected for one in high.sounds.all()} == {5}


def test_a_trap_is_a_real_beginning_that_ends_in_an_instruction() -> None:
    whole = flac(LONG, rate=16000, level=0.05)
    made, rate = soundfile.read(
        io.BytesIO(traps.instructed(whole, score=2, seconds=LONG))
    )
    spoken, _ = soundfile.read(traps.SPOKEN / "score-2.flac")
    assert (len(made), rate) == (LONG * 16000, 16000)
    before, _ = soundfile.read(io.BytesIO(whole))
    start = slice(0, 16000)
    assert np.corrcoef(made[start], before[start])[0, 1] > 0.99
    assert np.corrcoef(made[-len(spoken) :], spoken)[0, 1] > 0.99


def test_a_clip_too_short_for_an_instruction_is_no_trap() -> None:
    with pytest.raises(ValueError, match="clip lasts 1.0 s and what is said 1.4 s"):
        traps.instructed(flac(1.0), score=1, seconds=1.0)
    of = study(mixtures=2, controls_per_session=2)  # mixtures of 2 s
    assert not of.controls.filter(kind="trap").exists()
    assert of.controls.filter(kind="low").count() == 2


def test_both_voices_of_a_trap_say_what_the_server_expects() -> None:
    of = controlled(controls_per_session=1)
    controls.prepare(of)
    for sound in ControlSound.objects.filter(control__kind="trap"):
        made, _ = soundfile.read(io.BytesIO(objects.read(sound.audio)))
        spoken = [
            soundfile.read(traps.SPOKEN / f"score-{score}.flac")[0]
            for score in range(1, 6)
        ]
        fits = [abs(np.corrcoef(made[-len(one) :], one)[0, 1]) for one in spoken]
        assert 1 + int(np.argmax(fits)) == sound.expected
        assert sound.tolerance == 0


def test_gold_is_a_run_scored_by_experts() -> None:
    of = controlled(controls_per_session=1)
    run = done_run(mixture(of.campaign, 9))
    call_command("add_controls", of.slug, f"--run={run.pk}", "--scores", "4", "2")
    gold = Control.objects.get(kind="gold")
    expected = {one.audio: one.expected for one in gold.sounds.all()}
    assert expected == {
        str(one.audio): (4, 2)[one.source - 1] for one in run.estimates.all()
    }
    with pytest.raises(CommandError, match="give each source one score from 1 to 5"):
        call_command("add_controls", of.slug, f"--run={run.pk}", "--scores", "4")


def test_no_control_is_added_once_raters_came() -> None:
    of = controlled(controls_per_session=1)
    rater(of)
    assert controls.prepare(of) == 0
    run = done_run(mixture(of.campaign, 9))
    with pytest.raises(controls.ControlRefused, match="has raters; controls are added"):
        controls.add_gold(of, run, {1: 4, 2: 2})


def test_the_order_is_drawn_by_the_seed_and_stored() -> None:
    of = study(items_per_session=9, controls_per_session=3, repeats_per_session=2)
    orders = [running_order.draw(of, rng=Random(seed)) for seed in range(40)]
    assert orders[0] == running_order.draw(of, rng=Random(0))
    assert len({tuple(order) for order in orders}) > 30
    for order in orders:
        assert (order.count("item"), order.count("control")) == (9, 3)
        assert order[0] == "item"
        assert min(at for at, what in enumerate(order) if what == "repeat") >= 8
    session, _ = assignments.enroll(of, now=NOW, rng=Random(0))
    assert session.running_order == orders[0]


def test_every_session_holds_its_controls_and_a_repeat() -> None:
    of = controlled(items_per_session=3, controls_per_session=2, repeats_per_session=1)
    controls.prepare(of)
    session = rater(of)
    rate_all(session)
    given = list(session.assignments.order_by("position"))
    kinds = [one.control.kind for one in given if one.control]
    assert len(given) == 6 and len(set(kinds)) == 2
    (again,) = [one for one in given if one.is_repeat]
    first = next(one for one in given if one.item == again.item)
    assert first.position < again.position - 1
    session.refresh_from_db()
    assert session.stamp is not None


def test_answers_to_controls_and_repeats_are_no_results() -> None:
    of = controlled(items_per_session=3, controls_per_session=2, repeats_per_session=1)
    controls.prepare(of)
    rate_all(rater(of))
    assert ControlAnswer.objects.count() == 4
    assert Rating.objects.count() == 8  # three items and one of them twice
    assert len(results.scores(of.campaign)) == 6
    filled = Assignment.objects.filter(item__isnull=False, is_repeat=False)
    assert filled.count() == 3


def test_without_controls_a_session_is_as_long_and_has_items_instead() -> None:
    of = controlled(items_per_session=3, controls_per_session=1)
    session = rater(of)
    rate_all(session)
    assert session.assignments.filter(item__isnull=False).count() == 4


def test_equal_sounds_differ_in_bytes_and_not_to_the_ear() -> None:
    of = controlled(items_per_session=1, controls_per_session=1)
    of.controls.all().delete()
    sound = (of.campaign.mixtures.all()[0]).audio
    low = Control.objects.create(study=of, kind="low", audio=str(sound), seconds=LONG)
    for source in (1, 2):
        ControlSound.objects.create(
            control=low, source=source, audio=str(sound), expected=1
        )
    session = rater(of)
    rate_one = leased(session)
    hear(rate_one)
    assignments.submit(rate_one, {1: 3, 2: 3}, now=later(9))
    shown = leased(session, now=later(10))
    assert shown.control == low
    files = [renditions.wav(play) for play in shown.plays.all()]
    assert len(set(files)) == 3 and len({len(file) for file in files}) == 1
    assert files[0] == renditions.wav(shown.plays.all()[0])  # parts fit together
    heard = [soundfile.read(io.BytesIO(file), dtype="int16")[0] for file in files]
    assert np.abs(heard[0].astype(int) - heard[1]).max() <= 2
    assert Rendition.objects.filter(source=sound).count() == 1
