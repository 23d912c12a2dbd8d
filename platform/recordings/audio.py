"""Sound from uploaded bytes, refused with reasons; measures; FLAC. Knows no Django."""

import io
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from recordings.headers import Header, gettext_noop, read_header
from recordings.headers import RecordingRejected as RecordingRejected

Samples = NDArray[np.float32]

SILENCE_DB = -60.0  # RMS, dB of full scale; speech is tens of dB above
MAX_CLIPPED = 0.01  # share of samples at full scale
FULL_SCALE = 0.999  # at or above, a sample counts as clipped
RATES = (8_000, 192_000)  # Hz
MAX_CHANNELS = 2
FLOOR = 1e-10  # -200 dBFS: what the level of digital silence is called


@dataclass(frozen=True)
class Sound:
    """Decoded samples, (time, channel), full scale at 1."""

    samples: Samples
    sample_rate: int  # Hz
    container: str  # "WAV", "FLAC", or what was decoded: "WebM", "MP4", "Ogg"
    subtype: str  # e.g. "PCM_16", "FLOAT", "coded"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    def mono(self) -> Samples:
        """The mean of the channels, (time,)."""
        return np.asarray(self.samples.mean(axis=1), dtype=np.float32)


@dataclass(frozen=True)
class Measures:
    """What a mono signal is like."""

    level_db: float  # RMS, dB of full scale
    peak_db: float  # dB of full scale
    clipped_share: float  # 0 to 1
    dc: float  # mean, full scale at 1


def decode(content: bytes) -> Sound:
    """The samples of a WAV or FLAC file, as they are.

    Raises:
        RecordingRejected: if the bytes are no such file, or not what they say.
    """
    header = read_header(content)
    _check_header(header)
    samples = _read(content, header.frames)
    if len(samples) != header.frames:
        raise RecordingRejected(
            gettext_noop(
                "The {name} file cannot be decoded to its end ({there} of {frames} "
                "samples are there); it must be whole. Please send it again."
            ),
            name=header.container,
            there=len(samples),
            frames=header.frames,
        )
    if not np.isfinite(samples).all():
        raise RecordingRejected(
            gettext_noop(
                "{count} samples are not numbers (NaN or infinite); each must be "
                "between -1 and 1. Please record again."
            ),
            count=np.count_nonzero(~np.isfinite(samples)),
        )
    return Sound(samples, header.sample_rate, header.container, header.subtype)


def _read(content: bytes, frames: int) -> Samples:
    """At most `frames` samples; none if the decoder gives up."""
    try:
        samples, _ = soundfile.read(
            io.BytesIO(content), dtype="float32", always_2d=True, frames=frames
        )
    except soundfile.LibsndfileError:
        return np.zeros((0, 1), dtype=np.float32)
    return np.asarray(samples, dtype=np.float32)


def inspect(
    content: bytes,
    *,
    min_seconds: float,
    max_seconds: float,
    may_be_silent: bool = False,
) -> Sound:
    """`decode`, and refuse what is too long, too short, silent or clipped.

    The length is read from the header before anything is decoded.
    """
    header = read_header(content)
    _check_header(header)
    check_seconds(header.frames / header.sample_rate, min_seconds, max_seconds)
    sound = decode(content)
    check_measures(
        measure(sound.mono()),
        clipped_share=max(_clipped(channel) for channel in sound.samples.T),
        may_be_silent=may_be_silent,
    )
    return sound


def check_seconds(seconds: float, min_seconds: float, max_seconds: float) -> None:
    if min_seconds <= seconds <= max_seconds:
        return
    raise RecordingRejected(
        gettext_noop(
            "The recording lasts {duration}; it must last between {least:g} and "
            "{most:g} s. Please record again."
        ),
        duration=_duration(seconds),
        least=min_seconds,
        most=max_seconds,
    )


def check_measures(
    measures: Measures, *, clipped_share: float, may_be_silent: bool = False
) -> None:
    if measures.level_db < SILENCE_DB and not may_be_silent:
        raise RecordingRejected(
            gettext_noop(
                "The recording is silent: its level is {level}, speech is above "
                "{least:g} dBFS. Check that the right microphone is chosen and not "
                "muted, and record again."
            ),
            level=_level(measures.level_db),
            least=SILENCE_DB,
        )
    if clipped_share > MAX_CLIPPED:
        raise RecordingRejected(
            gettext_noop(
                "{share:.1%} of the recording is clipped (louder than the microphone "
                "can take); at most {most:.0%} may be. Move back from the microphone "
                "or lower its gain, and record again."
            ),
            share=clipped_share,
            most=MAX_CLIPPED,
        )


def measure(samples: Samples) -> Measures:
    """Level, peak, clipping and offset of a mono signal, (time,)."""
    wide = samples.astype(np.float64)
    if not len(wide):
        return Measures(_db(0.0), _db(0.0), 0.0, 0.0)
    dc = float(wide.mean())
    rms = float(np.sqrt(np.mean((wide - dc) ** 2)))
    peak = float(np.abs(wide).max())
    return Measures(_db(rms), _db(peak), _clipped(samples), dc)


def encode_flac(samples: Samples, sample_rate: int, *, bits: int = 16) -> bytes:
    """FLAC of a mono (time,) or (time, channel) signal; beyond full scale is cut."""
    if bits not in (16, 24):
        raise ValueError(f"FLAC of {bits} bits was asked for; use 16 or 24.")
    scale = 2 ** (bits - 1)
    whole = np.rint(samples.astype(np.float64) * scale).clip(-scale, scale - 1)
    out = io.BytesIO()
    soundfile.write(
        out,
        (whole * 2 ** (32 - bits)).astype(np.int32),
        sample_rate,
        format="FLAC",
        subtype=f"PCM_{bits}",
    )
    return out.getvalue()


def _check_header(header: Header) -> None:
    if header.frames == 0:
        raise RecordingRejected(
            gettext_noop(
                "The file holds no sound at all; it must hold speech. Please record "
                "again."
            )
        )
    if not 1 <= header.channels <= MAX_CHANNELS:
        raise RecordingRejected(
            gettext_noop(
                "The file has {channels} channels; one is expected, two are averaged. "
                "Send one microphone as a mono file."
            ),
            channels=header.channels,
        )
    low, high = RATES
    if not low <= header.sample_rate <= high:
        raise RecordingRejected(
            gettext_noop(
                "The sample rate is {rate} Hz; it must be between {low} and {high} "
                "Hz. Record at 44100 or 48000 Hz."
            ),
            rate=header.sample_rate,
            low=low,
            high=high,
        )


def _clipped(samples: Samples) -> float:
    return float(np.mean(np.abs(samples) >= FULL_SCALE))


def _db(amplitude: float) -> float:
    return float(20 * np.log10(max(amplitude, FLOOR)))


def _level(level_db: float) -> str:
    return "no signal" if level_db <= -199 else f"{level_db:.0f} dBFS"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
