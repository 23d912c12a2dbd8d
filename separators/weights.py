"""The weights shipped here: written by training, read back only as their card says."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor, nn

from separators.contract import WeightsChanged, WeightsMissing
from separators.networks.architectures import Config

SHIPPED = Path(__file__).parent / "weights"
SPARE_BYTES = 1_000_000  # of a file, beside its numbers


def save(
    network: nn.Module, path: Path, *, config: Config, card: dict[str, Any]
) -> dict[str, Any]:
    """Write the weights in half precision and, beside them, their card; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().half().contiguous()
        for name, tensor in network.state_dict().items()
    }
    safetensors.torch.save_file(tensors, path)
    path.chmod(0o644)  # safetensors lets only the owner read
    whole = {
        **card,
        "config": asdict(config),
        "parameters": sum(weight.numel() for weight in network.parameters()),
        "sha256": digest(path),
    }
    path.with_suffix(".json").write_text(json.dumps(whole, indent=2) + "\n")
    return whole


def fill_shipped(network: nn.Module, path: Path, *, sha256: str) -> None:
    """Load weights written by `save`.

    Raises:
        WeightsMissing: if the file is not there.
        WeightsChanged: if the file is not the one the card describes.
    """
    if not path.exists():
        raise WeightsMissing(
            f"{path} is not there, but its card is; expected both side by side. "
            "Restore the file from the repository."
        )
    most = 4 * sum(tensor.numel() for tensor in network.state_dict().values())
    if (size := path.stat().st_size) > most + SPARE_BYTES:
        raise WeightsChanged(
            f"{path} has {size / 1e6:.1f} MB; expected at most "
            f"{(most + SPARE_BYTES) / 1e6:.1f} MB for this network. "
            "Restore the file from the repository."
        )
    raw = path.read_bytes()
    found = hashlib.sha256(raw).hexdigest()
    if found != sha256:
        raise WeightsChanged(
            f"{path} has the SHA-256 {found[:12]}...; its card says {sha256[:12]}... "
            "Restore the file, or write its card anew by training."
        )
    try:
        network.load_state_dict(_as_float(safetensors.torch.load(raw)))
    except (SafetensorError, RuntimeError) as why:
        raise WeightsChanged(
            f"{path} does not hold the weights of this network "
            f"({str(why).strip().splitlines()[0]}); expected safetensors as its card "
            "says. Restore the file and its card from the repository."
        ) from why


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_float(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in tensors.items()}
