"""Any sound file in; one file per source out, of the same rate and length."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from torch import Tensor

from separators.__main__ import main
from separators.files import separate_file
from separators.resampling import Signal, resampled
from separators.separating import separate
from separators.sound import open_sound
from tests.separators.recordings import write_tone

ffmpeg_here = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg")
TWICE = ["-af", "pan=stereo|c0=c0|c1=c0"]


class Louder:
    """Two sources: the mixture three times as loud, and half as loud."""

    name, sample_rate, sources = "louder", 8000, 2

    def separate(self, mixtures: Tensor) -> Tensor:
        return torch.stack([3 * mixtures, 0.5 * mixtures], dim=1)


def ffmpeg(*arguments: object) -> None:
    subprocess.run(
        ["ffmpeg", "-nostdin", "-v", "error", *map(str, arguments)], check=True
    )


def tone(folder: Path, seconds: float = 1.5, rate: int = 44100) -> Path:
    path = folder / "tone.wav"
    write_tone(path, hz=300, seconds=seconds, rate=rate)
    return path


def written_by(
    arguments: list[object], capsys: pytest.CaptureFixture[str]
) -> list[Path]:
    assert main([str(argument) for argument in arguments]) == 0
    return [Path(line) for line in capsys.readouterr().out.splitlines()]


@ffmpeg_here
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", TWICE),
        ("a.m4a", ["-c:a", "aac"]),
        ("a.webm", ["-c:a", "libopus"]),
        ("a.opus", ["-c:a", "libopus"]),
        ("a.wav", ["-c:a", "pcm_u8", *TWICE]),
        ("a.flac", ["-ar", "11025"]),
    ],
)
def test_whatever_the_format_the_tone_comes_back_at_its_rate(
    name: str, options: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mixture = tmp_path / name
    ffmpeg("-i", tone(tmp_path), *options, mixture)
    paths = written_by(["separate", "identity", mixture, tmp_path / "out"], capsys)
    assert [path.name for path in paths] == ["a_identity_1.flac", "a_identity_2.flac"]
    for path in paths:
        about = soundfile.info(path)
        assert (about.format, about.subtype, about.channels) == ("FLAC", "PCM_24", 1)
        assert about.samplerate == open_sound(mixture).sample_rate
        assert about.duration == pytest.approx(1.5, abs=0.06)  # codecs pad
        assert_tone(path)


def assert_tone(path: Path) -> None:
    """300 Hz with the amplitude that `write_tone` gives it."""
    samples, rate = soundfile.read(path)
    middle = samples[rate // 2 : rate // 2 + rate // 2]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert np.argmax(spectrum) * 2 == pytest.approx(300, abs=2)
    assert np.sqrt(2) * middle.std() == pytest.approx(0.5, rel=0.05)


@ffmpeg_here
def test_the_sound_of_a_video_is_separated(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "video.mp4"
    picture = ["-f", "lavfi", "-i", "color=size=32x32:rate=5:duration=1.5"]
    ffmpeg(*picture, "-i", tone(tmp_path), "-c:a", "aac", video)
    for path in written_by(["separate", "identity", video, tmp_path / "out"], capsys):
        assert_tone(path)


@ffmpeg_here
def test_a_video_without_sound_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    video = tmp_path / "silent.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=size=32x32:rate=5:duration=1", video)
    assert main(["separate", "identity", str(video), str(tmp_path)]) == 2
    assert "silent.mp4 holds video but no sound" in capsys.readouterr().err


@ffmpeg_here
def test_a_file_that_is_no_sound_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear Ada")
    assert main(["separate", "identity", str(letter), str(tmp_path)]) == 2
    refusal = capsys.readouterr().err
    assert "cannot be read as sound, neither by libsndfile nor by ffmpeg" in refusal


def test_without_ffmpeg_other_formats_are_refused_by_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    film = tmp_path / "film.mkv"
    film.write_bytes(b"\x1aE\xdf\xa3 matroska")
    assert main(["separate", "identity", str(film), str(tmp_path)]) == 2
    refusal = capsys.readouterr().err
    assert "other formats need ffmpeg, which is not on this machine" in refusal


@ffmpeg_here
def test_a_file_that_breaks_off_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    whole = tmp_path / "whole.flac"
    ffmpeg("-i", tone(tmp_path, seconds=20), whole)
    broken = tmp_path / "broken.flac"
    damaged = bytearray(whole.read_bytes())
    damaged[2000:] = bytes(len(damaged) - 2000)
    broken.write_bytes(damaged)
    with pytest.raises(ValueError, match="broken.flac breaks off"):
        separate_file(Louder(), open_sound(broken), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_is_not_there_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["separate", "identity", str(tmp_path / "no.wav"), str(tmp_path)]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_a_recording_without_samples_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.wav"
    soundfile.write(empty, np.zeros(0), 8000)
    with pytest.raises(ValueError, match="empty.wav holds no samples"):
        separate_file(Louder(), open_sound(empty), tmp_path)


def test_the_mean_of_two_channels_is_separated_with_a_notice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stereo = tmp_path / "stereo.wav"
    left = 0.5 * np.random.default_rng(0).standard_normal(8000).clip(-1, 1)
    soundfile.write(stereo, np.stack([left, np.zeros(8000)], axis=1), 8000)
    assert main(["separate", "identity", str(stereo), str(tmp_path / "out")]) == 0
    shown = capsys.readouterr()
    assert "stereo.wav has 2 channels; their mean is separated." in shown.err
    estimate, _ = soundfile.read(shown.out.split()[0])
    np.testing.assert_allclose(estimate, left / 2, rtol=0, atol=1e-4)


def test_estimates_above_full_scale_are_turned_down_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = tmp_path / "loud.wav"
    write_tone(
        loud, hz=300, seconds=1, rate=8000
    )  # peak 0.5: the louder source has 1.5
    separate(Louder(), loud, tmp_path, as_float=False)
    assert "turned down by 3.5 dB together (gain 0.6667)" in capsys.readouterr().err
    first, second = (
        soundfile.read(tmp_path / f"loud_louder_{number}.flac")[0] for number in (1, 2)
    )
    assert np.abs(first).max() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(first, 6 * second, rtol=0, atol=1e-5)


def test_float_files_keep_what_exceeds_full_scale(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loud = tmp_path / "loud.wav"
    write_tone(loud, hz=300, seconds=1, rate=8000)
    separate(Louder(), loud, tmp_path, as_float=True)
    assert "turned down" not in capsys.readouterr().err
    path = tmp_path / "loud_louder_1.wav"
    assert soundfile.info(path).subtype == "FLOAT"
    assert np.abs(soundfile.read(path)[0]).max() == pytest.approx(1.5, rel=1e-3)


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("samples", [1, 4001, 44101])
def test_estimates_have_the_rate_and_length_of_the_mixture(
    rate: int, samples: int, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, samples), rate)
    for written in separate_file(Louder(), open_sound(path), tmp_path).paths:
        about = soundfile.info(written)
        assert (about.samplerate, about.frames) == (rate, samples)


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [(44100, 8000), (8000, 44100), (8000, 16000), (48000, 8000), (11025, 8000)],
)
@pytest.mark.parametrize("block", [1000, 65536])
def test_resampling_in_blocks_is_resampling_at_once(
    rate: int, wanted: int, block: int
) -> None:
    from scipy.signal import resample_poly

    signal = np.random.default_rng(0).standard_normal((2, 100_003)).astype(np.float32)

    def blocks() -> Iterator[Signal]:
        for start in range(0, signal.shape[1], block):
            yield signal[:, start : start + block]

    found = np.concatenate([*resampled(blocks(), rate, wanted)], axis=1)
    expected = resample_poly(signal, wanted, rate, axis=1)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_the_bar_counts_the_chunks_of_a_long_recording(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, 50 * 8000), 8000)
    main(["separate", "identity", str(path), str(tmp_path)])
    assert "3/3" in capsys.readouterr().err


def test_bf16_on_the_command_line_gives_nearly_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-0.1, 0.1, 8000), 8000)
    estimates = []
    for speed in ("exact", "bf16"):
        out = tmp_path / speed
        command = ["separate", "convtasnet-small", str(path), str(out)]
        assert main([*command, "--speed", speed]) == 0
        written = sorted(out.iterdir())
        estimates.append(np.stack([soundfile.read(path)[0] for path in written]))
    exact, fast = estimates
    assert 0 < np.abs(fast - exact).max() < 0.02 * np.abs(exact).max()
