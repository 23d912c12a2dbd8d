"""What every estimator answers, and what it must say of itself."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, Protocol

from torch import Tensor

DB, MOS = "dB", "MOS"
NOTHING: Mapping[str, Tensor] = MappingProxyType({})


class Prediction(NamedTuple):
    """What an estimator says of each estimate, in its own unit; on the CPU.

    Figures in another unit than dB cannot be read under a name that ends in `_db`.
    """

    value: Tensor  # (batch, source), within the estimator's range
    std: Tensor  # (batch, source), standard deviation of the error; NaN if unknown
    curve: Tensor  # (batch, source, frame), the value around each frame; may be empty
    in_domain: Tensor  # (batch, source), bool: false where it never learned
    frame_rate: float  # Hz, of the curve
    unit: str = DB
    parts: Mapping[str, Tensor] = NOTHING  # further figures, (batch, source) each

    @property
    def si_snr_db(self) -> Tensor:
        """Predicted SI-SNR, (batch, source).

        Raises:
            ValueError: if the estimator does not speak of SI-SNR in dB.
        """
        return self._in_db(self.value)

    @property
    def std_db(self) -> Tensor:
        """Standard deviation of the error it expects of itself, (batch, source)."""
        return self._in_db(self.std)

    @property
    def curve_db(self) -> Tensor:
        """SI-SNR of the second around each frame, (batch, source, frame)."""
        return self._in_db(self.curve)

    def _in_db(self, figures: Tensor) -> Tensor:
        if self.unit != DB:
            raise ValueError(
                f"these figures are {self.unit}, not SI-SNR in dB; read `value` and "
                "keep them in a column of their own"
            )
        return figures


class Estimator(Protocol):
    """Judges estimates without references; `estimator.load` gives one."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str:
        """Changes whenever its figures may."""

    @property
    def unit(self) -> str:
        """`dB` for SI-SNR, `MOS` for an opinion of 1 to 5."""

    @property
    def parameters(self) -> int: ...

    @property
    def low_db(self) -> float:
        """The least it can say; raises ValueError where the unit is not dB."""

    @property
    def high_db(self) -> float: ...

    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """(batch, time), (batch, source, time), Hz in; one figure per estimate out.

        Raises:
            ValueError: if the shapes do not fit, or a signal is too short, silent or
                not finite.
        """
