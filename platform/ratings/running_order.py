"""The order of items, controls and repeats in one rater's session."""

from random import Random

from ratings.models import Study

ITEM, CONTROL, REPEAT = "item", "control", "repeat"
WARM_UP = 1  # items before the first control
APART = 2  # items before the first repeat, so that there is something to repeat


def draw(study: Study, *, rng: Random) -> list[str]:
    """One word per position; the same seed gives the same order.

    A control never comes first, and repeats come in the last third.
    """
    order = [ITEM] * study.items_per_session
    for _ in range(study.controls_per_session):
        order.insert(rng.randint(min(WARM_UP, len(order)), len(order)), CONTROL)
    for _ in range(study.repeats_per_session):
        first = max(2 * len(order) // 3, min(APART, len(order)))
        order.insert(rng.randint(first, len(order)), REPEAT)
    return order
