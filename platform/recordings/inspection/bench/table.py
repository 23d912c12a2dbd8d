"""Precision and recall of each check on labelled clips, as a table to print."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from recordings.inspection import fingerprint
from recordings.inspection.bench import clips
from recordings.inspection.bench.clips import Clip
from recordings.inspection.bench.material import Material
from recordings.inspection.evidence import Report, Verdict
from recordings.inspection.examine import examine

# kinds in which the sentences are looked for
READ = {"two voices", "one voice", "one after the other", "wrong sentence"}
Landmarks = dict[int, list[tuple[int, int]]]  # hash -> (clip, frame)


@dataclass(frozen=True)
class Judged:
    clip: Clip
    report: Report
    seconds: float  # of processor time
    duration: float  # of the clip, s


def judge_clips(
    folder: Path, *, of_each: int, seed: int, half: int, say: Callable[[str], None]
) -> list[Judged]:
    """Make the clips and inspect each of them."""
    material = Material(folder, np.random.default_rng(seed), half=half)
    known, index = originals(material, of_each)
    found = []
    for clip in [*known, *others(material, known, of_each)]:
        began = time.process_time()
        own = clip.kind == known[0].kind
        share = 0.0 if own else _duplicate_share(clip, index)
        report = examine(replace(clip.take, duplicate_share=share))
        spent = time.process_time() - began
        duration = len(clip.take.samples) / clip.take.sample_rate
        found.append(Judged(clip, report, spent, duration))
        if len(found) % 50 == 0:
            say(f"{len(found)} clips")
    return found


def originals(material: Material, of_each: int) -> tuple[list[Clip], Landmarks]:
    """The good pairs, and the index of their landmarks."""
    known = [clips.pair(material) for _ in range(of_each)]
    index: Landmarks = {}
    for number, clip in enumerate(known):
        for mark, frame in fingerprint.landmarks(clip.take.samples):
            index.setdefault(mark, []).append((number, frame))
    return known, index


def others(material: Material, known: list[Clip], of_each: int) -> Iterator[Clip]:
    for kind, make in clips.MAKERS.items():
        if kind != "two voices":
            for _ in range(of_each):
                clip = make(material)
                yield clip if kind in READ else _unread(clip)
    for _ in range(of_each):
        yield _unread(clips.re_encoded(material, known))
    yield from clips.meeting(material)


def _unread(clip: Clip) -> Clip:
    """Without its sentences: looking for them takes most of the time."""
    faults = {name: fault for name, fault in clip.faults.items() if name != "sentences"}
    return replace(clip, take=replace(clip.take, sentences=[]), faults=faults)


def _duplicate_share(clip: Clip, index: Landmarks) -> float:
    mine = fingerprint.landmarks(clip.take.samples)
    others = [
        (subject, mark, frame)
        for mark in {mark for mark, _ in mine}
        for subject, frame in index.get(mark, ())
    ]
    found = fingerprint.matches(mine, others)
    return found[0].share if found else 0.0


def rows(judged: list[Judged]) -> list[dict[str, object]]:
    """Every value of every clip, to choose limits by."""
    return [
        {
            "kind": row.clip.kind,
            "overlap": row.clip.overlap,
            "difference_db": row.clip.difference_db,
            "faults": row.clip.faults,
            "values": {check.name: check.value for check in row.report.checks},
            "details": row.report.details,
            "seconds": row.seconds,
            "duration": row.duration,
        }
        for row in judged
    ]


def checks_table(judged: list[Judged]) -> str:
    """For each check: how often it is right when it speaks, how often it speaks."""
    lines = [
        "| check | clips with the fault | without | precision | recall |",
        "|---|---|---|---|---|",
    ]
    names = [check.name for check in judged[0].report.checks]
    for name in names:
        rows = [
            (row.clip.faults[name], row.report.of(name).verdict != Verdict.OK)
            for row in judged
            if name in row.clip.faults
        ]
        if not rows:
            continue
        faulty = [said for fault, said in rows if fault]
        right, spoken = sum(faulty), sum(said for _, said in rows)
        lines.append(
            f"| {name} | {len(faulty)} | {len(rows) - len(faulty)} | "
            f"{_share(right, spoken)} | {_share(right, len(faulty))} |"
        )
    return "\n".join(lines)


def verdicts_table(judged: list[Judged]) -> str:
    """What becomes of each kind of clip."""
    lines = [
        "| clips | n | accept | review | refuse | most often for |",
        "|---|---|---|---|---|---|",
    ]
    for kind in dict.fromkeys(row.clip.kind for row in judged):
        rows = [row for row in judged if row.clip.kind == kind]
        count = Counter(row.report.verdict for row in rows)
        reasons = Counter(
            check.name
            for row in rows
            for check in row.report.checks
            if check.verdict != Verdict.OK
        )
        said = ", ".join(f"{name} {times}" for name, times in reasons.most_common(3))
        numbers = " | ".join(str(count[verdict]) for verdict in Verdict)
        lines.append(f"| {kind} | {len(rows)} | {numbers} | {said} |")
    return "\n".join(lines)


def summary(judged: list[Judged]) -> str:
    """How long it takes, and how near the estimates of overlap and balance come."""
    pace = np.median(
        [row.seconds / row.duration for row in judged if row.clip.kind in READ]
    )
    overlap = [
        (row.clip.overlap, row.report.of("overlap").value)
        for row in judged
        if row.clip.overlap is not None and row.clip.kind != "three voices"
    ]
    errors = [abs(true - said) for true, said in overlap if said is not None]
    return (
        f"{len(judged)} clips; {pace:.2f} s of processor time per second of sound "
        f"(median of those with sentences); mean deviation of the overlap share "
        f"{np.mean(errors):.2f}."
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f} ({part}/{whole})" if whole else "-"
