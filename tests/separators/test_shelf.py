"""The shelf: what is known of published separators, and how their files become one."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import separators
from separators import WeightsChanged, WeightsMissing, registry
from separators.shelf import SHELF, loading, pinning
from separators.shelf.entry import Entry
from tests.separators.published import (
    files_of,
    network_for,
    put,
    saved,
    tiny_entry,
)

LAYOUTS = [
    "resepformer-wsj02mix",
    "realm-dprnn2",
    "torchaudio-convtasnet-libri2mix",
    "asteroid-convtasnet-libri2mix-8k",
]
MIXTURES = 0.1 * torch.randn(2, 4000, generator=torch.Generator().manual_seed(0))
every_layout = pytest.mark.parametrize("name", LAYOUTS)


class Touch:
    """Unpickled by a careless loader, this would create a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return Path.touch, (self.path,)


def placed(
    folder: Path, name: str = "realm-dprnn2", *, is_pinned: bool = True
) -> Entry:
    entry = tiny_entry(name, is_pinned=is_pinned)
    put(files_of(entry), folder)
    return entry


def masknet_of(entry: Entry, folder: Path) -> Path:
    return folder / entry.files["masknet"].name


@every_layout
def test_published_files_give_the_network_that_was_published(
    name: str, tmp_path: Path
) -> None:
    entry = placed(tmp_path, name)
    theirs, ours = network_for(entry, seed=0), network_for(entry, seed=1)
    loading.fill(ours, entry, tmp_path)
    with torch.no_grad():
        torch.testing.assert_close(ours(MIXTURES), theirs(MIXTURES), rtol=0, atol=0)


@every_layout
def test_a_published_separator_separates(name: str, tmp_path: Path) -> None:
    entry = placed(tmp_path, name)
    separator = loading.load(entry, tmp_path, may_fetch=False)
    assert separator.separate(MIXTURES).shape == (2, 2, 4000)
    assert (separator.name, separator.sample_rate) == (name, 8000)


@pytest.mark.parametrize("name", LAYOUTS[:2])
@pytest.mark.parametrize("samples", [4000, 4003])
def test_estimates_are_those_of_speechbrain_but_for_their_level(
    name: str, samples: int, tmp_path: Path
) -> None:
    from speechbrain.inference.separation import SepformerSeparation

    entry = replace(placed(tmp_path, name), level=1.0)
    ours = loading.load(entry, tmp_path, may_fetch=False)
    network = network_for(entry)
    parts = {part: network.get_submodule(part) for part in entry.files}
    reference = SepformerSeparation(parts, {"num_spks": 2})
    mixtures = torch.nn.functional.normalize(MIXTURES[:, :3999], dim=1) * 3999**0.5
    mixtures = torch.nn.functional.pad(mixtures, (0, samples - 3999))
    mixtures = mixtures * (samples / 3999) ** 0.5  # now at unit level
    theirs = reference.separate_batch(mixtures).transpose(1, 2)
    found = ours.separate(mixtures)
    gains = (found * theirs).sum(2, keepdim=True) / theirs.square().sum(2, keepdim=True)
    torch.testing.assert_close(found, gains * theirs, rtol=0, atol=1e-3)


@pytest.mark.parametrize("name", ["sepformer-wsj03mix", "sepformer-whamr16k"])
def test_sources_and_rate_are_those_of_the_entry(name: str, tmp_path: Path) -> None:
    entry = placed(tmp_path, name)
    separator = loading.load(entry, tmp_path, may_fetch=False)
    sources, rate = {"sepformer-wsj03mix": (3, 8000)}.get(name, (2, 16000))
    assert (separator.sources, separator.sample_rate) == (sources, rate)
    assert separator.separate(MIXTURES).shape == (2, sources, 4000)


def test_a_checkpoint_that_would_run_code_is_refused_unopened(tmp_path: Path) -> None:
    entry = placed(tmp_path, is_pinned=False)
    bait = tmp_path / "touched"
    masknet_of(entry, tmp_path).write_bytes(saved(Touch(bait)))
    pinning.record(entry, tmp_path)  # even where its hash is trusted
    with pytest.raises(WeightsChanged, match=r"masknet.ckpt does not hold the masknet"):
        loading.load(entry, tmp_path)
    assert not bait.exists()


