"""The command that fetches published weights, and what `list` says of them."""

from pathlib import Path

import pytest

from separators.__main__ import main
from separators.shelf import SHELF, pinning
from tests.separators.published import Server, files_of, serving, tiny_entry


@pytest.fixture
def weights_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number in (1, 2):
        entry = tiny_entry(f"realm-dprnn{number}", is_pinned=number == 1, seed=number)
        monkeypatch.setitem(SHELF, entry.name, entry)
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    return tmp_path


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    files = files_of(tiny_entry("realm-dprnn1", seed=1), seed=1)
    files |= files_of(tiny_entry("realm-dprnn2", seed=2), seed=2)
    return Server(files)


def test_fetch_brings_verifies_and_says_what_is_trusted(
    weights_dir: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with serving(server):
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        assert main(["fetch", "realm-dprnn1", "realm-dprnn2"]) == 0
    said = capsys.readouterr().err
    revision = pinning.info(
        SHELF["realm-dprnn1"], weights_dir / "realm-dprnn1"
    ).revision
    assert f"realm-dprnn1 {revision} in {weights_dir}/realm-dprnn1, as pinned" in said
    assert "but for dprnn2_encoder.ckpt, dprnn2_masknet.ckpt, dprnn2_dec" in said
    assert main(["list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    where = {line.split()[0]: line.split()[1] for line in listed}
    assert where["realm-dprnn1"] == where["realm-dprnn2"] == "here"
    assert where["realm-dprnn3"] == "fetch"
    assert where["identity"] == "ships"


def test_separate_fetches_on_first_use(
    weights_dir: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    import numpy as np
    import soundfile

    mixture = weights_dir / "in.wav"
    soundfile.write(mixture, np.zeros(4000), 8000)
    with serving(server):
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        out = str(weights_dir / "out")
        assert main(["separate", "realm-dprnn1", str(mixture), out]) == 0
    assert len(list((weights_dir / "out").iterdir())) == 2
    assert len(server.asked) == 3


def test_fetch_of_what_is_not_on_the_shelf_names_what_is(
    weights_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fetch", "mask-lstm"]) == 2
    assert "Nothing is to be fetched for 'mask-lstm'; expected some of sepformer-" in (
        capsys.readouterr().err
    )
