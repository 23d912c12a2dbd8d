"""`manage.py plan_study`: votes, intervals and cost before a study is paid for."""

from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ratings.statistics.planning import (
    VOTES_TRIED,
    Design,
    Plan,
    Spread,
    plan,
    votes_for,
    votes_for_gap,
)


class Command(BaseCommand):
    help = "Tell what a listening study of a size will show and cost."

    def add_arguments(self, parser: CommandParser) -> None:
        add = parser.add_argument
        add("--separators", type=int, required=True)
        add("--mixtures", type=int, required=True)
        add("--votes", type=int, nargs="*", default=VOTES_TRIED, help="per item")
        add("--items", type=int, default=10, help="items per session")
        add("--controls", type=int, default=3, help="controls and repeats per session")
        add("--seconds", type=float, default=6.0, help="of one mixture")
        add("--pay", type=Decimal, default=Decimal("2.00"), help="per session")
        add("--fee", type=Decimal, default=Decimal("0.20"), help="share of the pay")
        add("--half-width", type=float, help="interval wanted for each item")
        add("--gap", type=float, help="MOS difference that should show")
        for name in ("raters", "items", "rest"):
            default = getattr(Spread, name)
            add(f"--sd-{name}", type=float, default=default, help="in points")

    def handle(self, *args: Any, **options: Any) -> None:
        spread = Spread(
            *(options[f"sd_{name}"] for name in ("raters", "items", "rest"))
        )
        self.stdout.write(
            " votes  item +-  separator +-  gap   sessions  hours       cost  pay/hour"
        )
        try:
            for votes in options["votes"]:
                self.stdout.write(_line(plan(_design(options, votes), spread)))
            self._answer(options, spread)
        except ValueError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _answer(self, options: dict[str, Any], spread: Spread) -> None:
        if target := options["half_width"]:
            votes = votes_for(target, spread.of_one_item)
            told = f"{votes} votes" if votes else "more than 400 votes"
            self.stdout.write(f"An item's MOS within +-{target:g} needs {told}.")
        if gap := options["gap"]:
            votes = votes_for_gap(gap, _design(options, 1), spread)
            told = f"{votes} votes per item" if votes else "more mixtures, not votes"
            self.stdout.write(f"A gap of {gap:g} between two separators needs {told}.")


def _design(options: dict[str, Any], votes: int) -> Design:
    return Design(
        separators=options["separators"],
        mixtures=options["mixtures"],
        votes=votes,
        items_per_session=options["items"],
        controls_per_session=options["controls"],
        seconds=options["seconds"],
        pay=options["pay"],
        fee=options["fee"],
    )


def _line(found: Plan) -> str:
    def points(value: float | None) -> str:
        return "-" if value is None else f"{value:.2f}"

    return (
        f"{found.votes:6d}  {points(found.item_half_width):>7}  "
        f"{points(found.separator_half_width):>12}  {points(found.gap):>4}  "
        f"{found.sessions:8d}  {found.hours:5.0f}  {found.cost:9}  "
        f"{found.pay_per_hour:8}"
    )
