"""Sixty raters of every kind against the site's own pages; run as a program or a test.

python -m tests.ratings.rehearsal [raters] [seed]     on a database of its own
"""

import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING
from unittest import mock

if TYPE_CHECKING:
    from django.test import Client

    from ratings.models import Assignment, Play, Session, Study

SHARES = {  # of 60 raters
    "careful": 24,
    "biased": 8,
    "noisy": 8,
    "clicker": 6,
    "always 4": 4,
    "quitter": 5,
    "sharer": 2,
    "puppet": 3,
}
QUALITY = {"delta-net": 1.7, "beta-net": 2.5, "gamma-net": 3.3, "alpha-net": 4.2}
SECONDS = 2.6
FETCH = timedelta(seconds=0.2)


@dataclass
class Rater:
    """One kind of behavior behind one private link; a sharer uses three browsers."""

    kind: str
    rng: Random
    address: str = ""
    clients: list["Client"] = field(default_factory=list)
    bias: float = 0.0
    noise: float = 0.5
    spare: float = 5.0  # seconds between the last sound's end and the vote
    refused: int = 0

    def score(self, play: "Play") -> int:
        """What this rater would click after hearing a sound."""
        if self.kind == "clicker":
            return self.rng.randint(1, 5)
        if self.kind == "always 4":
            return 4
        if play.control_sound:
            known = play.control_sound
            if known.tolerance == 0:
                return known.expected  # told by the voice
            return _whole(known.expected + self.bias / 2 + self.rng.gauss(0, 0.4))
        heard = quality_of(play) + self.bias + self.rng.gauss(0, self.noise)
        return _whole(heard)


@dataclass
class Outcome:
    """What became of a rater."""

    kind: str
    session: "Session"
    is_used: bool
    rule: str
    reason: str
    flags: list[str]
    refused: int


def quality_of(play: "Play") -> float:
    """The truth: the separator's, and how hard the mixture is."""
    assert play.estimate
    run = play.estimate.run
    hard = Random(f"mixture {run.mixture_id}").gauss(0, 0.4)
    return QUALITY[run.separator.name] + hard


def _whole(value: float) -> int:
    return min(5, max(1, round(value)))


def build(*, mixtures: int, items_per_session: int) -> "Study":
    """A study of four separators with anchors and traps."""
    from ratings import controls, studies
    from recordings import objects
    from recordings.models import Reference
    from tests.ratings.factories import done_run, flac, mixture, study

    of = study(
        mixtures=0,
        items_per_session=items_per_session,
        ratings_per_estimate=200,
        controls_per_session=3,
        repeats_per_session=1,
    )
    for number in range(1, mixtures + 1):
        heard = mixture(of.campaign, number, seconds=SECONDS)
        for name in QUALITY:
            done_run(heard, name)
        for source in (1, 2):
            clean = flac(SECONDS, seed=1000 + 2 * number + source)
            audio = objects.store(clean, folder="references", suffix="flac")
            Reference.objects.create(mixture=heard, source=source, audio=audio)
    studies.fill(of)
    assert controls.prepare(of)
    return of


def crowd(raters: int, seed: int) -> list[Rater]:
    """Kinds in their shares, in random order of arrival."""
    from django.test import Client

    kinds = [kind for kind, share in SHARES.items() for _ in range(share)]
    rng = Random(seed)
    rng.shuffle(kinds)
    found = []
    for number, kind in enumerate(kinds[:raters]):
        own = Random(f"{seed}:{number}")
        one = Rater(kind, own, address=f"192.0.2.{number}")
        one.bias = own.gauss(0, 0.25)
        if kind == "biased":
            one.bias = own.choice([-1.0, 1.0])
        if kind == "noisy":
            one.noise = 1.3
        if kind in ("clicker", "always 4"):
            one.spare = 0.4
        if kind == "puppet":
            one.address = "198.51.100.9"  # one person, one browser, several links
        one.clients = [Client() for _ in range(3 if kind == "sharer" else 1)]
        found.append(one)
    return found


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """The site's clock, for one request."""
    with mock.patch("ratings.views.now", lambda: moment):
        yield


def take_part(rater: Rater, of: "Study", *, start: datetime) -> "Session":
    """From the consent to the stamp, or until a quitter has enough."""
    from ratings import assignments

    first, now = rater.clients[0], start
    with at(now):
        link = first.post(f"/rate/{of.slug}/", {"agrees": "on"})["Location"]
    session = assignments.by_link(link.rstrip("/").rpartition("/")[2])
    assert session
    patience = 3 if rater.kind == "quitter" else 1000
    for number in range(patience):
        client = rater.clients[number % len(rater.clients)]
        address = rater.address
        if rater.kind == "sharer":
            address = f"203.0.113.{number % 3}"
        following = one_recording(rater, session, link, client, address, now=now)
        if following is None:
            break
        now = following
    session.refresh_from_db()
    return session


