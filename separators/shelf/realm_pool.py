"""The nine separators of REAL-M's estimator: three networks at three stages each.

Sizes: DPRNN and Conv-TasNet as SpeechBrain's recipes had them in 2021, when these were
trained (the Conv-TasNet recipe became causal in 2023 only). Kernel and filters: read in
the pool's own hyperparams.yaml. The parameters agree in bytes with the published files.
Hashes: Git LFS pointers as huggingface.co shows them; a file without one is trusted as
first fetched.
"""

from separators.shelf.entry import Entry, WeightFile

REALM = (
    'Subakan et al., "REAL-M: Towards speech separation on real mixtures", ICASSP 2022'
)
REPOSITORY = "speechbrain/REAL-M-sisnr-estimator-training"
COMMIT = "aa26451fb33db67af1c066f46583c1c14abaf088"
STAGES = {1: "early", 2: "middle", 3: "final"}
NETWORKS = {  # title, architecture, parameters, megabytes at most, sizes
    "sepformer": ("SepFormer", "sepformer", 25_679_361, 120, {}),
    "dprnn": ("DPRNN", "dprnn", 14_617_089, 65, {}),
    "convtasnet": (
        "Conv-TasNet",
        "conv-tasnet",
        6_582_832,
        30,
        {
            "kernel_size": 16,
            "filters": 256,
            "bottleneck": 256,
            "hidden": 512,
            "blocks": 6,
            "repeats": 4,
        },
    ),
}
HASHES = {  # of the encoder, the masknet and the decoder
    "sepformer1": (
        "4ba8d001c2b3fbd7cd034271448c0b51e6e7e4f33e9c0f6fc2fe80414ce9c42c",
        "8e5772c0ed40c85a2ea12fa9c2bbf6fe5a247bec060d13e63e97db085340bb4c",
        "308586da02de3c86af1a597eabf7613d96c12d558bc1ef82274a286ab18281c2",
    ),
    "sepformer2": (
        "3b6254aa3844cc2ce414b52a9194159420cf0428d729080ff368e1dd0475221d",
        "f97d50ea5109f93a4344ad09de7e37094517b230ea51fedcbed5c774d349f80b",
        "5ee854d9e42e953b5e1e1e13c946fa07b67b0ed619661b9606744f66d27f4b66",
    ),
    "sepformer3": (
        "336c62fbb678eca723dfaf8f05e8d18a35a66f2c125a360e02b7019a0d69fa4f",
        "b7121e0143b8d1786410c0ae377769ba13ebf25b36ef32d17df4c28c1451693b",
        "7fe9ba6f6e6e54de10ffc878a7a228e725281301d5a393870d455c0695abd32e",
    ),
    "dprnn1": (
        "bdf0dbef1da288e831b4facdfa428de1c3bac0dfefe6c08a127c6e09c60d148b",
        "427819af9b78e9700010f6cbe84af6c33cb5b229762018c76c3ba9117c4f8761",
        "d2e73c51dc6b7bdcc3a546af3e2f682dc4d3f7357d1497b5e545401a3cb517b1",
    ),
    "dprnn2": (
        "aef9291a6d0d0a74955bf539c81d36a35bdc6900306d5d1c69dca57b0b315e4c",
        "7dbfce012dc85b68b3cc9f8e1d10b1fc63ef54248b34d562f61bb8c0f7a23030",
        "74fac8e4c0330aca71afef77553f5da11fa5a89bff026e9fe8e5fd529ddc3b9a",
    ),
    "dprnn3": (
        "",
        "67c82bfea757c580fa2dbffd4df4687a8054652d63857cba920b15d7056a8b4a",
        "4d26e5412c04d918938a2b5a0e310d814fcf1451c3c7e9dda9f52b549f553f64",
    ),
    "convtasnet1": (
        "4314241647c3b6adece727c3ff8066f674c516ad0a531efaa0bbd89eb4786050",
        "5c8606649b45db4841e79ef35ec71bb7e0f79b1e5101fe690ef083dbb7c0c21c",
        "623030a5a4317eabc555ec09254d6a05e5f3811933c429f90f06f903a22b808c",
    ),
    "convtasnet2": (
        "5830174e7975d20ec1a82e6eb90521ad2359f58d69245864c6299d7fe89b94e3",
        "a43214e59d3f5b23936a9be023790a4920806186c2e814dc8f4dea13f3a5a2df",
        "680ae89a64815fb9ea7a9bf2e19682841772253084ba5db0fe30db96a62e16f1",
    ),
    "convtasnet3": (
        "b9dcf0cc01b62e9bf3545eeccbc34547c718f6ae626d6f91bb6d8540ce418e15",
        "f14d10e6f2e7d4eb7770f3938fac171dfb86d46bce7082fbfee400d95dfe5cc5",
        "35b76309d4da7851d953ad333fe2214c5f52625f09bd786c546f4152789c7710",
    ),
}


def _member(network: str, number: int) -> Entry:
    title, architecture, parameters, most_mb, sizes = NETWORKS[network]
    model = f"{network}{number}"
    encoder, masknet, decoder = HASHES[model]
    return Entry(
        name=f"realm-{model}",
        title=f"{title} of REAL-M, stage {number} of 3",
        architecture=architecture,
        parameters=parameters,
        training_data="WHAMR!, mixed on the fly",
        citation=REALM,
        repository=REPOSITORY,
        commit=COMMIT,
        files={
            "encoder": WeightFile(f"{model}_encoder.ckpt", 1, encoder),
            "masknet": WeightFile(f"{model}_masknet.ckpt", most_mb, masknet),
            "decoder": WeightFile(f"{model}_decoder.ckpt", 1, decoder),
        },
        sizes=sizes,
        level=0.1,
        stage=STAGES[number],
    )


REALM_POOL = [_member(network, number) for network in NETWORKS for number in STAGES]
