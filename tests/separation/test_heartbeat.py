"""The heartbeat: beats while there is work, stops at once, survives the database."""

from threading import Event

from django.db import OperationalError

from separation.heartbeat import beating

SOON = 0.001  # seconds between beats
LONG = 10  # seconds: never reached


def test_it_beats_until_the_work_ends() -> None:
    thrice, beats = Event(), []

    def beat() -> bool:
        beats.append(1)
        if len(beats) >= 3:
            thrice.set()
        return True

    with beating(beat, every=SOON) as lost:
        assert thrice.wait(LONG)
        assert not lost.is_set()
    counted = len(beats)
    assert not Event().wait(20 * SOON)
    assert len(beats) == counted


def test_a_lost_lease_is_told_and_beaten_no_more() -> None:
    beats = []

    def beat() -> bool:
        beats.append(1)
        return False

    with beating(beat, every=SOON) as lost:
        assert lost.wait(LONG)
        Event().wait(20 * SOON)
    assert len(beats) == 1


def test_a_database_out_of_reach_is_asked_again() -> None:
    answered, answers = Event(), iter([OperationalError("database is locked"), True])

    def beat() -> bool:
        answer = next(answers, True)
        if isinstance(answer, Exception):
            raise answer
        answered.set()
        return True

    with beating(beat, every=SOON) as lost:
        assert answered.wait(LONG)
    assert not lost.is_set()


def test_work_that_ends_early_does_not_wait_for_the_next_beat() -> None:
    with beating(lambda: True, every=LONG):
        pass  # would hang for LONG
