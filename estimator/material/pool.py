"""Real separators as training and evaluation call them."""

from collections.abc import Callable, Sequence

from torch import Tensor

from estimator.features import SAMPLE_RATE

Separate = Callable[[Tensor], Tensor]  # (batch, time) to (batch, source, time) at 8 kHz


def separators_named(names: Sequence[str]) -> dict[str, Separate]:
    """`separate` of each two-source separator.

    Raises:
        ValueError: if one does not work at the estimator's rate on two sources.
    """
    if not names:
        return {}
    import separators  # training alone needs real estimates

    found = [separators.load(name) for name in names]
    for separator in found:
        if (separator.sample_rate, separator.sources) != (SAMPLE_RATE, 2):
            raise ValueError(
                f"{separator.name} makes {separator.sources} sources at "
                f"{separator.sample_rate} Hz; training takes 2 at {SAMPLE_RATE} Hz"
            )
    return {separator.name: separator.separate for separator in found}
