"""DNSMOS P.835: how a listener might rate one estimate. An opinion, not SI-SNR."""

import hashlib
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import onnxruntime
import pyloudnorm
import torch
from numpy.typing import NDArray
from torch import Tensor

from estimator import inputs
from estimator.prediction import MOS, Prediction

SAMPLE_RATE = 16_000
WINDOW = int(9.01 * SAMPLE_RATE)
HOP = SAMPLE_RATE
LOUDNESS = -30.0  # LUFS; it reacts to level, and CHiME-7 UDASE rated at this one
AXES = ("signal", "background", "overall")
# From raw outputs to opinions, highest power first; speechmos.dnsmos.get_polyfit_val
POLYNOMIALS = {
    "signal": (-0.08397278, 1.22083953, 0.0052439),
    "background": (-0.13166888, 1.60915514, -0.39604546),
    "overall": (-0.06766283, 1.11546468, 0.04602535),
}
LOW, HIGH = 1.0, 5.0
PARAMETERS = 0  # not told by the file

Samples = NDArray[np.float32]


class Dnsmos:
    """Rates every estimate alone, at one loudness; the mixture is not heard.

    Source: Reddy et al., "DNSMOS P.835", ICASSP 2022; weights of package speechmos.
    """

    name = "dnsmos"
    unit = MOS
    parameters = PARAMETERS

    def __init__(self, path: Path | None = None) -> None:
        self._content = (path or weights_path()).read_bytes()
        self.revision = hashlib.sha256(self._content).hexdigest()

    @property
    def low_db(self) -> float:
        raise ValueError(
            f"dnsmos speaks of MOS, {LOW:.0f} to {HIGH:.0f}, and has no range in dB; "
            "read `unit` and the range of `estimator.info`"
        )

    high_db = low_db

    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """Overall MOS of every estimate; `parts` holds signal and background.

        Args:
            mixtures: (batch, time), only checked.
            estimates: (batch, source, time), one source or more.
            sample_rate: Hz of both; they are resampled to 16 kHz here.

        Returns:
            Opinions of 1 to 5, unit MOS, without spread (NaN) and without curve.

        Raises:
            ValueError: as `inputs.together`.
        """
        signals = inputs.together(
            mixtures, estimates, sample_rate, wanted=SAMPLE_RATE, least=1
        )[:, 1:]
        rated = [self.opinions(_at_loudness(x)) for x in signals.flatten(0, 1).numpy()]
        figures = torch.tensor(np.array(rated)).clamp(LOW, HIGH).float()
        columns = figures.view(*signals.shape[:2], -1).unbind(-1)
        of_axis = dict(zip(AXES, columns, strict=True))
        overall = of_axis.pop("overall")
        return Prediction(
            value=overall,
            std=torch.full_like(overall, torch.nan),
            curve=overall[..., None][..., :0],
            in_domain=torch.ones_like(overall, dtype=torch.bool),
            frame_rate=1.0,
            unit=MOS,
            parts=of_axis,
        )

    def opinions(self, samples: Samples) -> NDArray[np.float64]:
        """Signal, background, overall of samples at 16 kHz, as they are, (3,).

        Windows of 9.01 s, one second apart; a shorter signal is doubled until it
        fills one, as speechmos does.
        """
        while len(samples) < WINDOW:
            samples = np.append(samples, samples)
        hops = int(np.floor(len(samples) / SAMPLE_RATE) - WINDOW / SAMPLE_RATE) + 1
        starts = [HOP * i for i in range(hops) if HOP * i + WINDOW <= len(samples)]
        raw = np.array([self._raw(samples[i : i + WINDOW]) for i in starts])
        figures = [np.polyval(POLYNOMIALS[x], raw[:, i]) for i, x in enumerate(AXES)]
        return np.mean(figures, axis=1)

    def _raw(self, window: Samples) -> NDArray[np.float32]:
        given = {"input_1": window.astype(np.float32)[None]}
        return np.asarray(self._session.run(None, given)[0])[0]

    @cached_property
    def _session(self) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        return onnxruntime.InferenceSession(
            self._content, options, providers=["CPUExecutionProvider"]
        )


def weights_path() -> Path:
    """The ONNX file inside package speechmos, which itself would need librosa.

    Raises:
        ValueError: if the package is not installed.
    """
    package = find_spec("speechmos")
    if package is None or not package.submodule_search_locations:
        raise ValueError(
            "dnsmos takes its weights from package speechmos, which is not installed; "
            "run `pip install --no-deps speechmos`"
        )
    folder = Path(package.submodule_search_locations[0])
    return folder / "dnsmos_models" / "sig_bak_ovr.onnx"


def _at_loudness(samples: Samples) -> Samples:
    found = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    if not np.isfinite(found):  # too soft for the meter's gate at any gain
        return samples
    gained = samples * 10 ** ((LOUDNESS - found) / 20)
    return np.clip(gained, -1, 1).astype(np.float32)
