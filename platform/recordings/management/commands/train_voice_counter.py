"""`manage.py train_voice_counter`: make the network that counts voices anew."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recordings.inspection import voices


class Command(BaseCommand):
    help = "Train the counter of voices that the inspection of recordings uses."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--speech", type=Path, required=True)
        parser.add_argument("--out", type=Path, default=voices.WEIGHTS)
        parser.add_argument("--cpu-minutes", type=float, default=12.0)
        parser.add_argument("--seed", type=int, default=1)

    def handle(
        self, *, speech: Path, out: Path, cpu_minutes: float, seed: int, **options: Any
    ) -> None:
        if not (speech / "manifest.csv").exists():
            raise CommandError(
                f"{speech} holds no manifest.csv; name a folder of speech with the "
                "columns split, corpus, speaker and path."
            )
        from recordings.inspection.training import loop  # loads torch: only here

        quality = loop.train(
            speech, out, cpu_minutes=cpu_minutes, seed=seed, say=self.stdout.write
        )
        self.stdout.write(
            f"{out}: {quality.accuracy:.1%} of the frames of unseen speakers are "
            f"counted right; overlap is found with recall {quality.overlap_recall:.1%} "
            f"and precision {quality.overlap_precision:.1%}."
        )
