"""Trained estimators as files: safetensors beside a card of measured figures."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from safetensors.torch import load, save
from torch import Tensor

from estimator.domain import Domain
from estimator.network import SepQE

FOLDER = Path(__file__).parent / "weights"


class Trained(NamedTuple):
    """A network with what was measured after its training."""

    network: SepQE
    domain: Domain
    spread: Tensor  # (): what the network's own spread is multiplied by


def names() -> list[str]:
    """Names of the shipped estimators."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def path_of(name: str) -> Path:
    """The weights of a shipped estimator, or of a file of your own.

    Raises:
        ValueError: if there is neither.
    """
    path = (
        Path(name) if name.endswith(".safetensors") else FOLDER / f"{name}.safetensors"
    )
    if not path.exists():
        raise ValueError(
            f"no estimator {name!r}; shipped are {', '.join(names()) or 'none'}, "
            "or give the path of a .safetensors file that `train` wrote"
        )
    return path


def write(path: Path, trained: Trained, card: dict[str, Any]) -> None:
    """Write weights to `path` and the card beside it, as .json."""
    tensors = {
        f"network.{name}": value for name, value in trained.network.state_dict().items()
    }
    tensors |= {
        f"domain.{name}": value for name, value in trained.domain._asdict().items()
    }
    tensors["spread"] = trained.spread
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save({k: v.contiguous() for k, v in tensors.items()}))
    text = json.dumps(card, indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n")


def read(path: Path) -> tuple[Trained, str]:
    """The estimator in a file and its revision, the SHA-256 of the file."""
    content = path.read_bytes()
    tensors = load(content)
    network = SepQE()
    network.load_state_dict(_under("network", tensors))
    domain = Domain(**_under("domain", tensors))
    trained = Trained(network.eval(), domain, tensors["spread"])
    return trained, hashlib.sha256(content).hexdigest()


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {
        name.removeprefix(start): value
        for name, value in tensors.items()
        if name.startswith(start)
    }
