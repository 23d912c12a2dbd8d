"""The figures of the front page."""

from ratings.models import Rating
from recordings.models import Mixture
from separation.models import Run, Separator


def figures() -> dict[str, object]:
    ratings = Rating.objects.all()
    simulated = ratings.filter(assignment__session__participant__is_simulated=True)
    return {
        "mixtures": Mixture.objects.count(),
        "separators": Separator.objects.filter(is_active=True).count(),
        "runs_done": Run.objects.filter(state=Run.State.DONE).count(),
        "ratings": ratings.count(),
        "simulated_ratings": simulated.count(),
    }
