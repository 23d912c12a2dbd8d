"""Costs are counted right, and beside REAL-M's network."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from estimator import Estimator, Prediction, benchmark, load
from estimator.__main__ import main
from estimator.peers.realm_network import RealMNetwork


class Watch:
    """A clock that only work moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def judge_of(watch: Watch, seconds: float) -> Estimator:
    default = load()

    def predict(mixtures: Tensor, estimates: Tensor, sample_rate: int) -> Prediction:
        watch.now += seconds * len(mixtures)
        return default.predict(mixtures, estimates, sample_rate)

    about: dict[str, Any] = {
        name: getattr(default, name) for name in ("name", "revision", "unit")
    }
    about |= {"parameters": 7, "low_db": 0.0, "high_db": 1.0, "predict": predict}
    judge: Any = SimpleNamespace(**about)
    return cast(Estimator, judge)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "SECONDS", 0.6)


@pytest.mark.usefixtures("short")
def test_ratios_and_throughput_follow_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watch = Watch()

    def realm(network: RealMNetwork, mixtures: Tensor, estimates: Tensor) -> None:
        watch.now += 0.5 * len(mixtures)

    monkeypatch.setattr(benchmark, "at_once", realm)
    monkeypatch.setattr(benchmark, "one_by_one", realm)
    report = benchmark.benchmark(
        judge_of(watch, 0.02), batches=(1, 2), repeats=3, clock=watch
    )
    assert report["realm_parameters"] == 329_857
    for case in report["cases"]:
        assert case["own_ms"] == pytest.approx(20 * case["batch"])
        assert case["own_audio_seconds_per_second"] == pytest.approx(0.6 / 0.02)
        assert case["times_realm_at_once"] == pytest.approx(25)
        assert case["times_realm_one_by_one"] == pytest.approx(25)
    assert {case["batch"] for case in report["cases"]} == {1, 2}
    assert 1 in {case["threads"] for case in report["cases"]}


@torch.inference_mode()
def test_both_ways_to_call_the_network_give_the_same_figures() -> None:
    network = RealMNetwork().eval()
    given = benchmark.signals(2)
    mixtures, estimates = given[0][:, :8_000], given[1][..., :8_000]
    together = benchmark.at_once(network, mixtures, estimates)
    apart = benchmark.one_by_one(network, mixtures, estimates)
    assert torch.allclose(together, apart, atol=1e-6)


def test_the_number_of_threads_is_left_as_it_was() -> None:
    before = torch.get_num_threads()
    with benchmark._threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_memory_is_that_of_a_fresh_process() -> None:
    held = torch.ones(200_000_000)  # 800 MB in this one
    found = benchmark.memory("mixture-projection", batch=1)
    assert held.numel() and 50 < found["loaded_mb"] <= found["peak_mb"] < 700


@pytest.mark.usefixtures("short")
def test_the_command_prints_cost_and_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(benchmark, "BATCHES", (1,))
    monkeypatch.setattr(benchmark, "memory", lambda name: {"peak_mb": 123.0})
    out = tmp_path / "cost.json"
    assert main(["benchmark", "--json", str(out), "--repeats", "1"]) == 0
    report = json.loads(out.read_text())
    assert report == json.loads(capsys.readouterr().out)
    assert report["cases"][0]["times_realm_one_by_one"] > 0
    assert report["memory"] == {"peak_mb": 123.0}
