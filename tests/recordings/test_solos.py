"""Silence and each voice alone come first; they are no mixtures and earn no stamp."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recordings import audio, intake, objects, sessions, solos, steps, takes
from recordings.intake import RecordingRejected
from recordings.models import Mixture, Session, SoloTake, Stamp
from tests.recordings.factories import LEASE, NOW, chirp, make_campaign, wav

pytestmark = pytest.mark.django_db
SILENCE = wav(np.zeros(32_000))


def make_session(**fields: Any) -> Session:
    campaign = make_campaign(**{"has_solo_takes": True, **fields})
    return sessions.start(campaign, now=NOW)[0]


def following(session: Session) -> SoloTake:
    solo = solos.following(session)
    assert solo is not None
    return solo


def accept(solo: SoloTake, content: bytes) -> SoloTake:
    intake.accept_solo(solo, content, {"sound": "raw"}, now=NOW)
    solo.refresh_from_db()
    return solo


def test_silence_comes_first_then_each_voice_with_a_sentence_of_its_own() -> None:
    session = make_session()
    parts = []
    for content in (SILENCE, wav(chirp(2)), wav(chirp(3))):
        solo = following(session)
        assert following(session) == solo  # asked again, the same sentence
        parts.append(accept(solo, content))
    assert [solo.part for solo in parts] == ["silence", "speaker-1", "speaker-2"]
    assert solos.recorded(session) == {solo.part: solo for solo in parts}
    assert parts[0].prompt is None
    assert parts[1].prompt != parts[2].prompt
    assert solos.following(session) is None


def test_a_solo_take_is_kept_untouched_and_never_becomes_a_mixture() -> None:
    session = make_session()
    accept(following(session), SILENCE)
    content = wav(chirp(2, 44_100), 44_100)
    solo = accept(following(session), content)
    assert objects.read(str(solo.original)) == content
    copy = audio.decode(objects.read(str(solo.audio)))
    assert (copy.samples == audio.decode(content).samples).all()
    assert (solo.seconds, solo.sample_rate) == (2, 44_100)
    assert solo.capture["sound"] == "raw"
    assert not Mixture.objects.exists()
    assert not Stamp.objects.exists()


def test_the_same_bytes_twice_are_one_solo_take() -> None:
    solo = following(make_session())
    accept(solo, SILENCE)
    accept(solo, SILENCE)
    assert SoloTake.objects.exclude(recorded_at=None).count() == 1
    with pytest.raises(RecordingRejected, match="part is recorded already; one"):
        accept(solo, wav(chirp(2)))


def test_one_voice_cannot_stand_for_both() -> None:
    session = make_session()
    accept(following(session), SILENCE)
    accept(following(session), wav(chirp(2)))
    with pytest.raises(RecordingRejected, match="sent before for another part; each"):
        accept(following(session), wav(chirp(2)))


def test_a_silent_voice_is_refused_and_a_silent_room_is_not() -> None:
    session = make_session()
    accept(following(session), SILENCE)
    with pytest.raises(RecordingRejected, match="The recording is silent"):
        accept(following(session), wav(np.zeros(48_000)))


def test_a_solo_take_of_a_closed_campaign_is_refused() -> None:
    solo = following(make_session(title="Two voices"))
    solo.session.campaign.is_open = False
    with pytest.raises(RecordingRejected, match="campaign “Two voices” is closed"):
        accept(solo, SILENCE)


def test_a_campaign_may_do_without() -> None:
    assert solos.following(make_session(has_solo_takes=False)) is None


def test_a_session_that_began_with_mixtures_is_not_called_back() -> None:
    session = make_session()
    takes.lease(session, lease=LEASE, now=NOW)
    assert solos.following(session) is None


def test_a_step_says_how_long_its_sentence_takes_to_read() -> None:
    assert steps.reading_seconds("Go.") == 1.5
    assert steps.reading_seconds("x" * 70, "x" * 14) == 5


def test_solo_takes_are_sent_as_mixtures_are(client: Client) -> None:
    campaign = make_campaign(has_solo_takes=True)
    session, token = sessions.start(campaign, now=NOW)
    step = steps.following(session, token, now=NOW + timedelta(minutes=1))
    contents = [SILENCE, wav(chirp(2)), wav(chirp(3))]
    kinds = []
    for content in contents:
        assert step is not None
        kinds.append(step["kind"])
        told = {"sha256": sha256(content).hexdigest()}
        ticket = client.post(step["ticket"], told).json()
        file = SimpleUploadedFile("take.wav", content, "audio/wav")
        client.post(ticket["url"], {**ticket["fields"], "file": file})
        receipt = {"receipt": ticket["receipt"], "capture": json.dumps({})}
        answer = client.post(step["finish"], receipt).json()
        assert answer["stamp"] is None
        assert "answer" in client.post(step["ticket"], told).json()
        step = answer["next"]
    assert kinds == ["silence", "solo", "solo"]
    assert step is not None
    assert step["kind"] == "mixture"
    assert SoloTake.objects.filter(recorded_at=None).count() == 0


def test_a_receipt_of_a_take_is_no_receipt_of_a_solo_take(client: Client) -> None:
    session, token = sessions.start(make_campaign(has_solo_takes=True), now=NOW)
    steps.following(session, token, now=NOW)
    take = takes.lease(session, lease=LEASE, now=NOW)
    assert take is not None
    ticket = client.post(f"/record/session/{token}/{take.number}/").json()
    answer = client.post(
        f"/record/session/{token}/alone/silence/finish/",
        {"receipt": ticket["receipt"]},
    )
    assert answer.status_code == 422
    assert "belongs to another recording" in answer.json()["refusal"]


def test_a_part_that_nobody_asked_for_is_not_there(client: Client) -> None:
    _, token = sessions.start(make_campaign(has_solo_takes=True), now=NOW)
    address = f"/record/session/{token}/alone/"
    assert client.post(f"{address}speaker-1/").status_code == 404
    assert client.post(f"{address}choir/").status_code == 404
    assert client.post("/record/session/guess/alone/silence/").status_code == 404
    steps.following(Session.objects.get(), token, now=NOW)
    answer = client.post(f"{address}silence/", {"sha256": "forged"})
    assert answer.status_code == 400
