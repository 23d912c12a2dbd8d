"""The pages of the leaderboard."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from leaderboard import export, plot, profiles
from leaderboard.agreement import reasons
from leaderboard.board import board, picture, series
from leaderboard.columns import Sort, columns
from recordings.models import Campaign
from separation.models import Separator


@require_safe
def standings(request: HttpRequest) -> HttpResponse:
    """The only campaign with mixtures, or the list of them."""
    campaigns = list(
        Campaign.objects.filter(mixtures__isnull=False).distinct().order_by("pk")
    )
    if len(campaigns) == 1:
        return redirect("leaderboard:campaign", campaigns[0].slug)
    return render(request, "leaderboard/campaigns.html", {"campaigns": campaigns})


@require_safe
def campaign(request: HttpRequest, slug: str) -> HttpResponse:
    sort = Sort.read(request.GET.get("sort", ""))
    if sort is None:
        raise Http404
    shown = board(_campaign(slug), key=sort.key, worst_first=sort.worst_first)
    numbers = series(shown)
    legend = [
        (row.separator, mark_safe(plot.marker(numbers[row.separator.pk])))
        for row in sorted(shown.standings, key=lambda row: row.separator.pk)
        if row.ratings
    ]
    context = {
        "board": shown,
        "columns": columns(sort),
        "picture": mark_safe(picture(shown)),  # its words are escaped by plot.py
        "legend": legend,
        "reasons": reasons(shown.agreement),
    }
    return render(request, "leaderboard/campaign.html", context)


@require_safe
def campaign_csv(request: HttpRequest, slug: str) -> HttpResponse:
    content = export.as_csv(board(_campaign(slug)))
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{slug}.csv"'
    return response


@require_safe
def campaign_json(request: HttpRequest, slug: str) -> HttpResponse:
    return JsonResponse(export.as_json(board(_campaign(slug))))


@require_safe
def separator(request: HttpRequest, name: str) -> HttpResponse:
    row = get_object_or_404(Separator, name=name)
    found = profiles.in_campaigns(row)
    context = {
        "separator": row,
        "campaigns": found,
        "examples": profiles.examples(row),
        "is_simulated": any(standing.is_simulated for _, standing, _ in found),
    }
    return render(request, "leaderboard/separator.html", context)


def _campaign(slug: str) -> Campaign:
    return get_object_or_404(Campaign, slug=slug)
