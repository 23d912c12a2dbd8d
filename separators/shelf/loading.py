"""From verified bytes to a separator: checkpoints into a network, ONNX into a child."""

import io
import pickle
import re
from pathlib import Path

import torch
from torch import nn

from separators.contract import Separator, WeightsChanged
from separators.network_separator import NetworkSeparator
from separators.networks import architectures
from separators.networks.masking import MaskingNetwork
from separators.shelf import onnx_model, pinning
from separators.shelf.entry import Entry
from separators.shelf.fetch import absent, fetch

UNREADABLE = (
    RuntimeError,
    TypeError,
    AttributeError,
    ValueError,
    LookupError,
    EOFError,
    pickle.UnpicklingError,
)


def load(
    entry: Entry,
    folder: Path,
    *,
    device: str | torch.device = "cpu",
    may_fetch: bool = True,
) -> Separator:
    """Return a published separator, fetching its files if they are not here yet.

    Raises:
        WeightsMissing: if they are not here and cannot or may not be fetched.
        WeightsChanged: if a file is not the one that was published.
    """
    if pinning.missing(entry, folder):
        if not may_fetch:
            raise absent(entry, folder)
        fetch(entry, folder)
    if entry.is_onnx:
        file = entry.files["model"]
        return onnx_model.separator_of(
            pinning.read(entry, file, folder),
            name=entry.name,
            sample_rate=entry.sample_rate,
            sources=entry.sources,
            level=entry.level,
            domains=onnx_model.WITH_CONTRIBUTED,
        )
    network = architectures.build(
        architectures.read_config(
            {
                "architecture": entry.architecture,
                "sample_rate": entry.sample_rate,
                "sources": entry.sources,
                **entry.sizes,
            }
        )
    )
    fill(network, entry, folder)
    if isinstance(network, MaskingNetwork):
        network.pads_edges = False  # it was trained without
    return NetworkSeparator(
        network,
        name=entry.name,
        sample_rate=entry.sample_rate,
        sources=entry.sources,
        level=entry.level,
        restores_levels=True,
        device=device,
    )


def fill(network: nn.Module, entry: Entry, folder: Path) -> None:
    """Load each file into the part of the network that it stands under.

    Only tensors are read: a hyperparams.yaml could run any code and is never opened.

    Raises:
        WeightsChanged: if a file does not hold the weights of this architecture.
    """
    for part, file in entry.files.items():
        raw = pinning.read(entry, file, folder)
        try:
            state = torch.load(io.BytesIO(raw), map_location="cpu", weights_only=True)
            state = state[file.under] if file.under else state
            network.get_submodule(part).load_state_dict(state)
        except UNREADABLE as why:
            raise WeightsChanged(
                f"{folder / file.name} does not hold the {part or 'network'} of "
                f"{entry.title}: {_reason(why)} Expected tensors only, as "
                f"{entry.origin} has them. Delete it and fetch it again."
            ) from why


def _reason(why: Exception) -> str:
    """The first line; of torch's long advice on unpickling, only what was found."""
    if strange := re.search(r"GLOBAL (\S+) was not an allowed", str(why)):
        return f"it holds {strange[1]}, which is never unpickled here."
    return (str(why).strip() or type(why).__name__).splitlines()[0].rstrip(".:") + "."
