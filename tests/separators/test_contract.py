"""What every separator promises, whichever it is."""

from functools import cache

import pytest
import torch
from torch import Tensor

import separators
from separators import Separator
from tests.separators.tiny import TINY, tiny_separator

SHIPPED = [name for name in separators.names() if separators.info(name).ships]
TINIES = [f"tiny {architecture}" for architecture in TINY]
EVERY = [*SHIPPED, *TINIES, *(f"{name} of three" for name in TINIES)]

every_separator = pytest.mark.parametrize("name", EVERY)


@cache
def separator_named(name: str) -> Separator:
    if name.startswith("tiny "):
        architecture = name.removeprefix("tiny ").removesuffix(" of three")
        return tiny_separator(architecture, 3 if name.endswith("of three") else 2)
    return separators.load(name)


def mixtures_of(batch: int, samples: int = 4001) -> Tensor:
    generator = torch.Generator().manual_seed(batch)
    return 0.1 * torch.randn(batch, samples, generator=generator)


def assert_close(left: Tensor, right: Tensor) -> None:
    scale = right.abs().max().item() + 1e-9
    torch.testing.assert_close(left, right, rtol=0, atol=1e-3 * scale)


@every_separator
@pytest.mark.parametrize("samples", [1, 7, 255, 3999, 4000, 4001])
def test_the_axes_are_batch_source_time_and_the_length_is_kept(
    name: str, samples: int
) -> None:
    separator = separator_named(name)
    estimates = separator.separate(mixtures_of(2, samples))
    assert estimates.shape == (2, separator.sources, samples)
    assert estimates.isfinite().all()


@every_separator
def test_silence_in_gives_silence_out(name: str) -> None:
    assert not separator_named(name).separate(torch.zeros(2, 3000)).any()


@every_separator
def test_a_silent_item_does_not_disturb_its_neighbour(name: str) -> None:
    separator, mixtures = separator_named(name), mixtures_of(2)
    alone = separator.separate(mixtures[:1])
    mixtures[1] = 0
    together = separator.separate(mixtures)
    assert_close(together[:1], alone)
    assert not together[1].any()


@every_separator
def test_the_answer_is_the_same_each_time(name: str) -> None:
    separator, mixtures = separator_named(name), mixtures_of(2)
    first = separator.separate(mixtures)
    torch.testing.assert_close(separator.separate(mixtures), first, rtol=0, atol=0)


@every_separator
def test_a_louder_mixture_gives_estimates_louder_by_the_same_gain(name: str) -> None:
    separator, mixtures = separator_named(name), mixtures_of(2)
    estimates = separator.separate(mixtures)
    assert_close(separator.separate(2 * mixtures), 2 * estimates)
    assert_close(separator.separate(1e-4 * mixtures) * 1e4, estimates)


@every_separator
def test_items_of_a_batch_do_not_touch_each_other(name: str) -> None:
    separator, mixtures = separator_named(name), mixtures_of(3)
    mixtures[1] *= 100
    together = separator.separate(mixtures)
    for item in range(3):
        alone = separator.separate(mixtures[item : item + 1])
        assert_close(together[item : item + 1], alone)


@every_separator
def test_the_mixture_is_not_modified(name: str) -> None:
    mixtures = mixtures_of(2)
    before = mixtures.clone()
    estimates = separator_named(name).separate(mixtures)
    estimates += 1
    torch.testing.assert_close(mixtures, before, rtol=0, atol=0)


@every_separator
def test_the_last_samples_are_separated_too(name: str) -> None:
    samples = 4001
    click = torch.zeros(1, samples)
    click[0, -3] = 1.0
    assert separator_named(name).separate(click)[0, :, -10:].abs().max() > 0


@every_separator
def test_one_mixture_without_a_batch_axis_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"shape \(4000,\); expected \(batch, time\)"):
        separator_named(name).separate(torch.zeros(4000))


@every_separator
def test_samples_that_are_not_finite_are_refused(name: str) -> None:
    mixtures = mixtures_of(3)
    mixtures[1, 17] = float("nan")
    with pytest.raises(ValueError, match="1 of 3 mixtures hold samples that are not"):
        separator_named(name).separate(mixtures)


@every_separator
def test_mixtures_without_samples_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="at least one sample"):
        separator_named(name).separate(torch.zeros(2, 0))


@every_separator
def test_integer_samples_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Divide 16-bit samples by 32768"):
        separator_named(name).separate(torch.zeros(1, 4000, dtype=torch.int16))
