"""The architectures by name: configuration from plain data, network from it."""

from dataclasses import dataclass, fields
from typing import Any

from torch import nn

from separators.networks import (
    asteroid_conv_tasnet,
    conv_tasnet,
    dprnn,
    mask_rnn,
    resepformer,
    sepformer,
    torchaudio_conv_tasnet,
)

Config = (
    conv_tasnet.ConvTasNetConfig
    | dprnn.DprnnConfig
    | sepformer.SepFormerConfig
    | mask_rnn.MaskRnnConfig
    | resepformer.ResepformerConfig
    | torchaudio_conv_tasnet.TorchaudioConvTasNetConfig
    | asteroid_conv_tasnet.AsteroidConvTasNetConfig
)


@dataclass(frozen=True)
class Architecture:
    """A name in a card, and what it stands for."""

    config: type[Config]
    title: str
    citation: str


ARCHITECTURES = {
    "conv-tasnet": Architecture(
        conv_tasnet.ConvTasNetConfig,
        "Conv-TasNet",
        "Luo and Mesgarani, IEEE/ACM TASLP 2019",
    ),
    "dprnn": Architecture(
        dprnn.DprnnConfig, "DPRNN", "Luo, Chen and Yoshioka, ICASSP 2020"
    ),
    "sepformer": Architecture(
        sepformer.SepFormerConfig, "SepFormer", "Subakan et al., ICASSP 2021"
    ),
    "resepformer": Architecture(
        resepformer.ResepformerConfig,
        "RE-SepFormer",
        "Della Libera et al., ICASSP 2024",
    ),
    "torchaudio-conv-tasnet": Architecture(
        torchaudio_conv_tasnet.TorchaudioConvTasNetConfig,
        "Conv-TasNet of torchaudio",
        "Luo and Mesgarani, IEEE/ACM TASLP 2019",
    ),
    "asteroid-conv-tasnet": Architecture(
        asteroid_conv_tasnet.AsteroidConvTasNetConfig,
        "Conv-TasNet of asteroid",
        "Luo and Mesgarani, IEEE/ACM TASLP 2019",
    ),
    "mask-rnn": Architecture(
        mask_rnn.MaskRnnConfig, "Mask-RNN", "Kolbaek et al., IEEE/ACM TASLP 2017"
    ),
}


def read_config(values: dict[str, Any]) -> Config:
    """Return the configuration that a card's plain values describe.

    Raises:
        ValueError: if the architecture or one of its sizes is unknown.
    """
    architecture = ARCHITECTURES.get(values.get("architecture", ""))
    if architecture is None:
        raise ValueError(
            f"The architecture {values.get('architecture')!r} is unknown; expected one "
            f"of {', '.join(ARCHITECTURES)}. Correct it, or add it to architectures.py."
        )
    known = {field.name for field in fields(architecture.config)}
    if strange := sorted(set(values) - known):
        raise ValueError(
            f"{values['architecture']} has no {', '.join(strange)}; expected some of "
            f"{', '.join(sorted(known))}. Correct the configuration."
        )
    return architecture.config(**values)


def build(config: Config) -> nn.Module:
    """Return the network of a configuration, with random weights."""
    match config:
        case conv_tasnet.ConvTasNetConfig():
            return conv_tasnet.build(config)
        case dprnn.DprnnConfig():
            return dprnn.build(config)
        case sepformer.SepFormerConfig():
            return sepformer.build(config)
        case mask_rnn.MaskRnnConfig():
            return mask_rnn.build(config)
        case resepformer.ResepformerConfig():
            return resepformer.build(config)
        case torchaudio_conv_tasnet.TorchaudioConvTasNetConfig():
            return torchaudio_conv_tasnet.build(config)
        case asteroid_conv_tasnet.AsteroidConvTasNetConfig():
            return asteroid_conv_tasnet.build(config)
