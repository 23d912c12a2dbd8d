"""The command line of the separators."""

import json
import re
from pathlib import Path

import pytest
import torch

from separators.__main__ import main
from separators.training import train
from tests.separators.recordings import write_speakers


@pytest.fixture(autouse=True)
def _few_development_mixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "DEVELOPMENT_MIXTURES", 2)


def test_list_names_every_separator(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = capsys.readouterr().out
    assert re.search(r"^identity +ships +8000 Hz", listed, re.MULTILINE)
    assert re.search(r"^sepformer-whamr +fetch", listed, re.MULTILINE)


def test_an_unknown_separator_is_refused_by_naming_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["benchmark", "nobody"]) == 2
    assert "There is no separator 'nobody'; expected one of" in capsys.readouterr().err


def test_train_writes_weights_card_and_checkpoint_and_resumes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speech = write_speakers(tmp_path / "speech", speakers=4)
    out = tmp_path / "mine.safetensors"
    command = ["train", "mask-rnn", "--speech", str(speech), "--dev", str(speech)]
    command += ["--out", str(out), "--minutes", "0.0001", "--batch", "1"]
    assert main(command) == 0
    assert out.exists()
    assert out.with_suffix(".pt").exists()
    assert "si_snri_db" in capsys.readouterr().out
    state = torch.load(out.with_suffix(".pt"), weights_only=True)
    state["progress"].update(steps=41, seconds=0.0)
    torch.save(state, out.with_suffix(".pt"))
    assert main([*command, "--resume"]) == 0
    assert json.loads(out.with_suffix(".json").read_text())["training"]["steps"] == 42
