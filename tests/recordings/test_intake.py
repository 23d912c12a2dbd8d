"""An accepted upload is stored untouched, once, and earns one stamp."""

from datetime import timedelta
from hashlib import sha256

import numpy as np
import pytest

from recordings import audio, intake, objects, takes
from recordings.intake import RecordingRejected
from recordings.models import Mixture, Stamp, Take
from tests.recordings.factories import (
    LEASE,
    NOW,
    chirp,
    make_campaign,
    make_session,
    make_take,
    wav,
)

LATER = NOW + LEASE + timedelta(minutes=1)
CONTENT = wav(chirp(3, 44_100), 44_100)
pytestmark = pytest.mark.django_db


def accept(take: Take, content: bytes = CONTENT) -> Stamp:
    return intake.accept(take, content, {"processing": "off"}, now=NOW)


def test_the_original_is_kept_byte_by_byte() -> None:
    take = make_take()
    stamp = accept(take)
    take.refresh_from_db()
    assert take.state == Take.State.RECORDED
    assert take.stamp == stamp
    assert take.mixture is not None
    assert objects.read(str(take.mixture.original)) == CONTENT
    assert take.mixture.sha256 == sha256(CONTENT).hexdigest()


def test_the_mono_copy_has_the_same_samples_at_the_same_rate() -> None:
    accept(make_take())
    mixture = Mixture.objects.get()
    copy = audio.decode(objects.read(str(mixture.audio)))
    assert copy.sample_rate == mixture.sample_rate == 44_100
    assert (copy.samples == audio.decode(CONTENT).samples).all()
    assert copy.container == "FLAC"
    assert mixture.seconds == 3
    assert mixture.level_db == pytest.approx(20 * np.log10(0.3 / 2**0.5), abs=0.02)


def test_two_channels_are_averaged_and_that_is_noted() -> None:
    stereo = np.stack([chirp(gain=0.2), chirp(gain=0.4)], axis=1)
    accept(make_take(), wav(stereo))
    mixture = Mixture.objects.get()
    copy = audio.decode(objects.read(str(mixture.audio)))
    assert np.allclose(copy.samples[:, 0], chirp(gain=0.3), atol=1e-4)
    assert mixture.capture["file"]["channels"] == 2
    assert mixture.capture["file"]["mono"] == "mean of 2 channels"
    assert mixture.capture["processing"] == "off"


def test_sending_twice_gives_the_same_stamp() -> None:
    take = make_take()
    stamp = accept(take)
    assert accept(Take.objects.get(pk=take.pk)) == stamp
    assert accept(take) == stamp  # a sender that still holds the old row
    assert Mixture.objects.count() == Stamp.objects.count() == 1


def test_another_recording_of_a_recorded_take_is_refused() -> None:
    take = make_take()
    accept(take)
    take.refresh_from_db()
    with pytest.raises(RecordingRejected, match="are recorded already; one recording"):
        accept(take, wav(chirp(4)))


def test_one_recording_pays_for_one_take() -> None:
    session = make_session()
    accept(make_take(session))
    with pytest.raises(RecordingRejected, match="sent before for other sentences"):
        accept(make_take(session))


def test_a_campaign_that_closed_meanwhile_refuses() -> None:
    take = make_take(make_session(make_campaign(title="Two voices")))
    take.session.campaign.is_open = False
    with pytest.raises(RecordingRejected, match="campaign “Two voices” is closed"):
        accept(take)


def test_a_late_recording_is_accepted_if_nobody_else_got_its_prompts() -> None:
    take = make_take()
    takes.expire(now=LATER)
    take.refresh_from_db()
    assert accept(take).subject == f"take:{take.pk}"


def test_a_late_recording_is_refused_if_its_prompts_went_to_others() -> None:
    campaign = make_campaign(prompts=2)
    take = make_take(make_session(campaign))
    make_take(make_session(campaign), now=LATER)
    take.refresh_from_db()
    with pytest.raises(RecordingRejected, match="ran out and they went to others"):
        accept(take)


def test_the_campaign_sets_the_length() -> None:
    take = make_take(make_session(make_campaign(min_seconds=5)))
    with pytest.raises(RecordingRejected, match=r"lasts 3\.0 s; .* between 5 and 20 s"):
        accept(take)


def test_a_refused_recording_leaves_no_row() -> None:
    take = make_take()
    with pytest.raises(RecordingRejected):
        accept(take, b"noise")
    take.refresh_from_db()
    assert take.state == Take.State.LEASED
    assert not Mixture.objects.exists()
    assert not Stamp.objects.exists()


def test_a_public_name_says_nothing_about_people() -> None:
    take = make_take()
    accept(take)
    mixture = Mixture.objects.get()
    assert mixture.slug.startswith("m-")
    assert take.session.participant.pseudonym not in mixture.slug
