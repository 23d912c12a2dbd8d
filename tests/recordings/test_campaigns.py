"""Staff write campaigns: consent text, sentences; mixtures and stamps they only see."""

import pytest
from django.test import Client
from django.urls import reverse

from people.models import ConsentText, User
from recordings import campaigns, intake
from recordings.models import Campaign, Mixture
from tests.recordings.factories import NOW, chirp, make_campaign, make_take, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ann@example.org", "long enough"))
    return client


def fields(**changed: str) -> dict[str, str]:
    return {
        "slug": "kitchen",
        "title": "Kitchen talk",
        "language": "en",
        "takes_per_session": "5",
        "min_seconds": "1.5",
        "min_overlap": "0.3",
        "max_seconds": "20",
        "is_open": "on",
        "consent_body": "You may keep what we say.",
        "new_prompts": "The kettle sings.\n\n  Rain   falls. \nThe kettle sings.",
        **changed,
    }


def test_staff_open_a_campaign_with_text_and_sentences(staff: Client) -> None:
    assert (
        staff.post(reverse("admin:recordings_campaign_add"), fields()).status_code
        == 302
    )
    campaign = Campaign.objects.get()
    assert campaign.consent_text.body == "You may keep what we say."
    prompts = set(campaign.prompts.values_list("text", flat=True))
    assert prompts == {"The kettle sings.", "Rain falls."}
    assert "Kitchen talk" in staff.get("/record/").content.decode()


def test_changed_words_are_a_new_version_of_the_text(staff: Client) -> None:
    staff.post(reverse("admin:recordings_campaign_add"), fields())
    campaign = Campaign.objects.get()
    old, made = campaign.consent_text, campaign.created_at
    page = reverse("admin:recordings_campaign_change", args=[campaign.pk])
    assert "You may keep what we say." in staff.get(page).content.decode()
    staff.post(page, fields(consent_body="You may keep and share it."))
    campaign.refresh_from_db()
    assert campaign.consent_text.body == "You may keep and share it."
    assert campaign.created_at == made
    assert ConsentText.objects.filter(pk=old.pk, body=old.body).exists()
    assert campaign.prompts.count() == 2


def test_a_sentence_too_long_to_read_is_refused(staff: Client) -> None:
    long = "Short one.\n" + "word " * 70
    page = staff.post(
        reverse("admin:recordings_campaign_add"), fields(new_prompts=long)
    )
    assert (
        "Line 2 has 349 characters; a sentence has at most 300" in page.content.decode()
    )
    with pytest.raises(ValueError, match="Put one sentence on each line"):
        campaigns.sentences(long)


def test_staff_see_what_work_made_and_write_none_of_it(staff: Client) -> None:
    take = make_take()
    stamp = intake.accept(take, wav(chirp()), {"processing": "off"}, now=NOW)
    for model in ("prompt", "mixture", "take", "stamp"):
        assert (
            staff.get(reverse(f"admin:recordings_{model}_changelist")).status_code
            == 200
        )
    for model in ("mixture", "take", "stamp"):
        assert staff.get(reverse(f"admin:recordings_{model}_add")).status_code == 403
    page = reverse("admin:recordings_mixture_change", args=[Mixture.objects.get().pk])
    assert "/objects/" in staff.get(page).content.decode()
    listed = staff.get(reverse("admin:recordings_stamp_changelist")).content.decode()
    assert stamp.code in listed


def test_prompts_that_are_there_stay(staff: Client) -> None:
    campaign = make_campaign(prompts=2)
    text = campaign.prompts.first()
    assert campaigns.add_prompts(campaign, f"{text}\nA new one.") == 1
    assert campaign.prompts.count() == 3