def test_what_no_tensor_is_is_named_where_a_checkpoint_is_refused(
    tmp_path: Path,
) -> None:
    entry = tiny_entry("asteroid-convtasnet-libri2mix-8k", is_pinned=False)
    (raw,) = files_of(entry).values()
    whole = torch.load(io.BytesIO(raw), weights_only=True)
    whole["infos"] = {"si_sdr": np.float64(14.8)}
    put({entry.files[""].name: saved(whole)}, tmp_path)
    pinning.record(entry, tmp_path)
    with pytest.raises(
        WeightsChanged,
        match=r"not hold the network of .*: it holds numpy\S+scalar, which is never un",
    ):
        loading.load(entry, tmp_path)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: b"",
        lambda raw: raw[: len(raw) // 2],
        lambda raw: b"<html>Not found</html>",
        lambda raw: saved([1, 2, 3]),
        lambda raw: saved({"other": torch.zeros(3)}),
    ],
    ids=["empty", "truncated", "a web page", "no tensors", "another network"],
)
def test_a_spoiled_checkpoint_is_refused_by_name(spoil, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    entry = placed(tmp_path, is_pinned=False)
    path = masknet_of(entry, tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    pinning.record(entry, tmp_path)
    with pytest.raises(WeightsChanged, match=r"2_masknet.ckpt does not hold .*\. Ex"):
        loading.load(entry, tmp_path)


def test_a_file_with_another_hash_than_pinned_is_refused_unopened(
    tmp_path: Path,
) -> None:
    entry = placed(tmp_path)
    pinning.record(entry, tmp_path)
    bait = tmp_path / "touched"
    masknet_of(entry, tmp_path).write_bytes(saved(Touch(bait)))
    with pytest.raises(
        WeightsChanged, match=r"masknet.ckpt has the SHA-256 .*; expect"
    ):
        loading.load(entry, tmp_path)
    assert not bait.exists()


def test_what_was_trusted_once_must_stay_the_same(tmp_path: Path) -> None:
    entry = placed(tmp_path, is_pinned=False)
    pinning.record(entry, tmp_path)
    put(files_of(entry, seed=5), tmp_path)
    with pytest.raises(WeightsChanged, match="fetch it again: python -m separators"):
        loading.load(entry, tmp_path)
    with pytest.raises(WeightsChanged, match="SHA-256"):
        pinning.record(entry, tmp_path)


def test_an_oversized_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    entry = placed(tmp_path)
    with masknet_of(entry, tmp_path).open("wb") as file:
        file.truncate(1_000_001)
    with pytest.raises(WeightsChanged, match="has 1.0 MB; expected at most 1 MB"):
        loading.load(entry, tmp_path)


def test_files_that_nothing_vouches_for_are_not_loaded(tmp_path: Path) -> None:
    entry = placed(tmp_path, is_pinned=False)
    with pytest.raises(WeightsMissing, match="put the files there by hand and run it"):
        loading.load(entry, tmp_path, may_fetch=False)


def test_a_record_that_is_no_list_of_hashes_is_refused(tmp_path: Path) -> None:
    entry = placed(tmp_path, is_pinned=False)
    (tmp_path / pinning.RECORD).write_text("[1")
    with pytest.raises(WeightsChanged, match="sha256.json is no list of hashes"):
        loading.load(entry, tmp_path)
    assert pinning.info(entry, tmp_path).sha256 == ""  # and can still be listed


def test_the_revision_is_a_hash_of_the_files(tmp_path: Path) -> None:
    pinned = placed(tmp_path / "a")
    trusted = replace(placed(tmp_path / "b", is_pinned=False), commit="ab" * 20)
    assert pinning.info(trusted, tmp_path / "b").revision == "abababababab"
    assert pinning.info(trusted, tmp_path / "b").sha256 == ""
    pinning.record(trusted, tmp_path / "b")
    about = pinning.info(trusted, tmp_path / "b")
    assert about.sha256.startswith(about.revision)
    assert about.sha256 == pinning.info(pinned, tmp_path / "a").sha256
    other = tiny_entry("realm-dprnn2", seed=3)
    assert pinning.info(other, tmp_path / "c").sha256 != about.sha256


def test_every_pinned_hash_and_commit_is_whole() -> None:
    for entry in SHELF.values():
        assert len(entry.commit) == 40 or entry.commit in ("", "main")
        for file in entry.files.values():
            assert file.name == Path(file.name).name
            assert file.sha256 == "" or len(bytes.fromhex(file.sha256)) == 32


def test_no_two_files_of_the_shelf_have_one_hash() -> None:
    hashes = [f.sha256 for entry in SHELF.values() for f in entry.files.values()]
    known = [sha256 for sha256 in hashes if sha256]
    assert len(known) == len(set(known)) >= 40


def test_the_shelf_has_the_systems_of_real_m_and_speechbrain() -> None:
    pool = [n for n in separators.names() if n.startswith("realm-")]
    assert [separators.info(n).stage for n in pool] == 3 * ["early", "middle", "final"]
    assert not any(separators.info(n).is_default for n in SHELF)
    assert {separators.info(n).sources for n in SHELF} == {2, 3}


def test_it_is_here_once_its_files_are_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "realm-dprnn2"
    entry = tiny_entry("realm-dprnn2", is_pinned=False)
    monkeypatch.setitem(SHELF, entry.name, entry)
    assert not registry.is_here(entry.name, weights_dir=tmp_path)
    put(files_of(entry), folder)
    assert not registry.is_here(entry.name, weights_dir=tmp_path)
    pinning.record(entry, folder)
    assert registry.is_here(entry.name, weights_dir=tmp_path)
    found = json.loads((folder / pinning.RECORD).read_text())
    assert set(found) == {file.name for file in entry.files.values()}


def test_the_environment_names_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEIGHTS_DIR", str(tmp_path))
    assert pinning.folder_of("x", None) == tmp_path / "x"
    assert pinning.folder_of("x", tmp_path / "other") == tmp_path / "other" / "x"
    monkeypatch.delenv("WEIGHTS_DIR")
    assert pinning.folder_of("x", None) == Path("var/weights/x")
