"""Staff see the evidence, decide, and inspect again; commands say what is missing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from people.models import User
from recordings import inspections, verdicts
from recordings.models import Inspection, Mixture
from tests.recordings.factories import NOW, make_campaign

pytestmark = pytest.mark.django_db
REASON = "0.1 s of speech were found; at least 0.5 s are expected."


def mixture(slug: str = "m-1", **fields: object) -> Mixture:
    values: dict[str, object] = {
        "campaign": make_campaign(slug),
        "slug": slug,
        "original": "originals/x.wav",
        "audio": "mixtures/x.flac",
        "sha256": slug,
        "sample_rate": 16_000,
        "seconds": 3.0,
        "level_db": -20,
        "peak_db": -3,
        "created_at": NOW,
        **fields,
    }
    return Mixture.objects.create(**values)


def refused() -> Mixture:
    found = mixture(verdict="refuse")
    check = {"name": "speech", "value": 0.1, "unit": "s", "verdict": "refuse"}
    Inspection.objects.create(
        mixture=found,
        version="1",
        state="done",
        verdict="refuse",
        reasons=[REASON],
        checks=[{**check, "advice": REASON}],
        queued_at=NOW,
        finished_at=NOW,
    )
    return found


def staff(client: Client) -> User:
    listener = User.objects.create_superuser("listener@example.org", "word")
    client.force_login(listener)
    return listener


def act(client: Client, action: str, chosen: Mixture) -> int:
    told = {"action": action, "_selected_action": [chosen.pk]}
    address = reverse("admin:recordings_mixture_changelist")
    return client.post(address, told).status_code


def test_staff_read_value_verdict_and_reason_of_each_check(client: Client) -> None:
    staff(client)
    address = reverse("admin:recordings_mixture_change", args=[refused().pk])
    page = client.get(address).content.decode()
    assert REASON in page
    assert '<th scope="row">speech</th><td>0.1</td><td>s</td><td>refuse</td>' in page


def test_a_person_accepts_what_the_checks_refused(client: Client) -> None:
    listener, doubtful = staff(client), refused()
    assert act(client, "accept", doubtful) == 302
    doubtful.refresh_from_db()
    assert (doubtful.verdict, doubtful.decided_by) == ("accept", listener)
    verdicts.follow(doubtful.inspections.get(), now=NOW)
    doubtful.refresh_from_db()
    assert doubtful.verdict == "accept"


def test_staff_have_a_recording_inspected_again(client: Client) -> None:
    staff(client)
    doubtful = refused()
    act(client, "inspect_again", doubtful)
    waiting = Inspection.objects.claimable(now=NOW).get()
    assert (waiting.mixture, waiting.state) == (doubtful, "queued")


def test_visitors_see_no_evidence(client: Client) -> None:
    address = reverse("admin:recordings_mixture_change", args=[refused().pk])
    assert client.get(address).status_code == 302


def test_the_command_inspects_what_waits_and_says_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixture()

    def execute(pk: int) -> None:
        Inspection.objects.filter(pk=pk).update(
            state="done", verdict="refuse", reasons=[REASON]
        )

    monkeypatch.setattr(inspections, "execute", execute)
    out = StringIO()
    call_command("inspect_takes", stdout=out)
    assert out.getvalue() == f"m-1: refuse {REASON}\n"
    again = StringIO()
    call_command("inspect_takes", stdout=again)
    assert again.getvalue() == ""
    call_command("inspect_takes", "m-1", stdout=again)
    assert again.getvalue() == out.getvalue()


def test_the_command_names_recordings_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="no real recording named m-9; names are"):
        call_command("inspect_takes", "m-9")


@pytest.mark.parametrize("command", ["inspection_table", "train_voice_counter"])
def test_commands_say_what_a_folder_of_speech_needs(
    command: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="holds no manifest.csv; name a folder of"):
        call_command(command, speech=tmp_path)
