"""Published separators that are not SpeechBrain's.

No hash of torchaudio's file and of the ONNX file is known here, and of the latter no
commit either: both are trusted as first fetched.

Asteroid's files are pickles with more in them than tensors; nothing but plain values is
read. Those of 16 kHz hold only such, as huggingface.co shows. Of the clean one of 8 kHz
that is not known: should it hold others, it is refused by naming them. The noisy one of
8 kHz does (numpy scalars), and so is not here. Sizes: the cards' training settings.
"""

from separators.shelf.entry import Entry, WeightFile


def _asteroid(  # noqa: PLR0913
    name: str,
    *,
    model: str,
    commit: str,
    parameters: int,
    kernel_size: int,
    sample_rate: int,
    noise: str = "clean",
    licence: str,
    sha256: str = "",
) -> Entry:
    return Entry(
        name=name,
        title=f"Conv-TasNet of asteroid, Libri2Mix {noise}, {sample_rate // 1000} kHz",
        architecture="asteroid-conv-tasnet",
        parameters=parameters,
        training_data=f"Libri2Mix, {noise}",
        citation="Luo and Mesgarani, IEEE/ACM TASLP 2019; Pariente et al., "
        '"Asteroid", Interspeech 2020',
        repository=f"JorisCos/{model}",
        commit=commit,
        files={"": WeightFile("pytorch_model.bin", 21, sha256, under="state_dict")},
        sizes={"kernel_size": kernel_size},
        level=0.05,
        sample_rate=sample_rate,
        licence=licence,
    )


SHARE_ALIKE = "CC BY-SA 4.0 by its card, 3.0 by the notice there; first CC BY-NC 4.0"
NON_COMMERCIAL = (
    "CC BY-SA 4.0 by its card, but non-commercial by asteroid's rule: WHAM! noise"
)

OTHERS = [
    _asteroid(
        "asteroid-convtasnet-libri2mix-8k",
        model="ConvTasNet_Libri2Mix_sepclean_8k",
        commit="38fc890e34da77409680aa430b6b42da395d94a0",
        parameters=5_050_545,
        kernel_size=16,
        sample_rate=8000,
        licence=SHARE_ALIKE,
    ),
    _asteroid(
        "asteroid-convtasnet-libri2mix-16k",
        model="ConvTasNet_Libri2Mix_sepclean_16k",
        commit="e1ef95ab7a037950f3a606b9a56760cf94701d3d",
        parameters=5_066_929,
        kernel_size=32,
        sample_rate=16000,
        licence=SHARE_ALIKE,
        # as users of the file state it, with 20,394,640 bytes
        sha256="8d97f012f7b2f22bb79cb0d0983a7ba27a52c1796ee3f63cbf25b4d28630adce",
    ),
    _asteroid(
        "asteroid-convtasnet-libri2mix-noisy-16k",
        model="ConvTasNet_Libri2Mix_sepnoisy_16k",
        commit="de774bb07f49c9e978431b04e5ad8a4d623332d9",
        parameters=5_066_929,
        kernel_size=32,
        sample_rate=16000,
        noise="with WHAM! noise",
        licence=NON_COMMERCIAL,
    ),
    Entry(
        name="torchaudio-convtasnet-libri2mix",
        title="Conv-TasNet of torchaudio, Libri2Mix",
        architecture="torchaudio-conv-tasnet",
        parameters=4_984_881,
        training_data="Libri2Mix, clean",
        citation="Luo and Mesgarani, IEEE/ACM TASLP 2019; Yang et al., "
        '"TorchAudio", ICASSP 2022',
        repository="https://download.pytorch.org/torchaudio/models",
        commit="",
        files={
            "conv_tasnet": WeightFile("conv_tasnet_base_libri2mix.pt", 21),
        },  # 20,049,107 bytes where others fetched it
        sizes={},
        level=0.05,
        licence="not stated for the weights; the code is BSD-2-Clause",
    ),
    Entry(
        name="mossformer2-ss-16k",
        title="MossFormer2 SS 16K, 8 bits",
        architecture="mossformer2",
        parameters=55_700_000,  # of the original, as second-hand sources have it
        training_data="LRS2, WSJ0, Libri2Mix, WHAM! and private data",
        citation='Zhao et al., "MossFormer2", ICASSP 2024; 8-bit export by ipsilondev',
        repository="ipsilondev/MossFormer2-SS-16K-ONNX",
        commit="main",
        files={"model": WeightFile("model.int8.onnx", 100)},
        sizes={},
        level=0.056,  # -25 dB of full scale
        sample_rate=16000,
        licence="Apache-2.0 as stated upstream",
    ),
]
