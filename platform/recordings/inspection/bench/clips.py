"""Clips whose faults are known: one maker for each kind."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
import soundfile
from scipy.signal import butter, resample_poly, sosfiltfilt

from recordings.inspection.bench.material import Material, Utterance, heard_in
from recordings.inspection.examine import Take
from recordings.inspection.mel import SAMPLE_RATE, Samples

CODECS = (("OGG", "VORBIS"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III"))
LEVEL = 0.05  # RMS of full scale that a good clip has
FAULTLESS = {
    "speech": False,
    "overlap": False,
    "voices": False,
    "balance": False,
    "snr": False,
    "clipping": False,
    "band": False,
    "drop-outs": False,
    "sentences": False,
    "replay": False,
    "duplicate": False,
}


@dataclass(frozen=True)
class Clip:
    kind: str
    take: Take
    faults: dict[str, bool]  # by check; a check that is absent is not judged here
    overlap: float | None = None  # true share of the speech
    difference_db: float | None = None  # true level of one voice above the other
    original: int | None = None  # of a duplicate: the index of its clip
    speakers: list[str] = field(default_factory=list)


def pair(
    material: Material, *, kind: str = "two voices", difference_db: float | None = None
) -> Clip:
    """Two people who read their sentences together in one room."""
    two = material.draw(2, with_text=True)
    rng = material.rng
    difference = rng.normal(0, 3) if difference_db is None else difference_db
    second = two[1].samples * np.float32(10 ** (difference / 20))
    length = max(len(two[0].samples), len(second))
    heard = sum(
        heard_in(material.room(), _placed(voice, length, int(rng.integers(3_000))))
        for voice in (two[0].samples, second)
    )
    samples = _noisy(material, np.asarray(heard), rng.uniform(20, 40))
    take = Take(samples, SAMPLE_RATE, [voice.text for voice in two])
    shorter = min(len(two[0].samples), len(second))
    return Clip(
        kind,
        take,
        {**FAULTLESS, "overlap": False},
        overlap=shorter / length,
        difference_db=abs(difference),
        speakers=[voice.speaker for voice in two],
    )


def single(material: Material) -> Clip:
    """One person; the other sentence was not read."""
    one, other = material.draw(2, with_text=True)
    heard = heard_in(material.room(), one.samples)
    samples = _noisy(material, _pad(heard), material.rng.uniform(20, 40))
    take = Take(samples, SAMPLE_RATE, [one.text, other.text])
    faults = {"overlap": True, "voices": True, "sentences": True}
    return Clip("one voice", take, {**_without("balance"), **faults}, overlap=0.0)


def sequential(material: Material) -> Clip:
    """Both people, one after the other."""
    two = material.draw(2, with_text=True)
    gap = np.zeros(int(material.rng.uniform(0.1, 0.8) * SAMPLE_RATE), np.float32)
    room = material.room()
    heard = heard_in(room, np.concatenate([two[0].samples, gap, two[1].samples]))
    samples = _noisy(material, _pad(heard), material.rng.uniform(20, 40))
    take = Take(samples, SAMPLE_RATE, [voice.text for voice in two])
    faults = {"overlap": True, "voices": True}
    return Clip("one after the other", take, {**_without("balance"), **faults}, 0.0)


def three(material: Material) -> Clip:
    """A third person talks along."""
    clip = pair(material, kind="three voices")
    third = material.draw(1, with_text=False)[0].samples
    room = material.room()
    heard = clip.take.samples + LEVEL * 0.8 * heard_in(
        room, np.resize(third, len(clip.take.samples))
    )
    faults = {**clip.faults, "voices": True}
    del faults["sentences"], faults["balance"]
    return replace(
        clip, take=replace(clip.take, samples=_leveled(heard)), faults=faults
    )


def wrong_sentence(material: Material) -> Clip:
    """One of the two read something else."""
    clip = pair(material, kind="wrong sentence")
    other = material.strangers[material.rng.integers(len(material.strangers))]
    take = replace(clip.take, sentences=[clip.take.sentences[0], other])
    return replace(clip, take=take, faults={**clip.faults, "sentences": True})


def unbalanced(material: Material) -> Clip:
    """One voice 14 to 20 dB above the other."""
    difference = material.rng.choice([-1, 1]) * material.rng.uniform(14, 20)
    clip = pair(material, kind="unbalanced", difference_db=float(difference))
    faults = {**_without("overlap", "voices", "sentences"), "balance": True}
    return replace(clip, faults=faults)


def clipped(material: Material) -> Clip:
    """Too loud for the converter in 0.3 to 4 % of the samples."""
    clip = pair(material, kind="clipped")
    share = material.rng.uniform(0.003, 0.04)
    top = float(np.quantile(np.abs(clip.take.samples), 1 - share))
    samples = np.clip(clip.take.samples / top, -1, 1)
    if material.rng.random() < 0.5:
        samples = samples * 0.7  # turned down afterwards
    return _changed(clip, samples, clipping=True)


def narrow(material: Material) -> Clip:
    """A Bluetooth headset of 8 kHz, brought back to 16 kHz."""
    clip = pair(material, kind="narrow band")
    low = resample_poly(clip.take.samples, 1, 2)
    samples = resample_poly(low, 2, 1)[: len(clip.take.samples)]
    faults = {**_without("replay", "sentences"), "band": True}
    return replace(_changed(clip, samples), faults=faults)


def with_drop_outs(material: Material) -> Clip:
    """Lost blocks of 10 to 60 ms, eight or more."""
    clip = pair(material, kind="drop-outs")
    samples, rng = clip.take.samples.copy(), material.rng
    for _ in range(int(rng.integers(8, 20))):
        length = int(rng.uniform(0.01, 0.06) * SAMPLE_RATE)
        at = int(rng.integers(1_000, len(samples) - length - 1_000))
        samples[at : at + length] = 0
    return _changed(clip, samples, **{"drop-outs": True})


def noisy(material: Material) -> Clip:
    """Noise 2 dB above to 6 dB below the speech."""
    clip = pair(material, kind="noisy")
    samples = _noisy(material, clip.take.samples, material.rng.uniform(-2, 6))
    faults = _without("overlap", "voices", "balance", "sentences", "speech", "replay")
    return replace(_changed(clip, samples), faults={**faults, "snr": True})


def replayed(material: Material) -> Clip:
    """Two voices from one small loudspeaker in another room."""
    clip = pair(material, kind="loudspeaker")
    low, high = material.rng.uniform(180, 300), material.rng.uniform(4_500, 6_500)
    band = butter(3, [low, high], "band", fs=SAMPLE_RATE, output="sos")
    played = np.tanh(2.0 * sosfiltfilt(band, clip.take.samples) / LEVEL / 3)
    heard = heard_in(material.room(), np.asarray(played, np.float32))
    samples = _noisy(material, heard, material.rng.uniform(25, 40))
    faults = {**_without("overlap", "voices", "balance", "band"), "replay": True}
    return replace(_changed(clip, samples), faults=faults)


def re_encoded(material: Material, originals: list[Clip]) -> Clip:
    """A known clip again, through a codec, at another level and start."""
    at = int(material.rng.integers(len(originals)))
    known = originals[at].take
    start = int(material.rng.integers(8_000))
    samples = known.samples[start:] * np.float32(material.rng.uniform(0.2, 3))
    out = io.BytesIO()
    container, subtype = [
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
    ][int(material.rng.integers(3))]
    soundfile.write(
        out, np.clip(samples, -1, 1), SAMPLE_RATE, format=container, subtype=subtype
    )
    decoded, _ = soundfile.read(io.BytesIO(out.getvalue()), dtype="float32")
    take = replace(known, samples=np.asarray(decoded, dtype=np.float32))
    faults = {"duplicate": True, "speech": False, "overlap": False}
    return Clip("re-encoded", take, faults, original=at)


def noise_only(material: Material) -> Clip:
    """Recorded noise, played instead of speech."""
    samples = LEVEL * material.noise(5 * SAMPLE_RATE)
    return Clip("noise", _nothing_said(samples), {"speech": True, "duplicate": False})


def silence(material: Material) -> Clip:
    """A microphone that hears an empty room."""
    hiss = material.rng.standard_normal(5 * SAMPLE_RATE).astype(np.float32)
    samples = hiss * np.float32(10 ** (material.rng.uniform(-75, -45) / 20))
    return Clip("silence", _nothing_said(samples), {"speech": True, "duplicate": False})


def music(material: Material) -> Clip:
    """Chords, a melody and a beat, synthesized."""
    rng, beat = material.rng, SAMPLE_RATE // 3
    time = np.arange(beat) / SAMPLE_RATE
    scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
    bars = []
    for _ in range(15):
        root = int(rng.integers(5))
        tones = [scale[root], scale[root + 2] * 2, scale[int(rng.integers(8))] * 2]
        bar = sum(
            np.sin(2 * np.pi * tone * step * time) / step
            for tone in tones
            for step in (1, 2, 3, 4)
        )
        drum = rng.standard_normal(beat) * np.exp(-40 * time)
        bars.append(bar * np.exp(-3 * time) + drum)
    samples = _leveled(np.concatenate(bars))
    return Clip("music", _nothing_said(samples), {"speech": True, "duplicate": False})


def enrolled(material: Material, *, kind: str = "solos fit") -> Clip:
    """With two solo takes: of both, or with one person replaced or away."""
    two = material.draw(3, with_text=True)
    rooms = [material.room() for _ in two]
    level = 10 ** (material.rng.normal(0, 2) / 20)
    present = {"solos fit": (0, 1), "stranger": (0, 2), "one away": (0,)}[kind]
    length = max(len(two[at].samples) for at in present)
    heard = sum(
        heard_in(rooms[min(at, 1)], _placed(two[at].samples, length, 0))
        * np.float32(level if at else 1)
        for at in present
    )
    solos = tuple(
        LEVEL * _with_hiss(material, heard_in(room, _solo(material, one)) * gain)
        for one, room, gain in zip(two[:2], rooms[:2], (1.0, level), strict=True)
    )
    joint = LEVEL * _with_hiss(material, np.asarray(heard))
    take = Take(np.asarray(joint, np.float32), SAMPLE_RATE, [], solos=solos)
    return Clip(kind, take, {"enrolled": kind != "solos fit", "levels": False})


def _solo(material: Material, one: Utterance) -> Samples:
    return material.again(one.speaker, one.text, with_text=True)[: 6 * SAMPLE_RATE]


def meeting(material: Material) -> list[Clip]:
    """Real overlap: four-second windows of meetings, those with the most and the least.

    Windows with 10 to 30 % of overlap are not judged: turns are not that exact.
    """
    clips = []
    for turn in material.meetings():
        for start in range(0, 27, 4):
            share, seconds = _overlap(turn.turns, start, start + 4)
            if seconds < 2 or 0.1 < share < 0.3:
                continue
            piece = turn.samples[start * SAMPLE_RATE : (start + 4) * SAMPLE_RATE]
            kind = "meeting, overlap" if share >= 0.3 else "meeting, one voice"
            faults = {"speech": False, "overlap": share < 0.3, "duplicate": False}
            clips.append(Clip(kind, Take(piece, SAMPLE_RATE), faults, overlap=share))
    return clips


def _overlap(
    turns: list[tuple[float, float, str]], start: float, stop: float
) -> tuple[float, float]:
    """Share of the speech with two or more voices, and seconds of speech."""
    time = np.arange(start, stop, 0.01)
    count = sum((time >= begin) & (time < end) for begin, end, _ in turns)
    spoken = float(np.sum(np.asarray(count) >= 1))
    return float(np.sum(np.asarray(count) >= 2)) / max(1.0, spoken), spoken / 100


def _nothing_said(samples: Samples) -> Take:
    return Take(samples, SAMPLE_RATE, ["The first sentence was read aloud."])


def _changed(clip: Clip, samples: np.ndarray, **faults: bool) -> Clip:
    take = replace(clip.take, samples=np.asarray(samples, dtype=np.float32))
    return replace(clip, take=take, faults={**clip.faults, **faults})


def _without(*names: str) -> dict[str, bool]:
    return {name: fault for name, fault in FAULTLESS.items() if name not in names}


def _placed(samples: Samples, length: int, at: int) -> Samples:
    out = np.zeros(length + at, dtype=np.float32)
    out[at : at + len(samples)] = samples[: len(out) - at]
    return out[:length]


def _pad(samples: Samples) -> Samples:
    """Half a second of the room before and after."""
    return np.pad(samples, SAMPLE_RATE // 2)


def _noisy(material: Material, heard: Samples, ratio_db: float) -> Samples:
    """With noise so far below it, at the usual level."""
    noise = material.noise(len(heard)) * np.float32(10 ** (-ratio_db / 20))
    return _leveled(heard / (heard.std() + 1e-9) + noise)


def _with_hiss(material: Material, heard: Samples) -> Samples:
    hiss = material.rng.standard_normal(len(heard)).astype(np.float32)
    return np.asarray(heard + 0.02 * hiss, dtype=np.float32)


def _leveled(samples: np.ndarray) -> Samples:
    """At the usual level, and under full scale whatever its peaks."""
    leveled = samples * (LEVEL / (samples.std() + 1e-9))
    peak = float(np.abs(leveled).max())
    return np.asarray(leveled * min(1.0, 0.9 / peak), dtype=np.float32)


MAKERS: dict[str, Callable[[Material], Clip]] = {
    "two voices": pair,
    "one voice": single,
    "one after the other": sequential,
    "three voices": three,
    "wrong sentence": wrong_sentence,
    "unbalanced": unbalanced,
    "clipped": clipped,
    "narrow band": narrow,
    "drop-outs": with_drop_outs,
    "noisy": noisy,
    "loudspeaker": replayed,
    "noise": noise_only,
    "silence": silence,
    "music": music,
    "solos fit": enrolled,
    "stranger": lambda material: enrolled(material, kind="stranger"),
    "one away": lambda material: enrolled(material, kind="one away"),
}
