"""REAL-M's estimator without the defects of its public implementation."""

import hashlib
import io
from pathlib import Path

import pytest
import torch
from scipy.signal import resample_poly
from torch import Tensor, nn

import estimator
from estimator.peers import fetching, realm
from estimator.peers.realm_network import CHUNK, FIELD, STRIDE, RealMNetwork
from separators.networks.torchaudio_cpu import ensure_torchaudio
from tests.estimator.synthetic import RATE, voices

SCALE = realm.Scale(-10.0, 30.0, 3.0)


def network(seed: int = 0) -> RealMNetwork:
    torch.manual_seed(seed)
    return RealMNetwork().eval()


def judge() -> realm.RealM:
    return realm.RealM(network(), SCALE, name="realm", revision="0" * 64)


def spread_out(seed: int = 0) -> realm.RealM:
    """With random weights every figure would be near one half."""
    unlike = network(seed)
    with torch.no_grad():
        for name, weight in unlike.encoder_out.named_parameters():
            if name.endswith("weight"):
                weight.mul_(30)
    return realm.RealM(unlike, SCALE, name="realm", revision="0" * 64)


def theirs(ours: RealMNetwork) -> tuple[nn.Module, nn.Module]:
    """SpeechBrain's own modules, put together as its recipe says, same weights."""
    ensure_torchaudio()
    from speechbrain.nnet.CNN import Conv1d
    from speechbrain.nnet.containers import Sequential
    from speechbrain.nnet.linear import Linear

    layers: dict[str, nn.Module] = {}
    for number in range(1, 6):
        layers[f"cnn{number}"] = Conv1d(
            in_channels=2 if number == 1 else 128,
            kernel_size=4,
            out_channels=128,
            stride=1 if number == 1 else 2,
            skip_transpose=True,
            padding="valid",
        )
        layers[f"relu{number}"] = nn.ReLU()
    del layers["relu5"]
    encoder = Sequential(input_shape=[None, 2, None], **layers)
    encoder_out = Sequential(
        input_shape=[None, 256],
        layer1=Linear(input_size=256, n_neurons=256),
        relu=nn.ReLU(),
        layer2=Linear(input_size=256, n_neurons=1),
        sigm=nn.Sigmoid(),
    )
    encoder.load_state_dict(ours.encoder.state_dict())
    encoder_out.load_state_dict(ours.encoder_out.state_dict())
    return encoder.eval(), encoder_out.eval()


def placed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights of the published layout in the folder, and their sums as expected."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file, part in zip(realm.FILES, realm.PARTS, strict=True):
        buffer = io.BytesIO()
        torch.save(getattr(network(), part).state_dict(), buffer)
        (folder / file.name).write_bytes(buffer.getvalue())
        found = hashlib.sha256(buffer.getvalue()).hexdigest()
        files.append(file._replace(sha256=found))
    monkeypatch.setattr(realm, "FILES", tuple(files))


def unreachable(url: str) -> bytes:
    raise OSError("no network")


@torch.inference_mode()
def test_the_network_is_that_of_speechbrains_modules() -> None:
    ours = network()
    assert sum(x.numel() for x in ours.parameters()) == 329_857
    encoder, encoder_out = theirs(ours)
    sources = voices(1, 2, seconds=1.0)[0]
    mixture = sources.sum(0)
    signals = torch.stack([sources[0], mixture])[None]
    signals = (signals - signals.mean(-1, keepdim=True)) / signals.std(-1, keepdim=True)
    frames = encoder(signals).permute(0, 2, 1)
    pooled = torch.cat([frames.mean(1), frames.std(1) + 1e-5], dim=1)
    assert ours(mixture[None], sources[:1]).item() == pytest.approx(
        encoder_out(pooled).item(), abs=1e-6
    )


@torch.inference_mode()
def test_a_long_recording_in_chunks_gives_the_same_figure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mixture, estimate = voices(1, 2, seconds=1.0)[0]
    whole = network()(mixture[None], estimate[None])
    monkeypatch.setattr("estimator.peers.realm_network.CHUNK", 100)
    assert network()(mixture[None], estimate[None]).item() == pytest.approx(
        whole.item(), abs=1e-6
    )
    assert 600 * RATE > CHUNK * STRIDE + FIELD, "chunks are used within 10 minutes"


def test_each_estimate_is_judged_beside_its_own_mixture() -> None:
    estimates = voices(3, 2, seconds=1.0)
    mixtures = estimates.sum(1)
    together = spread_out().predict(mixtures, estimates, RATE).si_snr_db
    for item in range(3):
        alone = spread_out().predict(mixtures[item, None], estimates[item, None], RATE)
        assert torch.equal(alone.si_snr_db[0], together[item])
    assert len(set(together.flatten().tolist())) == 6


