"""onnxruntime sends its maker what it does, unless it is told not to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("first", ["config", "estimator"])
def test_no_process_of_ours_lets_onnxruntime_report(first: str, tmp_path: Path) -> None:
    """Its reports would wait in the home folder, beside a name for this machine."""
    code = f"import sys; sys.path.insert(0, 'platform'); import {first}, onnxruntime"
    kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**kept, "HOME": str(tmp_path), "VAR_DIR": str(tmp_path / "var")},
        check=True,
    )
    assert list(tmp_path.rglob("*onnxruntime*")) == []
