"""Whether the shown sentences were spoken: forced alignment against shuffled words.

No dictation: that needs one clean voice. A known sentence can be laid over a
mixture, and it fits better than the same words in another order if it was said.
"""

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pocketsphinx import Decoder, get_model_path
from scipy.optimize import linear_sum_assignment

from recordings.inspection.mel import Samples

LANGUAGE = "en"
SHUFFLES = 6  # orders that were not said, to compare with
LEAST_WORDS = 3
KNOWN_SHARE = 0.75  # of a sentence's words, to be judged at all
NOT_ALIGNED = -0.5  # contrast of a sentence that cannot be laid over the track
BEAMS = {"beam": 1e-120, "pbeam": 1e-120, "wbeam": 1e-80}


@dataclass(frozen=True)
class Heard:
    """One sentence on the track where it fits best."""

    contrast: float  # log likelihood above its shuffled words; about 0 if not said
    words: float  # share of its words that were found, 0 to 1
    track: int


def heard(tracks: list[Samples], sentences: list[str]) -> list[Heard] | None:
    """How well each sentence was heard, whichever track it is on.

    Args:
        tracks: the mixture alone, or separated voices in any order, 16 kHz, (time,).
            With as many tracks as sentences, each track is given to one sentence.
        sentences: as they were shown.
    Returns:
        One result per sentence; None if its words are not in the dictionary.
    """
    spoken = [_words(sentence) for sentence in sentences]
    sounds = _pronunciations(frozenset(word for line in spoken for word in line))
    known = [[word for word in line if word in sounds] for line in spoken]
    for line, kept in zip(spoken, known, strict=True):
        if len(kept) < max(LEAST_WORDS, KNOWN_SHARE * len(line)):
            return None
    with TemporaryDirectory() as folder:
        decoder = _decoder(Path(folder), sounds)
        pcm = [_pcm(track) for track in tracks]
        contrasts = np.array(
            [[_contrast(decoder, line, track) for track in pcm] for line in known]
        )
        found = [_found(decoder, track, sounds) for track in pcm]
    chosen = contrasts.argmax(axis=1)
    if len(tracks) >= len(sentences) > 1:
        _, chosen = linear_sum_assignment(contrasts, maximize=True)
    return [
        Heard(
            contrast=float(contrasts[line, track]),
            words=sum(word in found[track] for word in known[line]) / len(known[line]),
            track=int(track),
        )
        for line, track in enumerate(chosen)
    ]


def _words(sentence: str) -> list[str]:
    return re.sub(r"[^a-z' ]+", " ", sentence.lower().replace("’", "'")).split()


@lru_cache(maxsize=64)
def _pronunciations(words: frozenset[str]) -> dict[str, list[str]]:
    """The phones of each word that the dictionary knows; it may know several."""
    found: dict[str, list[str]] = {}
    path = Path(get_model_path("en-us/cmudict-en-us.dict"))
    with path.open(encoding="utf-8") as file:
        for line in file:
            word, _, phones = line.partition(" ")
            word = word.partition("(")[0]
            if word in words:
                found.setdefault(word, []).append(phones.strip())
    return found


def _decoder(folder: Path, sounds: dict[str, list[str]]) -> Decoder:
    """A recognizer that knows these words only."""
    lines = [
        f"{word}{f'({number})' if number > 1 else ''} {phones}"
        for word, several in sorted(sounds.items())
        for number, phones in enumerate(several, start=1)
    ]
    dictionary = folder / "words.dict"
    dictionary.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Decoder(
        hmm=get_model_path("en-us/en-us"),
        dict=str(dictionary),
        lm=None,
        loglevel="FATAL",
        samprate=16_000,
        bestpath=False,
        fwdflat=False,
        **BEAMS,
    )


def _contrast(decoder: Decoder, words: list[str], pcm: bytes) -> float:
    """Log likelihood of the words in order above their mean in other orders."""
    fit = _fit(decoder, words, pcm)
    if fit is None:
        return NOT_ALIGNED
    chance = np.random.default_rng(0)  # the same orders in every inspection
    others = []
    for _ in range(SHUFFLES):
        order = [words[at] for at in chance.permutation(len(words))]
        other = _fit(decoder, order, pcm)
        if other is not None and order != words:
            others.append(other)
    return fit - float(np.mean(others)) if others else 0.0


def _fit(decoder: Decoder, words: list[str], pcm: bytes) -> float | None:
    decoder.set_align_text(" ".join(words))
    hypothesis = _decode(decoder, pcm)
    return None if hypothesis is None else math.log(max(hypothesis.score, 1e-12))


def _decode(decoder: Decoder, pcm: bytes):  # type: ignore[no-untyped-def]
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    return decoder.hyp()


def _found(decoder: Decoder, pcm: bytes, sounds: dict[str, list[str]]) -> set[str]:
    """The words that a loop over all of them hears in the track."""
    loop = " | ".join(sorted(sounds))
    grammar = f"#JSGF V1.0;\ngrammar words;\npublic <words> = ( {loop} )+;\n"
    decoder.add_jsgf_string("words", grammar)
    decoder.activate_search("words")
    hypothesis = _decode(decoder, pcm)
    return set() if hypothesis is None else set(hypothesis.hypstr.split())


def _pcm(track: Samples) -> bytes:
    peak = float(np.abs(track).max(initial=0)) or 1.0
    return bytes(np.rint(track * (0.8 * 32767 / peak)).astype("<i2").tobytes())
