"""Training learns, keeps its budget and writes what can be loaded."""

import json
import math
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch

from estimator import load, train, training_loop, weights
from estimator.__main__ import main
from estimator.evaluation.agreement import agreement
from estimator.features import describe
from estimator.material.examples import Example, Examples, collate
from estimator.material.mixer import Mixer
from estimator.material.recordings import Recordings
from estimator.network import Output, SepQE, curve_frames
from tests.estimator.synthetic import RATE, untrained, voices, write_audio


def clock_of(seconds_per_call: float) -> Callable[[], float]:
    ticks = count()
    return lambda: next(ticks) * seconds_per_call


def speech(folder: Path) -> Path:
    for number, signal in enumerate(0.1 * voices(1, 6)[0]):
        write_audio(folder / f"speaker_{number}" / "0.wav", signal)
    return folder


def batch_in(folder: Path) -> Example:
    mixer = Mixer(Recordings.under(speech(folder)), seconds=1.0)
    examples = Examples(mixer, seed=0, count=3)
    return collate([examples[index] for index in range(3)])


def test_the_network_can_learn_a_batch(tmp_path: Path) -> None:
    batch = batch_in(tmp_path)
    torch.manual_seed(0)
    network = SepQE().train()
    optimizer = torch.optim.Adam(network.parameters(), 3e-3)
    losses = []
    for _ in range(8):
        value = training_loop.loss(network(batch.features), batch)
        optimizer.zero_grad()
        torch.autograd.backward(value)
        optimizer.step()
        losses.append(value.item())
    assert losses[-1] < 0.9 * losses[0]


def test_loss_is_least_for_the_truth(tmp_path: Path) -> None:
    batch = batch_in(tmp_path)
    nothing = torch.zeros(len(batch.si_snr_db))
    truth = Output(
        mean_db=batch.si_snr_db,
        log_scale=nothing,
        curve_db=batch.curve_db.nan_to_num(),
        cells=nothing,
        sides_db=batch.side_db,
        summary=nothing,
    )
    off = truth._replace(mean_db=truth.mean_db.flip(0))
    assert training_loop.loss(truth, batch).item() == pytest.approx(0.0, abs=0.05)
    assert training_loop.loss(off, batch) > training_loop.loss(truth, batch) + 1


def fitted(
    folder: Path,
    schedule: training_loop.Schedule,
    *,
    checkpoint: Path | None = None,
    resume: bool = False,
    clock: Callable[[], float] = lambda: 0.0,
    best_mae_db: float = math.inf,
) -> tuple[training_loop.Trainer, list[training_loop.Report]]:
    mixer = Mixer(Recordings.under(folder), seconds=1.0)
    torch.manual_seed(0)
    trainer = training_loop.Trainer(SepQE(), schedule, seed=0)
    trainer.progress.best_mae_db = best_mae_db
    if resume and checkpoint:
        trainer.resume(checkpoint)
    examples = Examples(mixer, seed=0, count=1)
    stream = (examples.__getitems__([2 * i, 2 * i + 1]) for i in count())
    held_out = collate([*Examples(mixer, seed=1, count=1)])
    reports = training_loop.fit(
        trainer, stream, held_out, checkpoint=checkpoint, clock=clock
    )
    return trainer, list(reports)


def test_fitting_stops_when_its_time_is_over(tmp_path: Path) -> None:
    schedule = training_loop.Schedule(minutes=1 / 20)  # three ticks of the clock
    _, reports = fitted(speech(tmp_path), schedule, clock=clock_of(1.0))
    assert [report.seconds for report in reports] == [1.0, 2.0, 3.0]
    assert reports[-1].done >= 1


def test_one_seed_gives_one_result(tmp_path: Path) -> None:
    schedule = training_loop.Schedule(steps=2)
    folder = speech(tmp_path)
    first, again = fitted(folder, schedule)[0], fitted(folder, schedule)[0]
    for name, value in first.network.state_dict().items():
        assert torch.equal(value, again.network.state_dict()[name])


def test_a_training_broken_off_goes_on_where_it_stood(tmp_path: Path) -> None:
    folder, checkpoint = speech(tmp_path), tmp_path / "a.checkpoint"
    half = training_loop.Schedule(steps=2)
    stopped, _ = fitted(folder, half, checkpoint=checkpoint)
    whole = training_loop.Schedule(steps=3)
    trainer, reports = fitted(folder, whole, checkpoint=checkpoint, resume=True)
    assert [report.steps for report in reports] == [3]
    assert trainer.progress.best_mae_db <= stopped.progress.best_mae_db


def test_there_must_be_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    trainer = training_loop.Trainer(SepQE(), training_loop.Schedule(), seed=0)
    with pytest.raises(ValueError, match="to go on from; leave out --resume to start"):
        trainer.resume(tmp_path / "none.checkpoint")


