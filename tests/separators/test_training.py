"""Training: it learns, stops at its budget, and goes on where it stopped."""

import json
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import torch

import separators
from separators import weights
from separators.network_separator import NetworkSeparator
from separators.networks import architectures
from separators.training import train
from separators.training.mixing import Mixer, MixingPlan
from separators.training.recipes import RECIPES, Recipe, configuration, plan_of
from separators.training.speech import load_speech
from separators.training.train import Material
from separators.training.trainer import Report, Trainer, TrainingPlan, measure, run
from tests.separators.recordings import write_speakers
from tests.separators.tiny import tiny_config

BUDGET = TrainingPlan(minutes=0.5, batch=2, measure_every_s=10, half=False)


@pytest.fixture(autouse=True)
def _few_development_mixtures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "DEVELOPMENT_MIXTURES", 2)


@pytest.fixture(autouse=True)
def _tiny_recipes(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = {"architecture": "mask-rnn", "hidden": 8, "layers": 1}
    monkeypatch.setitem(RECIPES, "tiny", Recipe("Tiny", sizes))
    monkeypatch.setitem(RECIPES, "tiny-3", Recipe("Tiny", sizes | {"sources": 3}))


def ticking() -> Iterator[float]:
    """A clock on which each look takes one second."""
    return (float(second) for second in count())


def mixer_of(folder: Path, seed: int = 0) -> Mixer:
    pool = load_speech(write_speakers(folder, speakers=4), 8000)
    return Mixer(pool, plan=MixingPlan(seconds=0.3), seed=seed)


def trainer_of(plan: TrainingPlan = BUDGET) -> Trainer:
    torch.manual_seed(0)
    return Trainer(architectures.build(tiny_config("mask-rnn")), plan=plan)


def trained(trainer: Trainer, folder: Path) -> list[Report]:
    mixer, clock = mixer_of(folder), ticking()
    return list(
        run(
            trainer,
            mixer,
            development=mixer_of(folder, seed=9).batch(2),
            checkpoint=folder / "x.pt",
            clock=lambda: next(clock),
        )
    )


@pytest.mark.parametrize("half", [True, False])
def test_training_lowers_the_loss(tmp_path: Path, half: bool) -> None:
    mixtures, references = mixer_of(tmp_path).batch(4)
    trainer = trainer_of(TrainingPlan(minutes=1, learning_rate=0.02, half=half))
    losses = [trainer.step(mixtures, references) for _ in range(30)]
    assert losses[-1] < losses[0] - 2


def test_training_stops_when_its_minutes_are_spent(tmp_path: Path) -> None:
    reports = trained(trainer_of(), tmp_path)
    assert reports[-1].seconds == 30
    assert len(reports) == 30


def test_training_is_measured_and_saved_as_often_as_planned(tmp_path: Path) -> None:
    trainer = trainer_of()
    measured = [r for r in trained(trainer, tmp_path) if r.improvement_db is not None]
    assert [report.seconds for report in measured] == [10, 20, 30]
    assert [entry["steps"] for entry in trainer.progress.history] == [10, 20, 30]
    assert (tmp_path / "x.pt").exists()


def test_a_resumed_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first = trainer_of()
    trained(first, tmp_path)
    second = trainer_of(TrainingPlan(minutes=1, batch=2, measure_every_s=10))
    second.resume(tmp_path / "x.pt")
    assert second.progress.steps == 30
    for ours, theirs in zip(
        second.network.parameters(), first.network.parameters(), strict=True
    ):
        torch.testing.assert_close(ours, theirs)
    assert trained(second, tmp_path)[-1].steps == 60


def test_the_learning_rate_warms_up_and_falls_at_the_end() -> None:
    trainer = trainer_of(TrainingPlan(minutes=1, learning_rate=1.0))
    rates = []
    for steps, seconds in ((0, 0.0), (500, 30.0), (900, 48.0), (999, 60.0)):
        trainer.progress.steps, trainer.progress.seconds = steps, seconds
        trainer.set_learning_rate()
        rates.append(trainer.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([0.005, 1.0, 0.5, 0.02])


def test_a_training_writes_weights_that_load_and_a_card(tmp_path: Path) -> None:
    out = tmp_path / "out" / "mine.safetensors"
    card = train.train(
        "tiny",
        material=Material(write_speakers(tmp_path / "speech", speakers=5)),
        out=out,
        plan=TrainingPlan(minutes=1e-6, batch=1),
    )
    assert card["title"] == "Tiny"
    assert card["training"]["steps"] == 1
    network = architectures.build(architectures.read_config(card["config"]))
    weights.fill_shipped(network, out, sha256=card["sha256"])
    development = mixer_of(tmp_path / "more").batch(1)
    assert measure(network, *development) < 30


def test_stages_of_a_training_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = ticking()
    monkeypatch.setattr(train, "run", partial(run, clock=lambda: next(seconds)))
    out = tmp_path / "out" / "mask-lstm.safetensors"
    train.train(
        "tiny",
        material=Material(write_speakers(tmp_path / "speech", speakers=5)),
        out=out,
        plan=TrainingPlan(minutes=20 / 60, batch=1, early=0.1, middle=0.5),
    )
    cards = [
        json.loads(out.with_name(f"{name}.json").read_text())
        for name in ("mask-lstm-early", "mask-lstm-middle", "mask-lstm")
    ]
    assert [card["stage"] for card in cards] == ["early", "middle", "final"]
    assert [card["training"]["steps"] for card in cards] == [2, 10, 20]
    assert len({card["sha256"] for card in cards}) == 3
    assert cards[0]["title"].endswith("Tiny, early in its training")


def test_three_speakers_can_be_learned(tmp_path: Path) -> None:
    card = train.train(
        "tiny-3",
        material=Material(write_speakers(tmp_path / "speech", speakers=8)),
        out=tmp_path / "mask-lstm-3.safetensors",
        plan=TrainingPlan(minutes=1e-6, batch=1),
    )
    assert card["config"]["sources"] == 3
    assert card["training"]["mixing"]["sources"] == 3
    assert card["measured"]["what"].startswith("clean three-speaker mixtures")


def test_a_training_begins_with_what_fits_of_another_separator() -> None:
    network = architectures.build(
        architectures.read_config({"architecture": "mask-rnn", "layers": 1})
    )
    train.begin_with(network, "mask-lstm")
    given, own = separators.load("mask-lstm"), network.state_dict()
    assert isinstance(given, NetworkSeparator)
    torch.testing.assert_close(
        own["recurrent.weight_hh_l0"],
        given.network.state_dict()["recurrent.weight_hh_l0"],
    )


def test_a_separator_of_another_architecture_is_no_beginning() -> None:
    network = architectures.build(tiny_config("dprnn"))
    with pytest.raises(ValueError, match="identity has no tensor that fits"):
        train.begin_with(network, "identity")


def test_a_recipe_brings_its_plan_and_what_is_given_wins() -> None:
    plan = plan_of("mask-lstm", minutes=None, batch=2)
    assert (plan.minutes, plan.batch) == (70.0, 2)
    assert plan_of("conv-tasnet") == TrainingPlan()


@pytest.mark.parametrize("name", RECIPES)
def test_no_baseline_is_larger_than_three_million_parameters(name: str) -> None:
    network = architectures.build(configuration(name))
    assert sum(p.numel() for p in network.parameters()) <= 3e6


def test_training_anew_keeps_the_words_of_the_card(tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    out.with_suffix(".json").write_text('{"attributions": ["Thanks, Ada"]}')
    card = train.train(
        "tiny",
        material=Material(write_speakers(tmp_path / "speech", speakers=5)),
        out=out,
        plan=TrainingPlan(minutes=1e-6, batch=1),
    )
    assert card["attributions"] == ["Thanks, Ada"]
