"""The table counts as it says, clips have the faults they claim, training exports."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from recordings.inspection import mel, signal_quality, voices
from recordings.inspection.bench import clips, table
from recordings.inspection.bench.material import Material
from recordings.inspection.evidence import Check, Report, Verdict
from recordings.inspection.examine import Take
from recordings.inspection.training import loop, network, scenes
from tests.conftest import SPEECH

RATE = mel.SAMPLE_RATE


def judged(fault: bool, verdict: Verdict) -> table.Judged:
    clip = clips.Clip("kind", Take(np.zeros(1, np.float32), RATE), {"snr": fault})
    report = Report("1", [Check("snr", 1.0, "dB", verdict, "")], {})
    return table.Judged(clip, report, seconds=1.0, duration=2.0)


def test_precision_and_recall_are_counted_from_the_labels() -> None:
    rows = [
        judged(True, Verdict.REVIEW),
        judged(True, Verdict.OK),
        judged(True, Verdict.REFUSE),
        judged(False, Verdict.REVIEW),
        judged(False, Verdict.OK),
    ]
    last = table.checks_table(rows).splitlines()[-1]
    assert last == "| snr | 3 | 2 | 0.67 (2/3) | 0.67 (2/3) |"
    assert "| kind | 5 | 2 | 2 | 1 | snr 3 |" in table.verdicts_table(rows)


def voice(seed: int) -> np.ndarray:
    """Bursts of noise: stands in for an utterance of six seconds."""
    drawn = np.random.default_rng(seed).standard_normal(6 * RATE)
    return (drawn * (np.sin(np.arange(6 * RATE) / RATE * 6) > 0)).astype(np.float32)


def material() -> scenes.Material:
    speech = {f"speaker {n}": [voice(n)] for n in range(4)}
    return scenes.Material(speech, noise=[], rooms=[])


def test_a_scene_is_labeled_frame_by_frame() -> None:
    rng = np.random.default_rng(0)
    drawn = [scenes.scene(material(), rng) for _ in range(12)]
    for scene in drawn:
        assert len(scene.voices) == len(mel.log_mel(scene.samples))
        assert np.isfinite(scene.samples).all()
    assert {int(scene.voices.max()) for scene in drawn} >= {1, 2, 3}


def test_the_served_network_counts_as_the_trained_one(tmp_path: Path) -> None:
    torch.manual_seed(0)
    counter = network.VoiceCounter().eval()
    frames = mel.log_mel(voice(1))
    with torch.no_grad():
        expected = counter(torch.from_numpy(frames)[None]).softmax(-1)[0].numpy()
    network.export(counter, tmp_path / "counter.onnx")
    session = voices.session(tmp_path / "counter.onnx")
    found = session.run(["shares"], {"frames": frames[None]})[0][0]
    assert np.abs(found - expected).max() < 1e-4


def test_a_short_training_learns_and_leaves_weights_and_card(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    folder.mkdir()
    counter, steps = loop.fit(
        material(), np.random.default_rng(0), 2.0, folder / "c.onnx", lambda line: None
    )
    assert steps >= 1
    network.export(counter, folder / "c.onnx")
    quality = loop.measure(folder / "c.onnx", material(), drawn_scenes=2)
    assert 0 <= quality.accuracy <= 1
    loop.write_card(folder / "c.onnx", quality, steps=steps, cpu_minutes=1.0, seed=1)
    card = json.loads((folder / "c.json").read_text())
    assert card["parameters"] == 34_224 and card["steps"] == steps


@pytest.mark.speech
def test_labeled_clips_have_the_faults_they_claim() -> None:
    made = Material(SPEECH, np.random.default_rng(0))
    assert signal_quality.clipped_share(clips.clipped(made).take.samples) > 0.001
    gaps = clips.with_drop_outs(made).take.samples
    assert signal_quality.drop_out_ms(gaps, RATE) > 60
    assert signal_quality.band_edge_hz(clips.narrow(made).take.samples, RATE) < 4_600
    meeting = {clip.kind for clip in clips.meeting(made)}
    assert meeting == {"meeting, overlap", "meeting, one voice"}
