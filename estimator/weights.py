"""Trained estimators as files: safetensors beside a card of measured figures."""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple, Self

from safetensors.torch import load, save
from torch import Tensor

from estimator.domain import Domain, Ellipsoid
from estimator.intervals import Intervals
from estimator.network import SepQE

FOLDER = Path(__file__).parent / "weights"


class Trained(NamedTuple):
    """A network with what was measured after its training."""

    network: SepQE
    domain: Domain
    intervals: Intervals

    def to(self, device: str) -> Self:
        """All of it on a device."""
        look, summary = (
            Ellipsoid(*(x.to(device) for x in part)) for part in self.domain
        )
        return type(self)(
            self.network.to(device),
            Domain(look, summary),
            Intervals(*(x.to(device) for x in self.intervals)),
        )


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
    groups = {
        "network": trained.network.state_dict(),
        "domain.look": trained.domain.look._asdict(),
        "domain.summary": trained.domain.summary._asdict(),
        "intervals": trained.intervals._asdict(),
    }
    tensors = {
        f"{group}.{name}": value.contiguous().cpu()
        for group, values in groups.items()
        for name, value in values.items()
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(save(tensors))
    text = json.dumps(card, indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n")


def read(path: Path) -> tuple[Trained, str]:
    """The estimator in a file and its revision, the SHA-256 of the file.

    Raises:
        ValueError: if the file was written for another network than this one.
    """
    content = path.read_bytes()
    tensors = load(content)
    network = SepQE()
    try:
        network.load_state_dict(_under("network", tensors))
        look, summary = (
            Ellipsoid(**_under(f"domain.{part}", tensors)) for part in Domain._fields
        )
        intervals = Intervals(**_under("intervals", tensors))
    except (RuntimeError, TypeError) as mismatch:
        raise ValueError(
            f"{path} holds {len(tensors)} tensors that are not those of the present "
            "network; train it anew with `python -m estimator train`"
        ) from mismatch
    trained = Trained(network.eval(), Domain(look, summary), intervals)
    return trained, hashlib.sha256(content).hexdigest()


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    start = f"{prefix}."
    return {
        name.removeprefix(start): value
        for name, value in tensors.items()
        if name.startswith(start)
    }
