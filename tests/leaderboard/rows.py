"""Campaigns, runs, estimates and ratings for tests, written straight to the tables."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from people.models import ConsentText, Participant
from ratings.models import Assignment, Item, Rating, Session, Study
from recordings.models import Campaign, Mixture
from separation.models import Estimate, Estimator, Prediction, Run, Separator

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def make_text() -> ConsentText:
    return ConsentText.objects.get_or_create(
        sha256=digest("text"),
        defaults={"purpose": "rate", "body": "I agree.", "created_at": NOW},
    )[0]


def make_campaign(slug: str = "kitchen", **fields: Any) -> Campaign:
    return Campaign.objects.create(
        **{
            "slug": slug,
            "title": f"The {slug} campaign",
            "consent_text": make_text(),
            "created_at": NOW,
        }
        | fields
    )


def make_mixture(campaign: Campaign, slug: str = "m-1", **fields: Any) -> Mixture:
    return Mixture.objects.create(
        **{
            "campaign": campaign,
            "slug": slug,
            "kind": Mixture.Kind.SYNTHETIC,
            "original": f"originals/{slug}.flac",
            "audio": f"mixtures/{slug}.flac",
            "sha256": digest(slug),
            "sample_rate": 16000,
            "seconds": 4.0,
            "level_db": -25.0,
            "peak_db": -6.0,
            "created_at": NOW,
        }
        | fields
    )


def make_separator(name: str = "conv-tasnet", **fields: Any) -> Separator:
    return Separator.objects.create(
        **{
            "name": name,
            "title": name.replace("-", " ").title(),
            "revision": digest(name),
            "architecture": "Conv-TasNet",
            "parameters": 5_100_000,
            "sample_rate": 8000,
            "training_data": "Mixtures of read speech",
            "licence": "Apache-2.0",
            "citation": "Luo and Mesgarani, 2019",
        }
        | fields
    )


def make_estimator(name: str = "blind", **fields: Any) -> Estimator:
    revision = digest(name)
    limits = {"low_db": -10.0, "high_db": 20.0}
    return Estimator.objects.create(
        **{"name": name, "revision": revision} | limits | fields
    )


def make_run(mixture: Mixture, separator: Separator, **fields: Any) -> Run:
    return Run.objects.create(
        **{
            "mixture": mixture,
            "separator": separator,
            "separator_revision": separator.revision,
            "input_sha256": digest(mixture.slug + separator.revision),
            "state": Run.State.DONE,
            "queued_at": NOW,
            "finished_at": NOW,
            "separation_seconds": 1.0,
            "device": "cpu",
        }
        | fields
    )


def make_estimate(run: Run, source: int = 1, **fields: Any) -> Estimate:
    name = f"{run.pk}-{source}"
    return Estimate.objects.create(
        **{
            "run": run,
            "source": source,
            "audio": f"estimates/{name}.flac",
            "sha256": digest(name),
        }
        | fields
    )


def predict(
    estimate: Estimate, estimator: Estimator, si_snr_db: float, **fields: Any
) -> Prediction:
    return Prediction.objects.create(
        **{
            "estimate": estimate,
            "estimator": estimator,
            "predicted_si_snr_db": si_snr_db,
            "std_db": 2.0,
            "is_in_domain": True,
        }
        | fields
    )


def make_scored_run(
    mixture: Mixture,
    separator: Separator,
    estimator: Estimator,
    predicted: tuple[float, float],
    **fields: Any,
) -> list[Estimate]:
    """A finished run with two estimates and their predicted SI-SNR."""
    run = make_run(mixture, separator, **fields)
    estimates = [make_estimate(run, source) for source in (1, 2)]
    for estimate, si_snr_db in zip(estimates, predicted, strict=True):
        predict(estimate, estimator, si_snr_db)
    return estimates


def make_study(campaign: Campaign) -> Study:
    return Study.objects.create(
        slug=f"{campaign.slug}-overall",
        title="Overall",
        campaign=campaign,
        consent_text=make_text(),
        state=Study.State.OPEN,
        created_at=NOW,
    )


def make_rater(study: Study, name: str, *, is_simulated: bool = False) -> Session:
    participant = Participant.objects.create(
        role=Participant.Role.RATER,
        pseudonym=name,
        link_sha256=digest(name),
        is_simulated=is_simulated,
        created_at=NOW,
    )
    return Session.objects.create(study=study, participant=participant, started_at=NOW)


def rate(session: Session, scores: dict[Estimate, int]) -> None:
    """One submitted assignment of the run that these estimates belong to."""
    run = next(iter(scores)).run
    item, _ = Item.objects.get_or_create(study=session.study, run=run)
    assignment = Assignment.objects.create(
        session=session,
        item=item,
        state=Assignment.State.SUBMITTED,
        position=session.assignments.count() + 1,
        leased_at=NOW,
        lease_until=NOW + timedelta(minutes=30),
        submitted_at=NOW,
    )
    Rating.objects.bulk_create(
        Rating(assignment=assignment, estimate=estimate, score=score, created_at=NOW)
        for estimate, score in scores.items()
    )


def make_board(
    slug: str = "kitchen",
    *,
    separators: int = 2,
    mixtures: int = 5,
    is_simulated: bool = False,
    **fields: object,
) -> Campaign:
    """Separators of falling quality on a few mixtures, rated by two raters."""
    campaign, estimator = make_campaign(slug, **fields), make_estimator()
    study = make_study(campaign)
    raters = [make_rater(study, f"r-{n}", is_simulated=is_simulated) for n in (1, 2)]
    chosen = [make_mixture(campaign, f"{slug}-{n}") for n in range(mixtures)]
    for number in range(separators):
        separator = make_separator(f"separator-{number}")
        for at, mixture in enumerate(chosen):
            value = 9.0 - 4 * number + at
            estimates = make_scored_run(
                mixture, separator, estimator, (value, value + 1)
            )
            for rater in raters:
                score = 5 - (number + at) % 4
                rate(rater, dict.fromkeys(estimates, score))
    return campaign
