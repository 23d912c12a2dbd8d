"""The benchmark: what is in its report, and that the figures are what they say."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from separators.__main__ import main
from separators.benchmark import measure
from separators.benchmark import report as benchmark
from separators.benchmark.measure import Job
from separators.benchmark.overhead import overhead
from separators.benchmark.plots import plot
from separators.benchmark.subject import Subject, speechbrains_own
from separators.network_separator import NetworkSeparator
from tests.separators import onnx_models
from tests.separators.tiny import tiny_separator


def test_the_report_has_time_memory_and_arithmetic_at_each_length(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.json"
    command = ["benchmark", "--random-weights", "mask-rnn", "--seconds", "1"]
    command += ["--repeats", "1", "--batch", "2", "--json", str(out)]
    assert main([*command, "--plot", str(tmp_path / "out.png")]) == 0
    found = json.loads(out.read_text())
    (row,) = found["separators"]
    separator = Subject("mask-rnn", has_random_weights=True).load()
    assert isinstance(separator, NetworkSeparator)
    assert row["parameters"] == sum(p.numel() for p in separator.network.parameters())
    (at,) = row["lengths"]
    assert at["mixture_s"] == 1
    assert at["real_time_factor"] == pytest.approx(at["median_s"] / 2, abs=1e-6)
    assert at["peak_memory_mib"] > 1
    assert at["speechbrain"] is None
    assert found["rule"]["batch"] == 2
    assert found["machine"]["threads"] >= 1
    assert (tmp_path / "out.png").read_bytes().startswith(b"\x89PNG")
    assert "mask-rnn" in capsys.readouterr().out


def test_speechbrains_call_is_timed_and_weighed_beside_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Here in one process; `measure_apart` is tested above."""
    monkeypatch.setattr(benchmark, "measure_apart", measure.measure)
    found = benchmark.benchmark([Subject("convtasnet-small")], seconds=[0.5], repeats=1)
    (at,) = found["separators"][0]["lengths"]
    assert at["speechbrain"]["our_throughput_over_theirs"] == pytest.approx(
        at["speechbrain"]["median_s"] / at["median_s"], abs=0.01
    )
    assert at["speechbrain"]["peak_memory_mib"] >= 0
    *_, line = benchmark.table(found)
    assert line.endswith("x")


def test_the_median_of_the_timed_calls_counts_and_calls_take_turns() -> None:
    ticks = iter([0, 1, 0, 10, 0, 5, 0, 20, 0, 3, 0, 90])  # ours 1 5 3, theirs 10 20 90
    said: list[str] = []

    def ours(mixtures: Tensor) -> Tensor:
        said.append("ours")
        return mixtures

    def theirs(mixtures: Tensor) -> Tensor:
        said.append("theirs")
        return mixtures

    found = measure.interleaved(
        [ours, theirs], torch.zeros(1, 1), 3, torch.device("cpu"), lambda: next(ticks)
    )
    assert found == [3, 20]
    assert said == ["ours", "theirs"] * 3


