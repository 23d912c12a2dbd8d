"""Writing a campaign: its consent text and its prompts."""

from datetime import datetime

from people import consent
from people.models import ConsentText
from recordings.models import Campaign, Prompt

MAX_LENGTH = 300  # characters of one sentence, as in Prompt


def sentences(text: str) -> list[str]:
    """The sentences of `text`, one per line; each once, blanks made even.

    Raises:
        ValueError: if a line is longer than a prompt may be.
    """
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LENGTH:
            raise ValueError(
                f"Line {number} has {len(line)} characters; a sentence has at most "
                f"{MAX_LENGTH}. Put one sentence on each line."
            )
    return list(dict.fromkeys(filter(None, lines)))


def add_prompts(campaign: Campaign, text: str) -> int:
    """Add the sentences that the campaign lacks; returns how many that were."""
    known = set(campaign.prompts.values_list("text", flat=True))
    new = [line for line in sentences(text) if line not in known]
    Prompt.objects.bulk_create(Prompt(campaign=campaign, text=line) for line in new)
    return len(new)


def consent_text(body: str, *, language: str, now: datetime) -> ConsentText:
    """The version of these words; those who agreed to others keep theirs."""
    purpose = ConsentText.Purpose.RECORD
    return consent.current(purpose, body=body, language=language, now=now)
