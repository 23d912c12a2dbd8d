"""The separators that SpeechBrain published, a repository each.

Sizes: read in the hyperparams.yaml of the WSJ0 and WHAM! ones and of RE-SepFormer; all
parameters agree in bytes with the published files. Hashes: Git LFS pointers as
huggingface.co shows them; a file without one is trusted as first fetched.
"""

from typing import Any

from separators.shelf.entry import Entry, WeightFile

SEPFORMER = (
    'Subakan et al., "Attention is all you need in speech separation", ICASSP 2021; '
    'Ravanelli et al., "SpeechBrain", 2021'
)
RESEPFORMER = (
    'Della Libera et al., "Resource-efficient separation Transformer", ICASSP 2024; '
    'Ravanelli et al., "SpeechBrain", 2021'
)


def _three_parts(
    encoder: str = "", masknet: str = "", decoder: str = "", most_mb: int = 120
) -> dict[str, WeightFile]:
    return {
        "encoder": WeightFile("encoder.ckpt", 1, encoder),
        "masknet": WeightFile("masknet.ckpt", most_mb, masknet),
        "decoder": WeightFile("decoder.ckpt", 1, decoder),
    }


def _sepformer(
    name: str,
    training_data: str,
    commit: str,
    files: dict[str, WeightFile],
    level: float = 0.1,
    **different: Any,
) -> Entry:
    sources = different.get("sources", 2)
    return Entry(
        name=name,
        title=f"SepFormer, {training_data}",
        architecture="sepformer",
        parameters={2: 25_679_361, 3: 25_745_153}[sources],
        training_data=training_data,
        citation=SEPFORMER,
        repository=f"speechbrain/{name}",
        commit=commit,
        files=files,
        sizes={},
        level=level,
        **different,
    )


SPEECHBRAIN = [
    _sepformer(
        "sepformer-wsj02mix",
        "WSJ0-2mix",
        "22a8e8909d14484a1f41a142c4ffbfc1509a8677",
        _three_parts(
            encoder="3139bb880b29ea77ae8a168b8f2ad6e8eb5c2c0904289676c223d0e93cd2a35d",
            masknet="57dd5f49bf21c5a2101bb4e46648d05d34d517a59e26f0b06646d0bebe8214c7",
            decoder="abea1a2d41151331b4c36071d1b3205aed940a189721f008b12a703e9c63e7e4",
        ),
    ),
    _sepformer(
        "sepformer-wsj03mix",
        "WSJ0-3mix",
        "21e78b44a378092c34fff32ba8e788a73584f474",
        _three_parts(
            encoder="afdabc2f213c6391002088c0faade7253f62c1ad910c58b3c42a3147f3421451",
            masknet="7c11786f74723c8e7021f6c9769057724c5e6833d1ed0f09fc935adfcb8a0078",
        ),
        sources=3,
    ),
    _sepformer(
        "sepformer-wham",
        "WHAM!",
        "acceaa27dd3248ccbcf0b795fc29251f452bd899",
        _three_parts(
            encoder="a33283041ba9a4cc292bc31ea14b1bfccad8304be822480571eaf95f9ccb0301",
            masknet="f058bffbc94d3ac3fb2481239b9eda589cb53484d312714180c98ae5fee8bbf3",
            decoder="d9a06998d188f9fa0cb79915dc855aac4737c41392488b11d500b453000f4dfa",
        ),
    ),
    _sepformer(
        "sepformer-whamr",
        "WHAMR!",
        "8ff25187c1c4d4968b31a6cbf5679372cdaf4999",
        _three_parts(
            masknet="897fc2de3cde8992891a2ee7164cd49877459e65d4867327c3c6b80da94aad01",
        ),
    ),
    _sepformer(
        "sepformer-whamr16k",
        "WHAMR!, 16 kHz",
        "f8081a9d6d7d1e9ec37c1a6c12df827a8a7625aa",
        _three_parts(
            encoder="31d23d395a408b887b8f6ac01e477f00bcba27f95785426359fb52d52f1dc6ed",
            masknet="e5fb8c690668e5d1bbbc9a8256974577093a09cd08e845e9f30024fdd33472ce",
            decoder="2d959cb46de5b15f008bf5476cf7c19bc680b310c7e10883e3eddfdbde533cb8",
        ),
        sample_rate=16000,
    ),
    _sepformer(
        "sepformer-libri2mix",
        "Libri2Mix, clean",
        "2ef3a730343dfb128dbf5407dde6176d0cba5af8",
        _three_parts(
            masknet="f54762647082a8fe75a1cacc6c3d463b967223fc77c836cc4fb8ca2a272d9a75",
            decoder="05340634088efb00ec448f548af107d5d932057ea214dd64497f34106247e184",
        ),
        level=0.05,
    ),
    _sepformer(
        "sepformer-libri3mix",
        "Libri3Mix, clean",
        "1f2d824e2333aec9e60d0030fb144885c1afc426",
        _three_parts(
            encoder="e949e80c1a96965b723460209bb155eac1fdb2f6d2cf4e7b3e1d3152716f38d0",
            decoder="9afdda4e4ecb9eefb5d49329193c7a9215ae7443aab206f2fe4eb0f50988ca53",
        ),
        level=0.05,
        sources=3,
    ),
    Entry(
        name="resepformer-wsj02mix",
        title="RE-SepFormer, WSJ0-2mix",
        architecture="resepformer",
        parameters=7_955_201,
        training_data="WSJ0-2mix",
        citation=RESEPFORMER,
        repository="speechbrain/resepformer-wsj02mix",
        commit="b8e127bf2b3585c95eebbe7b786e9d3f16675156",
        files=_three_parts(
            decoder="5504e2cecb7e0f94164a3bda231491bbef242e22d41762759e87f6f7699a9049",
            most_mb=200,  # three tables of positions are in it
        ),
        sizes={},
        level=0.1,
    ),
]
