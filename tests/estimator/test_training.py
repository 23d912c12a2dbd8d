"""Training learns, keeps its budget and writes what can be loaded."""

import json
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
    truth = Output(
        batch.si_snr_db, torch.zeros(len(batch.si_snr_db)), batch.curve_db.nan_to_num()
    )
    off = truth._replace(mean_db=truth.mean_db.flip(0))
    assert training_loop.loss(truth, batch).item() == pytest.approx(0.0, abs=0.05)
    assert training_loop.loss(off, batch) > training_loop.loss(truth, batch) + 1


def test_fitting_stops_when_its_time_is_over(tmp_path: Path) -> None:
    seen = training_loop.fit(
        SepQE(),
        Mixer(Recordings.under(speech(tmp_path)), seconds=1.0),
        seconds=2.0,
        clock=clock_of(1.0),
    )
    assert seen == 2 * training_loop.FRESH


def test_training_writes_an_estimator_that_loads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "CALIBRATED_ON", 5)
    monkeypatch.setattr(train, "MEASURED_ON", 3)
    out = tmp_path / "own.safetensors"
    thanks = tmp_path / "thanks.txt"
    thanks.write_text("Speech by six oscillators\n")
    speech(tmp_path / "speech")
    arguments = ["--speech", str(tmp_path / "speech"), "--out", str(out)]
    arguments += ["--minutes", "0.001", "--attributions", str(thanks)]
    assert main(["train", *arguments]) == 0
    card = json.loads(out.with_suffix(".json").read_text())
    assert card["unseen_speakers"]["n"] == 18
    assert card["attributions"] == ["Speech by six oscillators"]
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
    assert torch.equal(found.domain.precision, trained.domain.precision)


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
    fresh = [[example] for example in Examples(mixer, seed=0, count=4)]
    stream = training_loop.remembering(iter(fresh), np.random.default_rng(0))
    batches = list(stream)
    items = training_loop.ITEMS
    assert len(batches[0].si_snr_db) == items
    assert len(batches[1].si_snr_db) == (1 + training_loop.AGAIN) * items
    assert torch.equal(batches[1].si_snr_db[items : 2 * items], fresh[0][0].si_snr_db)
    assert batches[1].features.maps.dtype == torch.float32
