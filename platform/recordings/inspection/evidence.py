"""One check of a recording: a number, what it means, what to do about it."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Of one check; of a whole recording, where `ok` reads "accept"."""

    OK = "ok"
    REVIEW = "review"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Check:
    """What staff and contributors may read; `value` is None if it was not measured."""

    name: str
    value: float | None
    unit: str
    verdict: Verdict
    advice: str  # plain words; empty if there is nothing to do or know

    def as_row(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True)
class Report:
    """All checks of a recording, by one version of them."""

    version: str
    checks: list[Check]
    details: dict[str, object]  # numbers behind the checks, for staff

    @property
    def verdict(self) -> Verdict:
        """The worst of the checks."""
        order = list(Verdict)
        return max((check.verdict for check in self.checks), key=order.index)

    @property
    def reasons(self) -> list[str]:
        """The advice of the checks that stand in the way, the worst first."""
        found = [check for check in self.checks if check.verdict != Verdict.OK]
        worst_first = sorted(found, key=lambda check: check.verdict == Verdict.REVIEW)
        return [check.advice for check in worst_first]

    def of(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)