@pytest.mark.parametrize("mib", [40, 160])
def test_peak_memory_is_what_a_call_holds_at_its_worst_moment(mib: int) -> None:
    program = (
        "import torch; from separators.benchmark.memory import PeakMemory\n"
        "peak = PeakMemory(torch.device('cpu'))\n"
        f"held = torch.ones({mib} << 18); del held  # 4 bytes each\n"
        "print(peak.growth_mib())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == pytest.approx(mib, abs=8)


@pytest.mark.parametrize("architecture", ["conv-tasnet", "dprnn", "sepformer"])
def test_speechbrains_own_call_separates_with_the_same_weights(
    architecture: str,
) -> None:
    separator = tiny_separator(architecture)
    call = speechbrains_own(separator)
    assert call is not None
    mixture = torch.randn(1, 8000, generator=torch.Generator().manual_seed(0))
    mixture /= mixture.square().mean().sqrt()  # the level that ours brings it to
    theirs = call(mixture).transpose(1, 2)[..., 500:-500]
    ours = separator.separate(mixture)[..., 500:-500]
    cosine = torch.nn.functional.cosine_similarity(ours, theirs, dim=-1)
    assert cosine.min() > 0.99, "they differ at the edges only"


@pytest.mark.parametrize("name", ["identity", "mask-lstm"])
def test_what_is_not_of_speechbrain_has_no_peer(name: str) -> None:
    assert speechbrains_own(Subject(name).load()) is None


def test_overhead_is_the_median_of_ratios_in_turns() -> None:
    # separate_many first, then second, then first: 2 / 1, 3 / 1 and 4 / 1
    spent = iter([9, 9, 2, 1, 1, 3, 4, 1])
    now = [0.0, False]

    def clock() -> float:
        now[1] = not now[1]
        if not now[1]:
            now[0] += next(spent)
        return now[0]

    found = overhead(
        Subject("mask-rnn", has_random_weights=True),
        seconds=0.5,
        batch=2,
        repeats=3,
        clock=clock,
    )
    assert found["ratio"] == 3
    assert (found["separate_many_s"], found["bare_s"]) == (3, 1)


def test_overhead_needs_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "identity", "--overhead"]) == 2
    assert "identity has no network to compare with" in capsys.readouterr().err


def test_overhead_has_nothing_to_draw(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "identity", "--overhead", "--plot", "a.png"]) == 2
    assert "has one length and nothing to draw" in capsys.readouterr().err


def test_random_weights_stand_for_an_architecture() -> None:
    separator = Subject("dprnn", has_random_weights=True).load()
    assert separator.name == "dprnn (random weights)"


def test_a_speed_that_a_separator_cannot_run_at_is_refused() -> None:
    with pytest.raises(ValueError, match="identity has no network that could run at"):
        Subject("identity", speed="bf16").load()


def test_what_a_fresh_process_refuses_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = onnx_models.save(onnx_models.greedy(), tmp_path)
    assert main(["benchmark", f"onnx:{path}", "--seconds", "1"]) == 2
    told = capsys.readouterr().err
    assert f"onnx:{path} could not be measured at 1 s" in told
    assert "within the memory that is allowed" in told


def test_a_process_that_ends_without_an_answer_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ValueError, match=r"could not be measured at 3 s \(exit status"):
        measure.measure_apart(Job(Subject("identity"), 3, 1, 1))


def report(names: int) -> dict[str, Any]:
    def at(seconds: float) -> dict[str, Any]:
        return {"mixture_s": seconds, "median_s": seconds / 9, "peak_memory_mib": 9.0}

    def row(number: int) -> dict[str, Any]:
        lengths = [{**at(s), "speechbrain": at(s)} for s in (1, 30)]
        name = {"name": f"separator {number}", "has_random_weights": False}
        return {**name, "speed": "exact", "lengths": lengths}

    machine = {"processor": "Babbage & Sons", "threads": 1}
    rows = [row(number) for number in range(names)]
    return {"machine": machine, "rule": {"batch": 1}, "separators": rows}


def test_the_plot_names_every_separator_and_its_peer(tmp_path: Path) -> None:
    import matplotlib as mpl

    with mpl.rc_context({"svg.fonttype": "none"}):
        plot(report(9), tmp_path / "out.svg")
    drawn = (tmp_path / "out.svg").read_text()
    for number in range(9):
        assert f">separator {number}<" in drawn
        assert f">separator {number}, SpeechBrain's call<" in drawn
    assert "Babbage &amp; Sons, 1 thread" in drawn


def test_a_strangers_model_is_timed_but_not_looked_into(tmp_path: Path) -> None:
    """It computes in a child process, so that nothing measured here is its need."""
    path = onnx_models.save(onnx_models.two_outputs(), tmp_path)
    found = measure.measure(Job(Subject(f"onnx:{path}"), 0.5, batch=1, repeats=1))
    assert found["median_s"] > 0
    assert (found["gmac"], found["peak_memory_mib"]) == (None, None)
