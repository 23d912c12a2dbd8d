"""What the rating page shows of one assignment: sounds under neutral names."""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.translation import gettext as _

from ratings import blind
from ratings.forms import ScoresForm, source_name
from ratings.models import Assignment


@dataclass(frozen=True)
class Sound:
    """A player, with a scale unless it is the mixture (position 0)."""

    position: int
    title: str
    address: str
    field: str = ""
    legend: str = ""
    score: int | None = None
    refusal: str = ""


def sounds(assignment: Assignment, form: ScoresForm) -> list[Sound]:
    """The mixture, then the sources in the order drawn for this rater."""
    mixture, *sources = assignment.plays.all()
    return [
        Sound(0, _("The recording"), blind.address(mixture)),
        *(_source(play.position, blind.address(play), form) for play in sources),
    ]


def _source(position: int, address: str, form: ScoresForm) -> Sound:
    field, title = f"score_{position}", source_name(position)
    given = form.data.get(field, "") if form.is_bound else ""
    return Sound(
        position,
        title,
        address,
        field=field,
        legend=format_html(
            '<span class="visually-hidden">{}: </span>{}',
            title,
            _("separation and sound quality"),
        ),
        score=int(given) if given in set("12345") else None,
        refusal=" ".join(map(str, form.errors.get(field, []))),
    )
