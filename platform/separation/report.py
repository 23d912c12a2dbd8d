"""What staff see of one run: sounds, scores over time, provenance."""

from dataclasses import dataclass

from recordings import objects
from separation.models import Estimate, Prediction, Run

WIDTH, HEIGHT = 400, 120  # of a curve, in units of its view box
TICKS_DB = range(-20, 41, 10)


@dataclass(frozen=True)
class Tick:
    label: str
    y: float


@dataclass(frozen=True)
class Curve:
    """A predicted SI-SNR over time, ready to be drawn."""

    points: str  # of an SVG polyline
    seconds: float
    ticks: list[Tick]


@dataclass(frozen=True)
class Predicted:
    prediction: Prediction
    curve: Curve | None


@dataclass(frozen=True)
class Source:
    estimate: Estimate
    url: str
    predicted: list[Predicted]
    improvement_db: float | None  # measured, above the untouched mixture


@dataclass(frozen=True)
class Report:
    run: Run
    mixture_url: str
    sources: list[Source]
    real_time_factor: float | None  # seconds of work per second of sound


def of(run: Run) -> Report:
    estimates = run.estimates.prefetch_related("predictions__estimator")
    seconds = run.separation_seconds
    return Report(
        run=run,
        mixture_url=objects.signed_url(str(run.mixture.audio.name)),
        sources=[_source(estimate) for estimate in estimates],
        real_time_factor=None if seconds is None else seconds / run.mixture.seconds,
    )


def _source(estimate: Estimate) -> Source:
    measured, before = estimate.measured_si_snr_db, estimate.mixture_si_snr_db
    gain = None if measured is None or before is None else measured - before
    return Source(
        estimate=estimate,
        url=objects.signed_url(str(estimate.audio.name)),
        predicted=[
            Predicted(prediction, curve(prediction))
            for prediction in estimate.predictions.all()
        ],
        improvement_db=gain,
    )


def curve(prediction: Prediction) -> Curve | None:
    """The curve within the range that its estimator can predict; None without one."""
    values = prediction.curve_db
    if len(values) < 2:
        return None
    low, high = prediction.estimator.low_db, prediction.estimator.high_db

    def y(value: float) -> float:
        inside = min(max(value, low), high)
        return round(HEIGHT * (high - inside) / (high - low), 1)

    step = WIDTH / (len(values) - 1)
    points = " ".join(
        f"{round(step * frame, 1):g},{y(value):g}" for frame, value in enumerate(values)
    )
    ticks = [
        Tick(f"{tick}".replace("-", "\N{MINUS SIGN}"), y(tick))
        for tick in TICKS_DB
        if low <= tick <= high
    ]
    return Curve(points, len(values) / prediction.curve_rate, ticks)
