"""Separators that others trained and published; their weights are not shipped here."""

from separators.contract import SeparatorInfo

CITATION = (
    'Subakan et al., "Attention is all you need in speech separation", ICASSP 2021; '
    'Ravanelli et al., "SpeechBrain", 2021'
)


def _sepformer(name: str, title: str, training_data: str) -> SeparatorInfo:
    return SeparatorInfo(
        name=name,
        title=title,
        architecture="sepformer",
        parameters=25_679_361,
        training_data=training_data,
        sample_rate=8000,
        sources=2,
        licence="Apache-2.0 as stated by its card; see the licence of the data",
        citation=CITATION,
        weights_from=f"speechbrain/{name}",
        revision="as fetched",
        sha256="",
        is_default=False,
    )


PUBLISHED = {
    info.name: info
    for info in (
        _sepformer("sepformer-wsj02mix", "SepFormer, WSJ0-2mix", "WSJ0-2mix"),
        _sepformer("sepformer-whamr", "SepFormer, WHAMR!", "WHAMR!"),
        _sepformer("sepformer-libri2mix", "SepFormer, Libri2Mix", "Libri2Mix, clean"),
    )
}
LEVELS = {  # root mean square of their training mixtures, roughly
    "sepformer-wsj02mix": 0.1,
    "sepformer-whamr": 0.1,
    "sepformer-libri2mix": 0.05,
}
