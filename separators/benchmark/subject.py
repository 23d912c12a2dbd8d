"""What is measured: a separator by name, or an architecture with random weights."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from separators import registry
from separators.contract import Separator
from separators.network_separator import NetworkSeparator, at_speed
from separators.networks import architectures
from separators.networks.torchaudio_cpu import ensure_torchaudio
from separators.speed import Speed, as_published


@dataclass(frozen=True)
class Subject:
    """As plain data, so that it can be handed to another process."""

    name: str
    has_random_weights: bool = False  # then the name is an architecture's
    device: str = "cpu"
    speed: str = Speed.EXACT

    def load(self) -> Separator:
        """Return it ready to run.

        Raises:
            ValueError: if the speed is not for it, or the architecture is unknown.
        """
        separator = self._random() if self.has_random_weights else self._registered()
        return at_speed(separator, Speed(self.speed))

    def _registered(self) -> Separator:
        return registry.load(self.name, self.device)

    def _random(self) -> Separator:
        torch.manual_seed(0)
        config = architectures.read_config({"architecture": self.name})
        return NetworkSeparator(
            architectures.build(config),
            name=f"{self.name} (random weights)",
            sample_rate=config.sample_rate,
            sources=config.sources,
            device=self.device,
        )


def computes_here(separator: Separator) -> bool:
    """Whether its work is done by torch in this process, where it can be looked at.

    A stranger's model works in a child process: neither its memory nor its arithmetic
    is seen from here.
    """
    return not hasattr(getattr(separator, "network", None), "parameter_count")


def speechbrains_own(separator: Separator) -> Callable[[Tensor], Tensor] | None:
    """Return `SepformerSeparation.separate_batch` of the same weights.

    Returns:
        (batch, time) to (batch, time, source), on the device of the separator; None
        if the network is not one of SpeechBrain's.
    """
    network = getattr(separator, "network", None)
    masknet = getattr(network, "masknet", None)
    if network is None or not type(masknet).__module__.startswith("speechbrain."):
        return None
    ensure_torchaudio()
    from speechbrain.inference.separation import SepformerSeparation

    published = as_published(network)
    parts = {part: getattr(published, part) for part in ("encoder", "masknet")}
    model = SepformerSeparation(
        modules={**parts, "decoder": published.decoder},
        hparams={"num_spks": separator.sources, "sample_rate": separator.sample_rate},
        run_opts={"device": str(next(published.parameters()).device)},
        freeze_params=True,
    )
    return model.separate_batch
