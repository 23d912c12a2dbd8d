"""Puts a network behind the separator contract: level, edges, silence, batches."""

import copy
from collections.abc import Callable

import torch
from torch import Tensor, nn

from separators.contract import Separator, check_mixtures
from separators.long import Cut, separate_in_chunks
from separators.speed import Speed, fuse_attention, runner

SHORTEST = 2048  # samples a network sees; shorter mixtures are padded with silence


class NetworkSeparator:
    """A network that always hears the level it was trained at.

    Args:
        level: root mean square of the mixtures that the network was trained on.
        restores_levels: bring estimates back to their level in the mixture; for
            networks whose training left the scale of the output free.
        cut: how recordings are cut that are too long to be heard at once.
    """

    def __init__(
        self,
        network: nn.Module,
        *,
        name: str,
        sample_rate: int,
        sources: int,
        level: float = 1.0,
        restores_levels: bool = False,
        device: str | torch.device = "cpu",
        cut: Cut | None = None,
    ) -> None:
        self.name = name
        self.sample_rate = sample_rate
        self.sources = sources
        self.cut = cut or Cut()
        self.network = fuse_attention(network.eval().requires_grad_(False).to(device))
        self._device = torch.device(device)
        self.run: Callable[[Tensor], Tensor] = self.network
        self._level = level
        self._restores_levels = restores_levels

    def at_speed(self, speed: Speed) -> "NetworkSeparator":
        """Return a separator that runs the same network in another way."""
        faster = copy.copy(self)
        faster.run = runner(self.network, speed, self._device)
        return faster

    def separate(self, mixtures: Tensor) -> Tensor:
        """(batch, time) in, (batch, source, time) out; long ones chunk by chunk."""
        check_mixtures(mixtures)
        return separate_in_chunks(
            self.separate_whole,
            mixtures,
            cut=self.cut,
            sample_rate=self.sample_rate,
        )

    @torch.no_grad()
    def separate_whole(self, mixtures: Tensor) -> Tensor:
        """As `separate`, in one call of the network whatever the length."""
        heard = mixtures.to(self._device, torch.float32)
        loudness = heard.double().square().mean(dim=1, keepdim=True).sqrt()
        gain = torch.where(loudness > 0, loudness / self._level, 1.0).float()
        heard = heard / gain
        samples = heard.shape[1]
        padded = nn.functional.pad(heard, (0, max(0, SHORTEST - samples)))
        estimates = self.run(padded)[..., :samples]
        if self._restores_levels:
            estimates = restore_levels(mixtures=heard, estimates=estimates)
        audible = (loudness > 0).float()
        estimates = estimates * (gain * audible)[:, None]
        return estimates.to(mixtures.device, mixtures.dtype)


def at_speed(separator: Separator, speed: Speed) -> Separator:
    """Return the separator as it runs at that speed.

    Raises:
        ValueError: if it has no network, and another speed than exact is asked for.
    """
    if speed is Speed.EXACT:
        return separator
    if not isinstance(separator, NetworkSeparator):
        raise ValueError(
            f"{separator.name} has no network that could run at the speed "
            f"{speed.value!r}; expected 'exact'. Leave --speed out for it."
        )
    return separator.at_speed(speed)


def restore_levels(*, mixtures: Tensor, estimates: Tensor) -> Tensor:
    """Scale estimates so that their sum comes as near the mixture as it can.

    Args:
        mixtures: (batch, time).
        estimates: signals of unknown scale, (batch, source, time).
    Returns:
        The estimates times one gain each, never negative, (batch, source, time).
    """
    scale = estimates.double().norm(dim=2, keepdim=True).clamp_min(1e-12)
    exact = estimates.double() / scale
    products = exact @ exact.transpose(1, 2)  # (batch, source, source)
    ridge = 1e-6 * torch.eye(products.shape[1]).to(products)
    wanted = exact @ mixtures.double()[..., None]  # (batch, source, 1)
    gains = torch.linalg.solve(products + ridge, wanted)
    return (exact * gains.clamp_min(0)).to(estimates.dtype)
