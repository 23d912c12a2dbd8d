"""What a number becomes: ok, review or refuse, with words a contributor can act on."""

import pytest

from recordings.inspection import limits
from recordings.inspection.evidence import Check, Report, Verdict

OK, REVIEW, REFUSE = Verdict


@pytest.mark.parametrize(
    ("name", "value", "verdict", "words"),
    [
        ("clipping", 0.0, OK, ""),
        ("clipping", 0.005, REVIEW, "0.5% of the recording is clipped"),
        ("clipping", 0.02, REFUSE, "Move back from the microphone"),
        ("speech", 0.1, REFUSE, "0.1 s of speech were found"),
        ("speech", 0.8, REVIEW, "speak towards it"),
        ("snr", 3.0, REVIEW, "Record in a quieter place"),
        ("band", 3_900.0, REVIEW, "Nothing is heard above 3900 Hz"),
        ("drop-outs", 200.0, REVIEW, "200 ms of the recording are missing"),
        ("balance", 15.0, REVIEW, "One voice is 15 dB louder"),
        ("replay", 3.0, REVIEW, "as if a loudspeaker was recorded"),
        ("duplicate", 0.5, REVIEW, "50% of this recording is in another one"),
        ("voices", 1.0, REVIEW, "1 voice was heard at a time; two are expected"),
        ("voices", 3.0, REVIEW, "3 voices were heard at a time; two are expected"),
        ("snr", None, OK, "no pause in which the noise could be measured"),
    ],
)
def test_each_limit_says_what_was_found_and_what_to_do(
    name: str, value: float | None, verdict: Verdict, words: str
) -> None:
    check = limits.judge(name, value)
    assert check.verdict == verdict
    assert words in check.advice and bool(words) == bool(check.advice)


@pytest.mark.parametrize(
    ("share", "demanded", "verdict"),
    [(0.05, 0.3, REFUSE), (0.2, 0.3, REVIEW), (0.35, 0.3, OK), (0.35, 0.8, REFUSE)],
)
def test_a_campaign_says_how_much_overlap_it_wants(
    share: float, demanded: float, verdict: Verdict
) -> None:
    check = limits.overlap(share, demanded=demanded)
    assert check.verdict == verdict
    if verdict != OK:
        assert f"in {share:.0%} of the speech; at least {demanded:.0%}" in check.advice


def test_only_four_things_refuse_a_recording() -> None:
    hard = {
        name
        for name, limit in limits.LIMITS.items()
        if (limit.refuse_under, limit.refuse_over) != (None, None)
    }
    assert hard == {"speech", "clipping", "overlap"}  # and processing, if raw is asked


@pytest.mark.parametrize(
    ("told", "demands_raw", "verdict"),
    [
        ("on", True, REFUSE),
        ("on", False, REVIEW),
        ("unknown", True, REVIEW),
        ("unknown", False, OK),
        ("off", True, OK),
    ],
)
def test_voice_processing_is_refused_only_if_raw_sound_is_demanded(
    told: str, demands_raw: bool, verdict: Verdict
) -> None:
    check = limits.processing(told, demands_raw=demands_raw)
    assert check.verdict == verdict
    assert bool(check.advice) == (verdict != OK)


def test_no_limit_speaks_of_errors() -> None:
    for name, limit in limits.LIMITS.items():
        for text in (limit.low, limit.high, limit.unknown):
            assert not {"invalid", "error", "failed", "sorry"} & set(
                text.lower().split()
            ), name


def test_a_report_is_as_bad_as_its_worst_check_and_names_that_first() -> None:
    report = Report(
        "1",
        [
            Check("snr", 3.0, "dB", REVIEW, "It is noisy."),
            Check("band", 8000.0, "Hz", OK, ""),
            Check("clipping", 0.1, "share", REFUSE, "It is clipped."),
        ],
        {},
    )
    assert report.verdict == REFUSE
    assert report.reasons == ["It is clipped.", "It is noisy."]
