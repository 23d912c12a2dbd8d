"""Published separators that are not SpeechBrain's.

No hash of these files is known here, and of the ONNX file no commit either: both are
trusted as first fetched.
"""

from separators.shelf.entry import Entry, WeightFile

OTHERS = [
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
