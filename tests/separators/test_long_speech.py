"""Long recordings of real speech through the shipped separators; memory stays flat."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

import separators
from separators.benchmark.memory import PeakMemory
from separators.long import Cut, separate_long
from separators.network_separator import NetworkSeparator
from separators.source_order import best_order
from separators.training.pairing import si_snr
from separators.training.speech import SpeechPool, load_speech
from tests.separators.tiny import tiny_separator

SPEECH = Path(__file__).resolve().parents[3] / "shared" / "speech" / "dev"
RATE = 8000


def talk(pool: SpeechPool, speaker: int, seconds: float) -> Tensor:
    """One clip of a speaker after the other, all equally loud."""
    clips = [clip.astype(np.float32) for clip in pool.clips[speaker]]
    equal = [0.05 * clip / np.sqrt((clip**2).mean()) for clip in clips]
    whole = np.concatenate(equal)
    return torch.from_numpy(np.resize(whole, round(seconds * RATE)))


@pytest.mark.speech
@pytest.mark.parametrize("name", ["convtasnet-small", "mask-lstm"])
def test_speech_cut_into_chunks_is_separated_as_well_as_at_once(name: str) -> None:
    pool = load_speech(SPEECH, RATE)
    sources = torch.stack([talk(pool, 0, 65), talk(pool, len(pool.speakers) - 1, 65)])
    mixture = sources.sum(0)
    separator = separators.load(name)
    assert isinstance(separator, NetworkSeparator)
    whole = separator.separate_whole(mixture[None])[0]
    cut = separator.separate(mixture[None])[0]
    order, _ = best_order(whole, cut)
    assert si_snr(estimates=cut[order], references=whole).min() > 15
    gains = []
    for estimates in (whole, cut):
        order, _ = best_order(sources, estimates)
        gains.append(si_snr(estimates=estimates[order], references=sources))
    assert (gains[1] - gains[0]).min() > -0.3


def test_memory_does_not_grow_with_the_recording() -> None:
    separator = tiny_separator("conv-tasnet")
    cut = Cut(whole_s=3, chunk_s=2, overlap_s=0.5)

    def growth(seconds: int) -> float:
        def blocks() -> Iterator[Tensor]:
            generator = torch.Generator().manual_seed(0)
            for _ in range(seconds):
                yield torch.randn(RATE, generator=generator)

        peak = PeakMemory(torch.device("cpu"))
        for piece in separate_long(separator, blocks(), cut=cut):
            del piece
        return peak.growth_mib()

    growth(20)  # what is set up once
    two_sources_mib = 2 * 4 * RATE * 400 / 2**20
    assert growth(400) < 0.5 * two_sources_mib