def one_recording(
    rater: Rater,
    session: "Session",
    link: str,
    client: "Client",
    address: str,
    *,
    now: datetime,
) -> datetime | None:
    """Open the page, fetch the sounds, vote; when the next one begins, or None."""
    with at(now):
        page = client.get(link, REMOTE_ADDR=address).content.decode()
    sounds = re.findall(r'data-address="([^"]+)"', page)
    if not sounds:
        return None
    if rater.kind == "clicker":
        rater.refused += vote(rater, session, link, client, address, now=now) != 302
    for number, sound in enumerate(sounds):
        with at(now + number * FETCH):
            assert client.get(sound, REMOTE_ADDR=address).status_code == 200
    heard = now + len(sounds) * timedelta(seconds=SECONDS) + len(sounds) * FETCH
    ended = heard + timedelta(seconds=rater.spare * rater.rng.uniform(0.6, 1.6))
    assert vote(rater, session, link, client, address, now=ended) == 302
    return ended


def vote(
    rater: Rater,
    session: "Session",
    link: str,
    client: "Client",
    address: str,
    *,
    now: datetime,
) -> int:
    """Send scores as the page would; the answer's status."""
    assignment: Assignment = session.assignments.get(state="leased")
    plays = assignment.plays.filter(position__gt=0).select_related(
        "estimate__run__separator", "control_sound"
    )
    scores = {f"score_{play.position}": rater.score(play) for play in plays}
    with at(now):
        answer = client.post(
            link, {"position": assignment.position, **scores}, REMOTE_ADDR=address
        )
    return answer.status_code


@contextmanager
def by_chance(chance: Random) -> Iterator[None]:
    """Let the server draw what it draws from this seed: one seed, one outcome."""
    with (
        mock.patch("ratings.views.SystemRandom", lambda: chance),
        mock.patch("ratings.assignments.SystemRandom", lambda: chance),
    ):
        yield


def run(
    *, raters: int, seed: int, mixtures: int, items_per_session: int
) -> tuple["Study", list[Outcome]]:
    """Everybody takes part, then the rules are applied."""
    from ratings import decisions, evidence, judging
    from tests.ratings.factories import NOW

    of = build(mixtures=mixtures, items_per_session=items_per_session)
    everybody = crowd(raters, seed)
    starts = [NOW + timedelta(minutes=3 * number) for number in range(raters)]
    with by_chance(Random(seed)):
        sessions = [
            take_part(one, of, start=start)
            for one, start in zip(everybody, starts, strict=True)
        ]
    judging.judge(of, now=NOW + timedelta(days=1))
    found = {
        one.session.pk: judging.flags(one)
        for one in evidence.gather(of, is_simulated=False)
    }
    outcomes = []
    for rater, session in zip(everybody, sessions, strict=True):
        session.refresh_from_db()
        last = decisions.data(session)
        rule, reason = (last.rule, last.reason) if last else ("", "")
        outcomes.append(
            Outcome(
                rater.kind,
                session,
                session.is_used,
                rule,
                reason,
                found[session.pk],
                rater.refused,
            )
        )
    return of, outcomes


def ranking(of: "Study") -> list[tuple[str, float, float, float]]:
    """Separators by MOS, best first, with the two-way interval."""
    from ratings import mos, results
    from separation.models import Separator

    names = dict(Separator.objects.values_list("pk", "name"))
    scores: dict[str, dict[tuple[int, int], list[int]]] = {}
    for one in results.scores(of.campaign):
        table = scores.setdefault(names[one.separator_id], {})
        table.setdefault((one.participant_id, one.mixture_id), []).append(one.score)
    rows = []
    for name, table in scores.items():
        found = mos.system_mos({at: sum(s) / len(s) for at, s in table.items()})
        rows.append((name, found.mean or 0, found.low or 0, found.high or 0))
    return sorted(rows, key=lambda row: -row[1])


def main() -> None:
    raters, seed = (int(given) for given in (sys.argv[1:] + ["60", "1"])[:2])
    import django
    from django.core.management import call_command

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    of, outcomes = run(raters=raters, seed=seed, mixtures=12, items_per_session=10)
    for kind in SHARES:
        mine = [one for one in outcomes if one.kind == kind]
        out = Counter(one.rule for one in mine if not one.is_used)
        told = ", ".join(f"{rule} {n}" for rule, n in out.items()) or "none"
        flagged = sum(bool(one.flags) for one in mine)
        paid = sum(one.session.stamp_id is not None for one in mine)
        print(
            f"{kind:10} {len(mine):3} raters, excluded: {told}; flagged {flagged}; "
            f"stamps {paid}"
        )
    for one in outcomes:
        if not one.is_used:
            print(f"  {one.kind:10} {one.rule}: {one.reason}")
    for name, mean, low, high in ranking(of):
        print(
            f"{name:10} true {QUALITY[name]:.1f}  MOS {mean:.2f} [{low:.2f} {high:.2f}]"
        )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["VAR_DIR"] = folder
        os.environ["DATABASE_URL"] = f"sqlite://{folder}/rehearsal.sqlite3"
        main()