def test_a_figure_is_the_same_at_every_call() -> None:
    """StatisticsPooling of SpeechBrain adds noise at inference."""
    estimates = voices(1, 2, seconds=1.0)
    figures = {
        tuple(spread_out().predict(estimates.sum(1), estimates, RATE).si_snr_db[0])
        for _ in range(3)
    }
    assert len({tuple(float(x) for x in figure) for figure in figures}) == 1


@pytest.mark.parametrize("gain", [1e-5, 1e4])
def test_no_gain_of_the_mixture_changes_a_figure(gain: float) -> None:
    estimates = voices(1, 2, seconds=1.0)
    one, other = (
        spread_out().predict(scale * estimates.sum(1), estimates, RATE).si_snr_db
        for scale in (1.0, gain)
    )
    assert torch.allclose(one, other, atol=1e-2)


def test_other_rates_are_brought_to_8_khz() -> None:
    estimates = voices(1, 2, seconds=1.0)
    doubled = at_16_khz(estimates)
    at_8, at_16 = (
        spread_out().predict(signals.sum(1), signals, rate).si_snr_db
        for signals, rate in ((estimates, RATE), (doubled, 2 * RATE))
    )
    assert torch.allclose(at_8, at_16, atol=0.3)


def at_16_khz(signals: Tensor) -> Tensor:
    return torch.from_numpy(resample_poly(signals.numpy(), 2, 1, axis=-1))


def test_silence_is_refused() -> None:
    estimates = voices(1, 2, seconds=1.0)
    mixtures = estimates.sum(1)
    estimates[0, 1] = 0
    with pytest.raises(ValueError, match="estimate 1 of mixture 0 .* is silent"):
        judge().predict(mixtures, estimates, RATE)


def test_an_end_of_the_range_is_out_of_domain() -> None:
    sure = network()
    with torch.no_grad():
        dict(sure.encoder_out.named_parameters())["layer2.w.bias"].fill_(50.0)
    at_the_end = realm.RealM(sure, realm.PUBLISHED, name="realm", revision="0")
    estimates = voices(1, 2, seconds=1.0)
    found = at_the_end.predict(estimates.sum(1), estimates, RATE)
    assert found.si_snr_db.tolist() == [[10.0, 10.0]]
    assert not found.in_domain.any()
    assert found.std_db[0, 0].item() == pytest.approx(2.418, abs=1e-3)


def test_published_weights_are_read_from_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(tmp_path / "realm", monkeypatch)
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    found = estimator.load("realm")
    assert (found.name, found.low_db, found.high_db) == ("realm", 0.0, 10.0)
    assert found.parameters == 329_857
    estimates = voices(1, 2, seconds=1.0)
    given = (estimates.sum(1), estimates, RATE)
    by_hand = realm.RealM(network(), realm.PUBLISHED, name="realm", revision="0")
    assert torch.equal(found.predict(*given).value, by_hand.predict(*given).value)


def test_weights_are_fetched_once_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed(tmp_path / "hub", monkeypatch)
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return (tmp_path / "hub" / url.rpartition("/")[2]).read_bytes()

    one = realm.published(folder=tmp_path / "kept", fetch=fetch)
    two = realm.published(folder=tmp_path / "kept", fetch=unreachable)
    assert one.revision == two.revision
    assert len(asked) == 2
    assert all(f"/resolve/{realm.REVISION}/" in url for url in asked)
    assert not any("yaml" in url for url in asked)


def test_without_network_the_message_says_what_to_place_where(tmp_path: Path) -> None:
    with pytest.raises(fetching.WeightsMissing, match="place it at .*encoder.ckpt"):
        realm.published(folder=tmp_path, fetch=unreachable)


def test_another_file_of_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "encoder.ckpt").write_bytes(b"other")
    with pytest.raises(ValueError, match="has 76ff541f6154...; remove the file"):
        realm.published(folder=tmp_path, fetch=unreachable)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"weight": torch.ones(1)}, buffer)
    with pytest.raises(ValueError, match="does not hold the encoder of REAL-M"):
        realm.fill(network(), "encoder", buffer.getvalue(), tmp_path / "encoder.ckpt")


def test_code_in_a_checkpoint_does_not_run(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"weight": Trap(tmp_path / "ran")}, buffer)
    with pytest.raises(ValueError, match="does not hold the encoder"):
        realm.fill(network(), "encoder", buffer.getvalue(), tmp_path / "encoder.ckpt")
    assert not (tmp_path / "ran").exists()


class Trap:
    """Unpickled, it would make a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_weights_trained_here_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "own.safetensors"
    realm.write(path, network(), SCALE, {"seed": 1})
    found = estimator.load(str(path))
    assert (found.low_db, found.high_db, found.name) == (-10.0, 30.0, "own")
    estimates = voices(1, 2, seconds=1.0)
    given = (estimates.sum(1), estimates, RATE)
    assert torch.allclose(
        found.predict(*given).value, judge().predict(*given).value, atol=0.05
    )
