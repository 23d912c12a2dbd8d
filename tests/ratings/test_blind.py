"""Nothing that reaches a rater tells which separator, run or estimate is heard."""

import io
import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
import soundfile
from django.test import Client

from ratings import controls
from ratings.models import (
    Assignment,
    ControlSound,
    Play,
    Rendition,
    Study,
)
from separation.models import Estimate, Separator
from tests.ratings.factories import later, leased, rater, study
from tests.ratings.test_controls import controlled
from tests.ratings.test_pages import agree, hear_all

pytestmark = pytest.mark.django_db


@dataclass
class Heard:
    """A rater's page and the answers to its three sounds."""

    page: Any
    addresses: list[str]
    sounds: list[Any]


def heard(client: Client, of: Study) -> Heard:
    return look(client, agree(client, of))


def look(client: Client, address: str) -> Heard:
    page = client.get(address)
    addresses = re.findall(r'data-address="([^"]+)"', page.content.decode())
    return Heard(page, addresses, [client.get(address) for address in addresses])


def test_pages_and_headers_name_no_separator_estimate_or_file(client: Client) -> None:
    found = heard(client, study())
    told = found.page.content.decode() + str(dict(found.page.headers))
    told += "".join(str(dict(sound.headers)) for sound in found.sounds)
    for separator in Separator.objects.all():
        assert separator.name not in told and separator.title not in told
    for estimate in Estimate.objects.select_related("run__mixture"):
        assert estimate.sha256 not in told
        assert str(estimate.audio) not in told
        assert estimate.run.mixture.slug not in told
    assert not re.search(r"estimate|separator[-_]|run[-_ ]?id", told, re.IGNORECASE)


def test_addresses_hold_no_database_id(client: Client) -> None:
    found = heard(client, study())
    assert len(found.addresses) == 3
    for address in found.addresses:
        key = address.split("/")[3].split(":")[0]
        assert Play.objects.get(key=key) and len(key) >= 22


def test_all_sounds_look_alike(client: Client) -> None:
    found = heard(client, study())
    headers = [
        {name: value for name, value in sound.headers.items() if name != "Date"}
        for sound in found.sounds
    ]
    assert headers[0] == headers[1] == headers[2]
    assert headers[0]["Content-Type"] == "audio/wav"
    assert "no-store" in headers[0]["Cache-Control"]
    assert not {"ETag", "Last-Modified", "Content-Disposition"} & set(headers[0])
    sizes = {len(sound.content) for sound in found.sounds}
    assert len(sizes) == 1
    heads = {sound.content[:44] for sound in found.sounds}
    assert len(heads) == 1  # the same WAV header, and no metadata
    kinds = {soundfile.info(io.BytesIO(s.content)).subtype for s in found.sounds}
    assert kinds == {"PCM_16"}


def test_a_sound_is_noted_as_served_once(client: Client) -> None:
    found = heard(client, study())
    first = list(Play.objects.values_list("served_at", flat=True))
    assert all(first)
    client.get(found.addresses[0])
    assert list(Play.objects.values_list("served_at", flat=True)) == first


def test_a_part_of_a_sound_can_be_asked_for(client: Client) -> None:
    found = heard(client, study())
    part = client.get(found.addresses[1], headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == found.sounds[1].content[100:200]
    assert part["Content-Range"] == f"bytes 100-199/{len(found.sounds[1].content)}"


def test_an_address_is_of_no_use_in_another_browser(client: Client) -> None:
    found = heard(client, study())
    assert Client().get(found.addresses[0]).status_code == 404


def test_an_old_address_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = heard(client, study())
    in_eleven_minutes = time.time() + 660
    monkeypatch.setattr("django.core.signing.time.time", lambda: in_eleven_minutes)
    assert client.get(found.addresses[0]).status_code == 404


def test_a_forged_address_is_refused(client: Client) -> None:
    found = heard(client, study())
    forged = found.addresses[0][:-3] + "xx/"
    assert client.get(forged).status_code == 404


def test_sounds_are_gone_after_the_scores_were_sent(client: Client) -> None:
    found = heard(client, study())
    Assignment.objects.update(state=Assignment.State.SUBMITTED)
    assert client.get(found.addresses[0]).status_code == 404


def test_two_raters_never_share_an_address() -> None:
    of = study(mixtures=1, separators=1)
    first, second = leased(rater(of)), leased(rater(of), now=later(1))
    assert first.item == second.item
    keys = [play.key for one in (first, second) for play in one.plays.all()]
    assert len(set(keys)) == 6


def test_a_control_looks_like_an_item_in_every_byte_but_the_sound(
    client: Client,
) -> None:
    of = controlled(items_per_session=1, controls_per_session=1)
    assert controls.prepare(of)
    address = agree(client, of)
    first = look(client, address)
    hear_all()
    client.post(address, {"position": "1", "score_1": "3", "score_2": "3"})
    second = look(client, address)
    shown = Assignment.objects.get(position=2)
    assert shown.control
    assert skeleton(first) == skeleton(second)
    told = second.page.content.decode() + str(dict(second.page.headers))
    told += "".join(str(dict(sound.headers)) for sound in second.sounds)
    for kind in ("trap", "gold", "anchor", "expected", "repeat"):
        assert not re.search(rf"\b{kind}\b", told, re.IGNORECASE), kind
    for sound in ControlSound.objects.all():
        assert sound.audio not in told
    assert len({sound.content for sound in second.sounds}) == 3
    sizes = [{len(sound.content) for sound in one.sounds} for one in (first, second)]
    assert sizes[0] == sizes[1] and len(sizes[0]) == 1


def skeleton(of: Heard) -> str:
    """The page without what differs for every recording: keys, place, secrets."""
    page = re.sub(r"/rate/audio/[^\"]+", "ADDRESS", of.page.content.decode())
    page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "TOKEN", page)
    page = re.sub(r"\b[12] of 2\b|Rate [12]\b", "PLACE", page)
    page = re.sub(r'data-item="[^"]+"|name="position" value="\d"', "PLACE", page)
    page = re.sub(r'value="[01]"(?=></progress>)|<details[^>]*>', "", page)
    return re.sub(r"\s+", " ", page)


def test_sounds_are_as_quick_to_fetch_for_a_control_as_for_an_item(
    client: Client,
) -> None:
    """Every copy is made before the page is sent, so fetching only reads it."""
    of = controlled(items_per_session=1, controls_per_session=1)
    controls.prepare(of)
    client.get(agree(client, of))
    shown = Assignment.objects.get()
    made = set(Rendition.objects.values_list("source", flat=True))
    assert {play.audio for play in shown.plays.all()} <= made
