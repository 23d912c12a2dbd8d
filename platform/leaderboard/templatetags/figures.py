"""How numbers are written: a true minus, a dash for a blank."""

from django import template

register = template.Library()
BLANK = "–"


@register.filter
def number(value: float | str | None, digits: int = 1) -> str:
    """1234.5 as "1,234.5", -0.04 as "0.0", nothing as a dash."""
    if value is None or isinstance(value, str):  # Django's "" for what is not there
        return BLANK
    rounded = round(value, digits) + 0.0  # no minus before zero
    return f"{rounded:,.{digits}f}".replace("-", "\N{MINUS SIGN}")


@register.filter
def percent(share: float | None) -> str:
    """A share as whole percent, but never 0 % for a few nor 100 % for almost all."""
    if share is None:
        return BLANK
    if 0 < share < 0.01:
        return "<1\N{NO-BREAK SPACE}%"
    if 0.99 < share < 1:
        return ">99\N{NO-BREAK SPACE}%"
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


@register.filter
def factor(value: float | None) -> str:
    """A real-time factor; below a thousandth nobody asks."""
    if value is not None and 0 < value < 0.001:
        return "<0.001"
    return number(value, 3)


@register.filter
def large(count: int) -> str:
    """5100000 as "5.1 M"."""
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if count >= limit:
            return f"{count / limit:.1f}\N{NO-BREAK SPACE}{unit}"
    return str(count)
