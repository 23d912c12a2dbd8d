"""Lets torchaudio's wheel load beside a CPU-only torch, without editing it."""

import importlib.util
import logging
import sys
from pathlib import Path

log = logging.getLogger(__name__)

EXTENSION = "torchaudio._extension.utils"


def ensure_torchaudio() -> None:
    """Import torchaudio, doing without its compiled extension on CPU-only torch.

    The wheel's extension is linked against CUDA, so a CPU torch cannot load it; it
    is then treated as absent, which torchaudio itself supports. Call it before the
    first import of torchaudio or speechbrain, in every process; repeats are free.
    """
    if "torchaudio" in sys.modules:
        return
    import torch

    if torch.version.cuda is None:  # a CUDA build loads the extension itself
        _tolerate_a_missing_extension()
    import torchaudio  # noqa: F401


def _tolerate_a_missing_extension() -> None:
    package = importlib.util.find_spec("torchaudio")
    if package is None or not package.submodule_search_locations:
        return
    folder = Path(package.submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location(
        EXTENSION, folder / "_extension" / "utils.py"
    )
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    original = module._load_lib

    def load_lib(name: str) -> bool:
        try:
            return bool(original(name))
        except OSError as trouble:
            log.info("torchaudio works without its extension %s: %s", name, trouble)
            return False

    module._load_lib = load_lib  # type: ignore[attr-defined]
    sys.modules[EXTENSION] = module
