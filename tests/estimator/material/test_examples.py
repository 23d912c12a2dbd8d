"""Training examples: what they carry, that they repeat, and how even they are."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from estimator.material.examples import VERSIONS, Examples, collate, example
from estimator.material.mixer import Mixer
from estimator.material.pool import Separate, separated
from estimator.material.recordings import Recordings
from estimator.network import SIDES
from tests.estimator.synthetic import scene, voices, write_audio


def mixer(
    folder: Path, *, seconds: float = 1.5, speakers: tuple[int, ...] = (2,)
) -> Mixer:
    for number, signal in enumerate(0.1 * voices(1, 6)[0]):
        write_audio(folder / f"speaker_{number}" / "0.wav", signal)
    return Mixer(Recordings.under(folder), seconds=seconds, speakers=speakers)


def half_way(sources: int) -> Separate:
    """A "separator" that filters the mixture in two ways or more."""

    def run(mixtures: Tensor) -> Tensor:
        lags = range(1, sources + 1)
        return torch.stack([mixtures - 0.3 * k * mixtures.roll(k, -1) for k in lags], 1)

    return Separate("half", "none", "", sources, run)


def test_each_item_carries_the_si_snr_of_its_own_estimate() -> None:
    truth = scene()
    swap = truth.sources[::-1]
    clean, leaky = truth.sources, truth.sources + np.float32(0.5) * swap
    crossed = np.stack([leaky[1], clean[0]])
    found = example(truth, np.stack([clean, leaky, crossed]), truth.sources)
    assert found.si_snr_db[:2].tolist() == [30.0, 30.0]
    assert found.si_snr_db[4].item() == pytest.approx(found.si_snr_db[3].item())
    assert found.si_snr_db[5].item() == 30.0
    assert len(found.features.maps) == len(found.curve_db) == 6
    assert found.side_db.shape == (6, len(SIDES))
    leak, distortion = found.side_db[2, :2].tolist()
    assert leak == pytest.approx(found.si_snr_db[2].item(), abs=0.1)
    assert distortion > 30


def test_the_last_side_is_the_si_snr_of_the_untouched_mixture() -> None:
    truth = scene()
    untouched = np.stack([truth.mixture] * 2)
    found = example(truth, untouched[None], truth.sources)
    assert torch.allclose(found.si_snr_db, found.side_db[:, 2], atol=1e-3)


def test_an_example_depends_on_seed_and_index_alone(tmp_path: Path) -> None:
    separators = [half_way(2)]
    examples = Examples(mixer(tmp_path), seed=5, count=100, separate=separators)
    first = examples[7]
    assert not torch.equal(first.si_snr_db, examples[8].si_snr_db)
    alone, among = examples[7], examples.__getitems__([3, 6, 7, 9])[2]
    for again in (alone, among):
        assert torch.allclose(first.si_snr_db, again.si_snr_db, atol=1e-3)
        assert torch.allclose(first.features.maps, again.features.maps, atol=1e-3)
        assert torch.allclose(first.side_db, again.side_db, atol=1e-3)


def test_true_si_snr_is_even_over_the_range(tmp_path: Path) -> None:
    examples = Examples(mixer(tmp_path), seed=0, count=240)
    found = torch.cat([one.si_snr_db for one in examples]).numpy()
    counts, _ = np.histogram(found, np.arange(-10, 31, 5))
    counts[0] -= (found == -10).sum()  # what lies under the range is counted apart
    even = VERSIONS * 2 * 240 / 9
    assert (counts > 0.6 * even).all(), counts
    assert (counts < 1.5 * even).all(), counts


def test_mixtures_of_two_and_three_speakers_share_a_batch(tmp_path: Path) -> None:
    drawn = Examples(
        mixer(tmp_path, speakers=(2, 3)),
        seed=1,
        count=12,
        separate=[half_way(2), half_way(3)],
    )
    batch = collate(list(drawn))
    items = torch.bincount(batch.mixture).tolist()
    assert len(items) == 12
    assert set(items) == {2 * VERSIONS, 3 * VERSIONS}
    assert len(batch.features.maps) == len(batch.si_snr_db) == sum(items)
    assert batch.si_snr_db.isfinite().all()
    assert batch.features.maps.isfinite().all()


def test_neighbors_meet_one_separator_in_one_call(tmp_path: Path) -> None:
    sizes: list[int] = []

    def counting(mixtures: Tensor) -> Tensor:
        sizes.append(len(mixtures))
        return half_way(2).run(mixtures)

    separators = [Separate(f"s{k}", "none", "", 2, counting) for k in range(3)]
    Examples(mixer(tmp_path), 0, 100, separators).__getitems__(list(range(8)))
    assert len(sizes) == 1
    assert 2 <= sizes[0] <= 7


def test_estimates_of_a_separator_come_in_the_order_of_the_sources() -> None:
    truth = scene()

    def crossing(mixtures: Tensor) -> Tensor:
        assert mixtures.shape == (1, truth.mixture.shape[0])
        return torch.from_numpy(truth.sources[::-1].copy())[None]

    found = separated(crossing, truth.mixture[None], [truth.sources])[0]
    assert found is not None
    assert np.allclose(found, truth.sources, atol=1e-4)


def test_a_separator_that_returns_silence_gives_no_estimates() -> None:
    def mute(mixtures: Tensor) -> Tensor:
        return torch.zeros(1, 2, mixtures.shape[-1])

    truth = scene()
    assert separated(mute, truth.mixture[None], [truth.sources]) == [None]
