"""Networks of every architecture, small enough to run in milliseconds."""

from torch import manual_seed

from separators.network_separator import NetworkSeparator
from separators.networks import architectures

TINY: dict[str, dict[str, object]] = {
    "conv-tasnet": {"filters": 16, "bottleneck": 8, "hidden": 16, "blocks": 3},
    "dprnn": {"filters": 16, "layers": 1, "chunk": 20},
    "sepformer": {
        "filters": 16,
        "layers": 1,
        "heads": 2,
        "feed_forward": 32,
        "repeats": 1,
        "chunk": 20,
    },
    "mask-rnn": {"hidden": 8, "layers": 1},
    "resepformer": {
        "filters": 16,
        "layers": 1,
        "heads": 2,
        "feed_forward": 32,
        "repeats": 1,
        "chunk": 20,
    },
    "torchaudio-conv-tasnet": {
        "filters": 16,
        "bottleneck": 8,
        "hidden": 16,
        "blocks": 3,
        "repeats": 1,
    },
    "asteroid-conv-tasnet": {
        "filters": 16,
        "bottleneck": 8,
        "hidden": 16,
        "skip": 4,
        "blocks": 3,
        "repeats": 2,
    },
}


def tiny_config(architecture: str, sources: int = 2) -> architectures.Config:
    return architectures.read_config(
        {"architecture": architecture, "sources": sources, **TINY[architecture]}
    )


def tiny_separator(architecture: str, sources: int = 2) -> NetworkSeparator:
    manual_seed(0)
    config = tiny_config(architecture, sources)
    return NetworkSeparator(
        architectures.build(config),
        name=architecture,
        sample_rate=config.sample_rate,
        sources=config.sources,
    )
