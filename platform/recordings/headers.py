"""What a WAV or FLAC file says it holds, checked against the bytes that are there."""

import struct
from dataclasses import dataclass

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE  # WAVE format tags
SUBTYPES = {
    (PCM, 16): "PCM_16",
    (PCM, 24): "PCM_24",
    (PCM, 32): "PCM_32",
    (FLOAT, 32): "FLOAT",
    (FLOAT, 64): "DOUBLE",
}
OTHERS = {  # first bytes of what phones and browsers also make
    b"OggS": "an Ogg file",
    b"ID3": "an MP3 file",
    b"\xff\xfb": "an MP3 file",
    b"\x1aE\xdf\xa3": "a WebM file",
    b"FORM": "an AIFF file",
    b"RIFX": "a big-endian WAV file",
    b"RF64": "an RF64 file",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x89PNG": "a picture",
    b"\xff\xd8": "a picture",
    b"<": "a web page",
}


def gettext_noop(words: str) -> str:
    """Marks words for translation; this module knows no Django."""
    return words


class RecordingRejected(Exception):
    """A refusal that the contributor can act on; its message is shown as it is.

    `words` have places in braces for `values`: a page shows them in its language.
    """

    def __init__(self, words: str, **values: object) -> None:
        super().__init__(words.format(**values))
        self.words, self.values = words, values


@dataclass(frozen=True)
class Header:
    container: str  # "WAV" or "FLAC"
    subtype: str
    sample_rate: int  # Hz
    channels: int
    frames: int  # samples of each channel


def read_header(content: bytes) -> Header:
    """What the file declares; refused if that cannot be true of these bytes."""
    if not content:
        raise RecordingRejected(
            gettext_noop(
                "The file is empty (0 bytes); a WAV or FLAC recording is expected. "
                "Please record again."
            )
        )
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return _wav(content)
    if content[:4] == b"fLaC":
        return _flac(content)
    raise RecordingRejected(
        gettext_noop(
            "The file is {found}; a WAV or FLAC recording is expected. Record on this "
            "page, or export your recording as WAV."
        ),
        found=_name(content),
    )


def _name(content: bytes) -> str:
    if content[4:8] == b"ftyp":
        return "an MP4 file"
    for start, name in OTHERS.items():
        if content.startswith(start):
            return name
    return f"not audio that we know ({len(content)} bytes)"


def _wav(content: bytes) -> Header:
    chunks = _chunks(content)
    if len(chunks.get(b"fmt ", b"")) < 16 or b"data" not in chunks:
        missing = "'data'" if b"data" not in chunks else "complete 'fmt '"
        raise RecordingRejected(
            gettext_noop(
                "The WAV file has no {missing} chunk; it must be whole. Please send "
                "the whole file again."
            ),
            missing=missing,
        )
    form = chunks[b"fmt "]
    tag, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if tag == EXTENSIBLE and len(form) >= 26:
        (tag,) = struct.unpack("<H", form[24:26])
    subtype = SUBTYPES.get((tag, bits))
    if subtype is None:
        raise RecordingRejected(
            gettext_noop(
                "The WAV file is of coding {tag} with {bits} bits; PCM of 16, 24 or "
                "32 bits or float is expected. Export it as 16-bit PCM."
            ),
            tag=tag,
            bits=bits,
        )
    if block != channels * bits // 8 or (channels and not block):
        raise RecordingRejected(
            gettext_noop(
                "The WAV header contradicts itself: {channels} channels of {bits} "
                "bits in blocks of {block} bytes. Export the file again."
            ),
            channels=channels,
            bits=bits,
            block=block,
        )
    frames = len(chunks[b"data"]) // block if block else 0
    return Header("WAV", subtype, rate, channels, frames)


def _chunks(content: bytes) -> dict[bytes, memoryview | bytes]:
    """The chunks of a RIFF file; refused if one claims more than is there."""
    chunks: dict[bytes, memoryview | bytes] = {}
    view, at = memoryview(content), 12
    while at + 8 <= len(content):
        name, size = struct.unpack("<4sI", content[at : at + 8])
        there = len(content) - at - 8
        if size > there and name not in (b"fmt ", b"data"):
            break  # a careless note after the sound
        if size > there:
            raise RecordingRejected(
                gettext_noop(
                    "The WAV header says {size} bytes of {part} and {there} are "
                    "there; the file must be whole. Please send it again."
                ),
                size=size,
                part=_plain(name),
                there=there,
            )
        chunks.setdefault(name, view[at + 8 : at + 8 + size])
        at += 8 + size + size % 2
    return chunks


def _plain(name: bytes) -> str:
    return "sound" if name == b"data" else repr(name.decode("latin-1").strip())


def _flac(content: bytes) -> Header:
    """From STREAMINFO, the first block of every FLAC file."""
    info = content[8:42]
    if len(info) < 34 or content[4] & 0x7F != 0:
        raise RecordingRejected(
            gettext_noop(
                "The FLAC file ends inside its header; it must be whole. Please send "
                "it again."
            )
        )
    packed = int.from_bytes(info[10:18], "big")
    rate, channels = packed >> 44, (packed >> 41 & 7) + 1
    bits, frames = (packed >> 36 & 31) + 1, packed & ((1 << 36) - 1)
    biggest_block = int.from_bytes(info[2:4], "big")
    if frames == 0:
        raise RecordingRejected(
            gettext_noop(
                "The FLAC header does not say how long the recording is; it must. "
                "Export the file again, or record on this page."
            )
        )
    # A frame is at least 10 bytes for at most `biggest_block` samples.
    if frames > (len(content) - 42) // 10 * max(biggest_block, 1):
        raise RecordingRejected(
            gettext_noop(
                "The FLAC header says {frames} samples, more than {size} bytes can "
                "hold; the file must be whole. Please send it again."
            ),
            frames=frames,
            size=len(content),
        )
    return Header("FLAC", f"PCM_{bits}", rate, channels, frames)