def test_training_stops_early_when_held_out_speakers_gain_nothing(
    tmp_path: Path,
) -> None:
    schedule = training_loop.Schedule(steps=100, patience=1)
    _, reports = fitted(speech(tmp_path), schedule, best_mae_db=0.0)
    measured = [report for report in reports if report.held_out_mae_db is not None]
    assert len(measured) == 1
    assert len(reports) < 10


def test_the_running_average_is_what_is_kept(tmp_path: Path) -> None:
    trainer, reports = fitted(speech(tmp_path), training_loop.Schedule(steps=2))
    assert reports[-1].held_out_mae_db is not None
    kept, best = trainer.network.state_dict(), trainer.best
    assert all(torch.equal(kept[name], best[name]) for name in best)


def test_training_writes_an_estimator_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, mixtures in (("CHOSEN_ON", 2), ("CALIBRATED_ON", 5), ("MEASURED_ON", 3)):
        monkeypatch.setattr(train, name, mixtures)
    out = tmp_path / "own.safetensors"
    thanks = tmp_path / "thanks.txt"
    thanks.write_text("Speech by six oscillators\n")
    speech(tmp_path / "speech")
    arguments = ["--speech", str(tmp_path / "speech"), "--out", str(out)]
    arguments += ["--steps", "1", "--attributions", str(thanks)]
    assert main(["train", *arguments]) == 0
    card = json.loads(out.with_suffix(".json").read_text())
    assert card["unseen_speakers"]["n"] == 18
    assert 0 <= card["unseen_speakers"]["within_95"] <= 1
    assert card["attributions"] == ["Speech by six oscillators"]
    assert out.with_suffix(".png").read_bytes()[1:4] == b"PNG"
    header, first = out.with_suffix(".csv").read_text().splitlines()
    assert header.split(",") == list(training_loop.Report._fields)
    assert first.split(",")[0] == "1"
    sources = voices(1, 2)
    prediction = load(str(out)).predict(sources.sum(1), sources, RATE)
    assert prediction.si_snr_db.isfinite().all()
    assert main(["train", *arguments, "--start", str(out)]) == 0


def test_weights_survive_the_file(tmp_path: Path) -> None:
    trained = untrained(seed=3)
    path = tmp_path / "a.safetensors"
    weights.write(path, trained, {})
    found, revision = weights.read(path)
    assert len(revision) == 64
    for name, value in trained.network.state_dict().items():
        assert torch.equal(found.network.state_dict()[name], value)
    assert torch.equal(found.domain.look.precision, trained.domain.look.precision)
    assert torch.equal(found.intervals.ends, trained.intervals.ends)


def test_revision_changes_with_the_weights(tmp_path: Path) -> None:
    revisions = set()
    for seed in (0, 0, 1):
        weights.write(tmp_path / "a.safetensors", untrained(seed), {})
        revisions.add(weights.read(tmp_path / "a.safetensors")[1])
    assert len(revisions) == 2


def test_an_unknown_estimator_is_refused() -> None:
    with pytest.raises(ValueError, match="no estimator 'nonesuch'; there are default"):
        load("nonesuch")


@pytest.mark.parametrize("samples", [4_000, 24_000, 40_001, 55_296])
def test_curve_has_the_stated_number_of_points(samples: int) -> None:
    sources = voices(1, 2, samples / RATE)
    output = SepQE().eval()(describe(sources.sum(1), sources))
    assert output.curve_db.shape == (2, curve_frames(sources.shape[-1]))


def test_agreement_needs_three_estimates() -> None:
    two = torch.ones(2).numpy()
    with pytest.raises(ValueError, match="2 estimates; a correlation needs at least"):
        agreement(predicted_db=two, measured_db=two, std_db=two)


def test_earlier_mixtures_come_again_beside_new_ones(tmp_path: Path) -> None:
    mixer = Mixer(Recordings.under(speech(tmp_path)), seconds=1.0)
    fresh = [[example] for example in Examples(mixer, seed=0, count=2)]
    stream = training_loop.remembering(iter(fresh), np.random.default_rng(0))
    batches = list(stream)
    items, together = len(fresh[0][0].si_snr_db), training_loop.TOGETHER
    assert len(batches) == training_loop.ROUNDS * 2
    assert len(batches[0].si_snr_db) == items
    assert len(batches[1].si_snr_db) == together * items
    repeated = batches[1].si_snr_db[items : 2 * items]
    assert torch.equal(repeated, fresh[0][0].si_snr_db)
    assert int(batches[1].mixture.max()) == together - 1
    assert batches[1].features.maps.dtype == torch.float32
