"""Raters who arrive at the same instant; run as a program on any database."""

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import django

T = TypeVar("T")
RACERS = 12


def together(act: Callable[[T], str], on: Iterable[T]) -> list[str]:
    """Do `act` in one thread each, all starting at once."""
    from django.db import connection

    start = Barrier(RACERS)

    def run(one: T) -> str:
        start.wait()
        try:
            return act(one)
        finally:
            connection.close()

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, on))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from ratings import assignments
    from ratings.models import Assignment, Rating
    from tests.ratings.factories import hear, later, leased, rater, study

    of = study(mixtures=4, separators=3, ratings_per_estimate=1)
    raters = [rater(of) for _ in range(RACERS)]
    items = together(lambda session: str(leased(session).item_id), raters)

    contested = Assignment.objects.all()[0]
    hear(contested)

    def submit(score: int) -> str:
        scores = {1: score, 2: score}
        try:
            assignments.submit(contested, scores, now=later(60))
        except assignments.AlreadySubmitted:
            return "already"
        return "taken"

    answers = together(submit, [1 + number % 5 for number in range(RACERS)])
    print(
        json.dumps(
            {
                "items": len(set(items)),
                "answers": Counter(answers),
                "ratings": Rating.objects.count(),
            }
        )
    )


if __name__ == "__main__":
    main()
