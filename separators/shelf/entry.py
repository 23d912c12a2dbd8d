"""One published separator: what is known of it, and the files that it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from separators.contract import SeparatorInfo

LICENCE = "Apache-2.0 as stated by its card; see the licence of the data"


@dataclass(frozen=True)
class WeightFile:
    """A file of a published separator."""

    name: str  # as its repository names it
    most_mb: int  # a larger one is refused
    sha256: str = ""  # empty: not known here, so recorded at the first fetch
    under: str = ""  # the key of the tensors, in a file that holds more than them


@dataclass(frozen=True)
class Entry:
    """A published separator.

    The files of a checkpoint each fill the part of the network that they stand under,
    "" being all of it; an ONNX file, under `model`, brings its own network, so its
    entry has no sizes.
    """

    name: str
    title: str
    architecture: str
    parameters: int
    training_data: str
    citation: str
    repository: str  # on huggingface.co, or a whole address
    commit: str  # of the repository; "main" moves, "" knows no versions
    files: Mapping[str, WeightFile]
    sizes: Mapping[str, Any]  # of the architecture, as in a card
    level: float  # root mean square of its training mixtures, roughly
    sample_rate: int = 8000  # Hz
    sources: int = 2
    stage: str = ""
    licence: str = LICENCE

    @property
    def origin(self) -> str:
        """Where the weights come from, with the version."""
        return f"{self.repository}@{self.commit}" if self.commit else self.repository

    @property
    def is_onnx(self) -> bool:
        """Whether its one file is a whole model, and not weights for one of ours."""
        return "model" in self.files

    def info(self, *, revision: str, sha256: str) -> SeparatorInfo:
        """Return what the registry shows."""
        return SeparatorInfo(
            name=self.name,
            title=self.title,
            architecture=self.architecture,
            parameters=self.parameters,
            training_data=self.training_data,
            sample_rate=self.sample_rate,
            sources=self.sources,
            licence=self.licence,
            citation=self.citation,
            weights_from=self.origin,
            revision=revision,
            sha256=sha256,
            is_default=False,
            stage=self.stage,
        )
