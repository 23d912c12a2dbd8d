"""Shows a training on the terminal: time spent of the budget, loss, improvement."""

from types import TracebackType

from tqdm import tqdm

from separators.training.trainer import Report


class TrainingBar:
    """A progress bar over the minutes of the budget."""

    def __init__(self, minutes: float) -> None:
        self._budget_s = round(60 * minutes)
        self._reading: tqdm[None] | None = None
        self._bar: tqdm[None] | None = None

    def __enter__(self) -> "TrainingBar":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for bar in (self._reading, self._bar):
            if bar is not None:
                bar.close()

    def show_reading(self, done: int, total: int) -> None:
        """Note that one more recording is in memory."""
        if self._reading is None:
            self._reading = tqdm(total=total, desc="reading", unit="file")
        self._reading.update(done - self._reading.n)

    def show(self, report: Report) -> None:
        """Note one training step."""
        if self._bar is None:
            self._bar = tqdm(total=self._budget_s, desc="training", unit="s")
        self._bar.update(min(self._budget_s, int(report.seconds)) - self._bar.n)
        self._bar.set_postfix_str(
            f"step {report.steps}, {report.loss_db:.2f} dB", refresh=False
        )
        if report.improvement_db is not None:
            self._bar.write(
                f"step {report.steps}: SI-SNRi {report.improvement_db:.2f} dB"
            )
