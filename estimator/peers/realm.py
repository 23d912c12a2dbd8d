"""REAL-M's estimator: as published, and its architecture with weights of our own."""

import hashlib
import io
import json
import math
import pickle
from pathlib import Path
from typing import Any, NamedTuple

import torch
from safetensors.torch import load as tensors_of
from safetensors.torch import save
from torch import Tensor

from estimator import inputs
from estimator.peers.fetching import Fetch, Published, download, ensure, folder_of
from estimator.peers.realm_network import RealMNetwork
from estimator.prediction import DB, Prediction

SAMPLE_RATE = 8_000
ARCHITECTURE = "realm"  # in the card of weights trained here
REPOSITORY = "speechbrain/REAL-M-sisnr-estimator"
REVISION = "7308f2f4d0390ee68a31be850d685a323e891b01"
PARTS = {  # of the published network; SHA-256 as the Hub states it
    "encoder": "76ff541f6154ad9891570aa899bac07cb8ea5645ad1e4f88bcabf8a87d7ee48b",
    "encoder_out": "faaea7a87e2ef529e100b39b3402108a299a4623e9c89f1173eecb043e20fcf4",
}
FILES = tuple(
    Published(REPOSITORY, REVISION, f"{part}.ckpt", sha256)
    for part, sha256 in PARTS.items()
)
PUBLISHED_LOW_DB, PUBLISHED_HIGH_DB = 0.0, 10.0  # to which its targets were clipped
PUBLISHED_L1_DB = 1.71  # against unclipped SI-SNR, as its recipe reports
EDGE_DB = 0.5  # this near to an end of its range it cannot know how far beyond


class Scale(NamedTuple):
    """What the figures 0 and 1 of the network mean, and how far off they are."""

    low_db: float
    high_db: float
    std_db: float


PUBLISHED = Scale(PUBLISHED_LOW_DB, PUBLISHED_HIGH_DB, math.sqrt(2) * PUBLISHED_L1_DB)


class RealM:
    """Judges each estimate alone beside its mixture; at 8 kHz, never with others."""

    unit = DB

    def __init__(
        self,
        network: RealMNetwork,
        scale: Scale,
        *,
        name: str,
        revision: str,
        device: str = "cpu",
    ) -> None:
        self.name, self.revision = name, revision
        self.low_db, self.high_db = scale.low_db, scale.high_db
        self._std_db = scale.std_db
        self._device = torch.device(device)
        self._network = network.to(self._device).eval()
        self.parameters = sum(x.numel() for x in network.parameters())

    @torch.inference_mode()
    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """Predict the SI-SNR of every estimate; no curve, one spread for all.

        `in_domain` is false within 0.5 dB of an end of the range, beyond which this
        network cannot see.

        Args:
            mixtures: (batch, time).
            estimates: (batch, source, time), one source or more.
            sample_rate: Hz of both; they are resampled to 8 kHz here.

        Raises:
            ValueError: as `inputs.together`.
        """
        signals = inputs.together(
            mixtures, estimates, sample_rate, wanted=SAMPLE_RATE, least=1
        )
        share = torch.stack([self._one(item.to(self._device)) for item in signals])
        si_snr_db = self.low_db + (self.high_db - self.low_db) * share.cpu()
        inside = (si_snr_db > self.low_db + EDGE_DB) & (
            si_snr_db < self.high_db - EDGE_DB
        )
        std_db = torch.full_like(si_snr_db, self._std_db)
        return Prediction(si_snr_db, std_db, si_snr_db[..., None][..., :0], inside, 1.0)

    def _one(self, signals: Tensor) -> Tensor:
        """(1 + source, time) to (source,); one estimate at a time saves memory."""
        figures = [self._network(signals[:1], signals[i, None]) for i in _rows(signals)]
        return torch.cat(figures)


def _rows(signals: Tensor) -> range:
    return range(1, len(signals))


def published(
    device: str = "cpu", folder: Path | None = None, fetch: Fetch = download
) -> RealM:
    """The estimator of the paper, its weights fetched on first use.

    Only tensors are read: its hyperparams.yaml could run any code, is never fetched.

    Raises:
        WeightsMissing: if they are not here and cannot be fetched.
        ValueError: if a file is not the published one.
    """
    folder = folder or folder_of("realm")
    network = RealMNetwork()
    digest = hashlib.sha256()
    for part, file in zip(PARTS, FILES, strict=True):
        content = ensure(file, folder, fetch)
        digest.update(content)
        fill(network, part, content, folder / file.name)
    return RealM(
        network, PUBLISHED, name="realm", revision=digest.hexdigest(), device=device
    )


def fill(network: RealMNetwork, part: str, content: bytes, path: Path) -> None:
    """Put the tensors of a checkpoint into one part of the network.

    Raises:
        ValueError: if they are not the weights of this part.
    """
    try:
        state = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        getattr(network, part).load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError, pickle.UnpicklingError) as why:
        first = str(why).strip().splitlines()[0].rstrip(".:")
        raise ValueError(
            f"{path} does not hold the {part} of REAL-M's estimator: {first}. "
            f"Remove it, then fetch it from https://huggingface.co/{REPOSITORY}"
        ) from why


def write(
    path: Path, network: RealMNetwork, scale: Scale, card: dict[str, Any]
) -> None:
    """Write weights trained here in half precision, and their card beside them."""
    tensors = {name: value.half() for name, value in network.state_dict().items()}
    tensors["scale"] = torch.tensor(scale)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save({k: v.contiguous() for k, v in tensors.items()}))
    whole = {"architecture": ARCHITECTURE, **card}
    text = json.dumps(whole, indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n")


def read(path: Path, device: str = "cpu") -> RealM:
    """The architecture with weights that `write` wrote."""
    content = path.read_bytes()
    tensors = tensors_of(content)
    scale = Scale(*tensors.pop("scale").tolist())
    network = RealMNetwork()
    network.load_state_dict({name: value.float() for name, value in tensors.items()})
    revision = hashlib.sha256(content).hexdigest()
    return RealM(network, scale, name=path.stem, revision=revision, device=device)
