"""The command that shows training material."""

import json
from pathlib import Path

import pytest

from estimator.__main__ import main
from estimator.material import commands
from tests.estimator.material.test_recordings import speakers


def test_rates_and_the_spread_of_truth_are_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(commands, "WARM_UP", 1)
    speakers(tmp_path)
    assert main(["material", "--speech", str(tmp_path), "--mixtures", "10"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["mixtures"] == 10
    assert found["estimates"] == 60
    assert found["mixtures_per_cpu_second"] > 0
    assert sum(found["true_si_snr_db"].values()) == 60
    assert [*found["true_si_snr_db"]][0] == "-10..-5"
