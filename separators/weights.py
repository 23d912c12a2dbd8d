"""Weights on disk: the ones shipped here, and SpeechBrain's published folders."""

import hashlib
import json
import os
import pickle
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from separators.contract import SeparatorInfo, WeightsChanged, WeightsMissing
from separators.networks.architectures import Config

SHIPPED = Path(__file__).parent / "weights"
PARTS = ("encoder", "masknet", "decoder")


def save(
    network: nn.Module, path: Path, *, config: Config, card: dict[str, Any]
) -> dict[str, Any]:
    """Write the weights in half precision and, beside them, their card; return it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {
        name: tensor.detach().half().contiguous()
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, path)
    path.chmod(0o644)  # safetensors lets only the owner read
    whole = {
        **card,
        "config": asdict(config),
        "parameters": sum(tensor.numel() for tensor in tensors.values()),
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
    found = digest(path)
    if found != sha256:
        raise WeightsChanged(
            f"{path} has the SHA-256 {found[:12]}...; its card says {sha256[:12]}... "
            "Restore the file, or write its card anew by training."
        )
    network.load_state_dict(_as_float(load_file(path)))


def fill_published(network: nn.Module, folder: Path, *, info: SeparatorInfo) -> None:
    """Load encoder.ckpt, masknet.ckpt and decoder.ckpt of a SpeechBrain folder.

    Only tensors are read: a hyperparams.yaml could run any code and is never opened.

    Raises:
        WeightsMissing: if a file is not there.
        WeightsChanged: if a file does not hold the weights of this architecture.
    """
    files = {part: folder / f"{part}.ckpt" for part in PARTS}
    missing = [file.name for file in files.values() if not file.exists()]
    if missing:
        raise WeightsMissing(
            f"{info.name} needs {', '.join(missing)} in {folder}, which holds none "
            f"of that name. Fetch them from https://huggingface.co/"
            f"{info.weights_from} into that folder, or set WEIGHTS_DIR."
        )
    for part, file in files.items():
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
            getattr(network, part).load_state_dict(state)
        except (RuntimeError, TypeError, AttributeError, pickle.UnpicklingError) as why:
            raise WeightsChanged(
                f"{file} does not hold the {part} of {info.title}: {_first_line(why)} "
                f"Fetch it again from https://huggingface.co/{info.weights_from}."
            ) from why


def folder_of(name: str, weights_dir: Path | None) -> Path:
    """Return where the published weights of a separator are looked up."""
    return (weights_dir or Path(os.environ.get("WEIGHTS_DIR", "var/weights"))) / name


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _as_float(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.float() for name, tensor in tensors.items()}


def _first_line(why: Exception) -> str:
    return str(why).strip().splitlines()[0].rstrip(".:") + "."
