"""The one table of thresholds, and what each check says when one is passed."""

from dataclasses import dataclass, replace

from recordings.inspection.evidence import Check, Verdict

SURELY = 0.5  # of the demanded overlap: under it no real overlap was read, nearly
VERSION = "1"  # higher with every change of a measure or a limit: all is seen anew


@dataclass(frozen=True)
class Limit:
    """Values inside `review_under` to `review_over` are well; None means no limit."""

    unit: str
    review_under: float | None = None
    review_over: float | None = None
    refuse_under: float | None = None
    refuse_over: float | None = None
    low: str = ""  # advice; {value}, {limit} stand for the numbers
    high: str = ""
    unknown: str = ""  # why it may not have been measured


LIMITS = {
    "speech": Limit(
        "s",
        review_under=1.0,
        refuse_under=0.5,
        low="{value:.1f} s of speech were found; at least {limit:g} s are expected. "
        "Check the microphone and speak towards it.",
    ),
    "overlap": Limit(
        "share of speech",
        review_under=0.30,
        refuse_under=0.15,
        low="Both voices were heard together in {value:.0%} of the speech; at least "
        "{limit:.0%} is expected. Start reading at the same moment.",
        unknown="No speech, so no overlap to measure.",
    ),
    "voices": Limit(
        "voices at once",
        review_under=2,
        review_over=2,
        low="{value:.0f} voice was heard at a time; two are expected. Both speakers "
        "read at the same time.",
        high="{value:.0f} voices were heard at a time; two are expected. Record where "
        "nobody else speaks.",
        unknown="No speech, so no voices to count.",
    ),
    "balance": Limit(
        "dB",
        review_over=10,
        high="One voice is {value:.0f} dB louder than the other; at most {limit:g} dB "
        "are expected. Sit at the same distance from the microphone.",
        unknown="No solo takes, and too little of the take has one voice alone.",
    ),
    "snr": Limit(
        "dB",
        review_under=10,
        low="Speech is {value:.0f} dB above the noise; at least {limit:g} dB are "
        "expected. Record in a quieter place or nearer to the microphone.",
        unknown="No silence take and no pause in which the noise could be measured.",
    ),
    "clipping": Limit(
        "share of samples",
        review_over=0.001,
        refuse_over=0.01,
        high="{value:.1%} of the recording is clipped; at most {limit:.1%} may be. "
        "Move back from the microphone or lower its gain.",
    ),
    "band": Limit(
        "Hz",
        review_under=4_600,
        low="Nothing is heard above {value:.0f} Hz; speech reaches {limit:.0f} Hz and "
        "more. A Bluetooth headset does this: use the microphone of the device.",
    ),
    "drop-outs": Limit(
        "ms",
        review_over=40,
        high="{value:.0f} ms of the recording are missing (exact zeros amid the "
        "sound). Close other programs and record again.",
    ),
    "sentences": Limit(
        "nats above shuffled",
        review_under=0.1,
        low="One of the two sentences was not recognized. Read both sentences as they "
        "are shown, aloud and in full.",
        unknown="Sentences are recognized in English only, if their words are known.",
    ),
    "enrolled": Limit(
        "dB nearer than strangers",
        review_under=0.0,
        low="One of the two voices of the solo takes was not found in this recording. "
        "Both people of the solo takes have to read.",
        unknown="No solo takes.",
    ),
    "levels": Limit(
        "dB",
        review_over=8,
        high="The recording is {value:.0f} dB away from the level of the two solo "
        "takes; at most {limit:g} dB are expected. Stay in the same places.",
        unknown="No solo takes.",
    ),
    "replay": Limit(
        "cues of 3",
        review_over=1,
        high="It sounds as if a loudspeaker was recorded. A person listens to it.",
        unknown="No speech, so no cues of a loudspeaker.",
    ),
    "duplicate": Limit(
        "share of landmarks",
        review_over=0.04,  # other recordings share less than 0.015
        high="{value:.0%} of this recording is in another one already. A person "
        "listens to both.",
    ),
}


def judge(name: str, value: float | None, limit: Limit | None = None) -> Check:
    """`value` beside the limits of its check, or those that a campaign has."""
    limit = limit or LIMITS[name]
    if value is None:
        return Check(name, None, limit.unit, Verdict.OK, limit.unknown)
    found, said, at = Verdict.OK, "", None
    if limit.refuse_under is not None and value < limit.refuse_under:
        found, said, at = Verdict.REFUSE, limit.low, limit.refuse_under
    elif limit.refuse_over is not None and value > limit.refuse_over:
        found, said, at = Verdict.REFUSE, limit.high, limit.refuse_over
    elif limit.review_under is not None and value < limit.review_under:
        found, said, at = Verdict.REVIEW, limit.low, limit.review_under
    elif limit.review_over is not None and value > limit.review_over:
        found, said, at = Verdict.REVIEW, limit.high, limit.review_over
    advice = said.format(value=value, limit=at)
    return Check(name, round(float(value), 4), limit.unit, found, advice)


def overlap(share: float | None, *, demanded: float) -> Check:
    """Overlap beside what the campaign demands, a share of the speech.

    The counter of voices reads too low in noise, at a distance and for a faint voice,
    so it refuses under half of that only; between, a person listens.
    """
    limit = replace(
        LIMITS["overlap"], review_under=demanded, refuse_under=SURELY * demanded
    )
    check = judge("overlap", share, limit)
    if check.verdict == Verdict.OK or share is None:
        return check
    said = limit.low.format(value=share, limit=demanded)
    return replace(check, advice=said)


def processing(told: str, *, demands_raw: bool) -> Check:
    """What the browser said of its voice processing: on, off or unknown."""
    is_on = told == "on"
    said = (
        "The browser's voice processing was on, and this campaign needs raw sound. "
        "Switch off noise suppression and voice isolation, or use another browser."
        if demands_raw
        else "The browser's voice processing was on; it may weaken a voice."
    )
    if is_on:
        found = Verdict.REFUSE if demands_raw else Verdict.REVIEW
    elif demands_raw and told == "unknown":
        found, said = (
            Verdict.REVIEW,
            "The browser did not say whether its voice processing was off. A person "
            "listens to it.",
        )
    else:
        found, said = Verdict.OK, ""
    return Check("processing", float(is_on), "1 = on", found, said)
