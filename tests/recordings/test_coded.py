"""Coded sound is decoded by ffmpeg, to its length and level, and kept as it came."""

import shutil
import subprocess
from pathlib import Path

import pytest

from recordings import audio, coded, intake, objects
from recordings.headers import RecordingRejected
from recordings.models import Mixture
from tests.recordings.factories import NOW, chirp, make_take, wav

pytestmark = pytest.mark.skipif(
    shutil.which("ffmpeg") is None, reason="ffmpeg is not installed"
)


def encode(folder: Path, suffix: str, seconds: float = 3) -> bytes:
    source, target = folder / "source.wav", folder / f"coded.{suffix}"
    source.write_bytes(wav(chirp(seconds, 48_000), 48_000))
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-b:a", "128k"]
    subprocess.run([*command, str(target)], check=True)
    return target.read_bytes()


@pytest.mark.parametrize(
    ("suffix", "name"), [("webm", "WebM"), ("mp4", "MP4"), ("ogg", "Ogg")]
)
def test_coded_sound_keeps_its_length_and_level(
    tmp_path: Path, suffix: str, name: str
) -> None:
    content = encode(tmp_path, suffix)
    sound = coded.inspect(content, min_seconds=1, max_seconds=20)
    assert (sound.container, sound.subtype) == (name, "coded")
    assert sound.seconds == pytest.approx(3, abs=0.05)
    expected = audio.measure(chirp(3, 48_000).astype("float32")).level_db
    assert audio.measure(sound.mono()).level_db == pytest.approx(expected, abs=0.5)


def test_what_is_too_long_is_not_decoded_whole(tmp_path: Path) -> None:
    content = encode(tmp_path, "ogg", seconds=30)
    with pytest.raises(RecordingRejected, match=r"lasts 6\.0 s; it must last between"):
        coded.inspect(content, min_seconds=1, max_seconds=5)


@pytest.mark.parametrize("start", [b"\x1aE\xdf\xa3", b"\0\0\0\x20ftyp", b"OggS"])
def test_a_file_that_only_begins_like_one_is_refused(start: bytes) -> None:
    with pytest.raises(RecordingRejected, match="holds no sound that can be decoded"):
        coded.inspect(start + bytes(5000), min_seconds=1, max_seconds=20)


def test_without_ffmpeg_the_site_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = encode(tmp_path, "webm")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        RecordingRejected, match=r"\(WebM\) and this site has no ffmpeg"
    ):
        coded.inspect(content, min_seconds=1, max_seconds=20)


@pytest.mark.django_db
def test_the_coded_original_is_kept_beside_its_flac(tmp_path: Path) -> None:
    content = encode(tmp_path, "webm")
    intake.accept(make_take(), content, {"method": "coded"}, now=NOW)
    mixture = Mixture.objects.get()
    assert objects.read(str(mixture.original)) == content
    assert str(mixture.original).endswith(".webm")
    assert mixture.capture["file"]["container"] == "WebM"
    copy = audio.decode(objects.read(str(mixture.audio)))
    assert copy.seconds == pytest.approx(3, abs=0.05)
