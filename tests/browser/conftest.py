"""The microphone that Chromium hears in these tests."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.browser.pair import RATE
from tests.recordings.factories import chirp


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half a minute with no two moments alike."""
    path = tmp_path_factory.mktemp("microphone") / "sweep.wav"
    noise = np.random.default_rng(0).normal(0, 0.02, 30 * RATE)
    samples = chirp(seconds=30, sample_rate=RATE) + noise
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return path
