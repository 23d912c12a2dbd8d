"""Loading synthesized mixtures with their references from a manifest."""

import csv
from datetime import datetime
from pathlib import Path

from django.db import transaction

from recordings import audio, objects
from recordings.models import Campaign, Mixture, Prompt, Reference

COLUMNS = ("id", "mixture", "reference_1", "reference_2", "prompt_1", "prompt_2")


def load(manifest: Path, campaign: Campaign, *, now: datetime) -> int:
    """Store each mixture of the manifest with its references and prompts.

    What is there already stays as it is, so it may be called again.
    Returns how many mixtures were new.
    """
    with manifest.open(newline="") as file:
        rows = list(csv.DictReader(file))
    missing = [name for name in COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise ValueError(
            f"{manifest} lacks the columns {', '.join(missing)}; it needs "
            f"{', '.join(COLUMNS)}. Make it with config/demo/make_mixtures.py."
        )
    known = set(campaign.mixtures.values_list("slug", flat=True))
    new = [row for row in rows if row["id"] not in known]
    for row in new:
        _load(manifest.parent, row, campaign, now=now)
    return len(new)


@transaction.atomic
def _load(
    folder: Path, row: dict[str, str], campaign: Campaign, *, now: datetime
) -> None:
    content = (folder / row["mixture"]).read_bytes()
    sound = audio.decode(content)
    measures = audio.measure(sound.mono())
    name = objects.store(content, folder="mixtures", suffix="flac")
    mixture = Mixture.objects.create(
        campaign=campaign,
        slug=row["id"],
        kind=Mixture.Kind.SYNTHETIC,
        original=name,
        audio=name,
        sha256=objects.digest_of(name),
        sample_rate=sound.sample_rate,
        seconds=sound.seconds,
        level_db=measures.level_db,
        peak_db=measures.peak_db,
        capture={"synthesized": True},
        created_at=now,
        verdict=Mixture.Verdict.ACCEPT,  # we made it ourselves
    )
    for source in (1, 2):
        prompt = row[f"prompt_{source}"]
        Prompt.objects.get_or_create(campaign=campaign, text=prompt)
        reference = (folder / row[f"reference_{source}"]).read_bytes()
        Reference.objects.create(
            mixture=mixture,
            source=source,
            audio=objects.store(reference, folder="references", suffix="flac"),
            prompt=prompt,
        )
