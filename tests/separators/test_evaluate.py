"""Figures of separators: means, intervals, stages, and the same mixtures for all."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from separators.__main__ import main
from separators.training.evaluate import (
    Conditions,
    draw,
    evaluate,
    mean_with_interval,
    stage_before,
    table,
)
from tests.separators.recordings import write_speakers


def conditions_in(folder: Path, mixtures: int = 6) -> Conditions:
    return Conditions(write_speakers(folder / "speech", speakers=4), mixtures=mixtures)


def test_the_interval_is_students() -> None:
    figures = np.random.default_rng(0).normal(5, 2, 40)
    found = mean_with_interval(figures)
    low, high = stats.ttest_1samp(figures, 0).confidence_interval()
    assert (found.low, found.high) == pytest.approx((low, high))
    assert found.mean == pytest.approx(figures.mean())


def test_the_interval_holds_the_truth_19_times_of_20() -> None:
    draws = np.random.default_rng(1).normal(3, 1, (2000, 30))
    found = [mean_with_interval(figures) for figures in draws]
    held = np.mean([mean.low <= 3 <= mean.high for mean in found])
    assert held == pytest.approx(0.95, abs=0.015)


def test_one_mixture_gives_no_interval(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 mixtures give no interval; expected at"):
        evaluate(["identity"], conditions_in(tmp_path, mixtures=1))


def test_the_mixture_itself_improves_nothing(tmp_path: Path) -> None:
    report = evaluate(["identity"], conditions_in(tmp_path))
    row = report["separators"][0]
    assert row["si_snri_db"] == pytest.approx(
        {"mean": 0, "low": 0, "high": 0}, abs=1e-4
    )
    assert row["mixtures"] == 6
    assert row["share_improved"] == 0


def test_the_same_mixtures_are_drawn_each_time(tmp_path: Path) -> None:
    conditions = conditions_in(tmp_path)
    first, _ = draw(conditions, sample_rate=8000, sources=2)
    again, _ = draw(conditions, sample_rate=8000, sources=2)
    torch.testing.assert_close(first, again, rtol=0, atol=0)


@pytest.mark.parametrize("sources", [2, 3])
def test_clean_references_add_up_to_the_mixture(tmp_path: Path, sources: int) -> None:
    drawn = draw(conditions_in(tmp_path), sample_rate=8000, sources=sources)
    mixtures, references = drawn
    assert references.shape[1] == sources
    torch.testing.assert_close(references.sum(1), mixtures, rtol=0, atol=1e-5)


def test_a_stage_knows_the_one_before_it() -> None:
    assert stage_before("mask-lstm-early") is None
    assert stage_before("mask-lstm-middle") == "mask-lstm-early"
    assert stage_before("mask-lstm") == "mask-lstm-middle"
    assert stage_before("identity") is None


def test_a_stage_is_compared_with_the_one_before_it(tmp_path: Path) -> None:
    names = ["mask-lstm-early", "mask-lstm-middle"]
    report = evaluate(names, conditions_in(tmp_path))
    early, middle = report["separators"]
    assert early["gained_db"] is None
    difference = middle["si_snri_db"]["mean"] - early["si_snri_db"]["mean"]
    assert middle["gained_db"]["mean"] == pytest.approx(difference)
    assert "over the stage before" in table(report)


def test_the_command_prints_a_table_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    speech = write_speakers(tmp_path / "speech", speakers=4)
    out = tmp_path / "out.json"
    command = ["evaluate", "identity", "--speech", str(speech), "--mixtures", "3"]
    assert main([*command, "--json", str(out)]) == 0
    assert "identity" in capsys.readouterr().out
    assert json.loads(out.read_text())["separators"][0]["mixtures"] == 3
