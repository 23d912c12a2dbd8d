"""Fetching published weights from a server that behaves, and from ones that do not."""

from dataclasses import replace
from pathlib import Path

import pytest

from separators import WeightsChanged, WeightsMissing, registry
from separators.shelf import SHELF, fetch, pinning
from separators.shelf.entry import Entry
from tests.separators.published import (
    COMMIT,
    Server,
    files_of,
    put,
    serving,
    tiny_entry,
)


@pytest.fixture(autouse=True)
def _online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)


def entry_on(server: Server, *, is_pinned: bool = True) -> Entry:
    entry = tiny_entry("realm-dprnn2", is_pinned=is_pinned)
    return replace(entry, repository=server.address, commit=COMMIT)


def served(**behaviour: object) -> Server:
    files = files_of(tiny_entry("realm-dprnn2"))
    return Server(files, **behaviour)  # type: ignore[arg-type]


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.part"))


def test_first_use_fetches_the_pinned_files_and_the_next_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = tiny_entry("realm-dprnn2")
    monkeypatch.setitem(SHELF, entry.name, entry)
    with serving(served()) as server:
        monkeypatch.setenv("HF_ENDPOINT", server.address)
        for _ in range(2):
            registry.load(entry.name, weights_dir=tmp_path)
    root = f"/speechbrain/REAL-M-sisnr-estimator-training/resolve/{COMMIT}"
    parts = ("encoder", "masknet", "decoder")
    assert server.asked == [(f"{root}/dprnn2_{part}.ckpt", "") for part in parts]
    assert leftovers(tmp_path / entry.name) == []


def test_what_is_not_pinned_is_recorded_as_first_fetched(tmp_path: Path) -> None:
    with serving(served()) as server:
        entry = entry_on(server, is_pinned=False)
        fetch.fetch(entry, tmp_path)
    hashes = {f.name: f.sha256 for f in tiny_entry("realm-dprnn2").files.values()}
    assert pinning.expected(entry, tmp_path) == hashes
    assert pinning.missing(entry, tmp_path) == []


def test_files_put_there_by_hand_are_recorded_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    entry = tiny_entry("realm-dprnn2", is_pinned=False)
    put(files_of(entry), tmp_path)
    fetch.fetch(entry, tmp_path)
    assert pinning.missing(entry, tmp_path) == []


def test_offline_the_refusal_names_repository_files_and_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsMissing) as refusal:
        registry.load("sepformer-whamr", weights_dir=tmp_path)
    message = str(refusal.value)
    assert message.startswith(
        "sepformer-whamr needs encoder.ckpt, masknet.ckpt, decoder.ckpt of "
        "speechbrain/sepformer-whamr@8ff25187c1c4d4968b31a6cbf5679372cdaf4999 in "
        f"{tmp_path / 'sepformer-whamr'}. This machine is offline. "
    )
    assert "python -m separators fetch sepformer-whamr" in message


def test_a_download_that_broke_off_goes_on_where_it_was(tmp_path: Path) -> None:
    with serving(served(breaks_after=3000)) as server:
        entry = entry_on(server)
        for _ in range(60):
            try:
                fetch.fetch(entry, tmp_path)
                break
            except WeightsMissing as refusal:
                assert "it broke off after" in str(refusal)
    assert pinning.missing(entry, tmp_path) == []
    assert any(wanted == "bytes=3000-" for _, wanted in server.asked)
    assert leftovers(tmp_path) == []


def test_what_is_not_pinned_never_goes_on_from_another_half(tmp_path: Path) -> None:
    with serving(served(breaks_after=3000)) as server:
        entry = entry_on(server, is_pinned=False)
        for _ in range(2):
            with pytest.raises(WeightsMissing, match="it broke off after 3000 of"):
                fetch.fetch(entry, tmp_path)
    assert {wanted for _, wanted in server.asked} == {""}


def test_a_file_with_the_wrong_hash_is_deleted_unopened(tmp_path: Path) -> None:
    with serving(served()) as server:
        server.files = {name: raw[:-1] + b"!" for name, raw in server.files.items()}
        with pytest.raises(WeightsChanged, match="It was deleted unopened. Try again"):
            fetch.fetch(entry_on(server), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


@pytest.mark.parametrize("hides_length", [False, True])
def test_an_oversized_file_is_not_kept(tmp_path: Path, hides_length: bool) -> None:
    with serving(served(hides_length=hides_length)) as server:
        server.files = dict.fromkeys(server.files, bytes(1_500_000))
        with pytest.raises(WeightsChanged, match="expected at most 1 MB"):
            fetch.fetch(entry_on(server), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_file_that_is_not_there_is_answered_with_its_address(tmp_path: Path) -> None:
    with serving(Server({})) as server:
        address = f"{server.address}/dprnn2_encoder.ckpt gave no file .*404"
        with pytest.raises(WeightsMissing, match=address):
            fetch.fetch(entry_on(server), tmp_path)


def test_a_server_that_drips_is_given_up(tmp_path: Path) -> None:
    with (
        serving(served(pause_s=0.2)) as server,
        pytest.raises(WeightsMissing, match="bytes came in the time allowed"),
    ):
        fetch.fetch(entry_on(server), tmp_path, longest_s=0.1)


def test_a_server_that_is_silent_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SILENT_S", 0.1)
    with serving(served(pause_s=1.0)) as server:
        server.files = dict.fromkeys(server.files, bytes(100_000))
        with pytest.raises(WeightsMissing, match="timed out"):
            fetch.fetch(entry_on(server), tmp_path)


@pytest.mark.parametrize(
    "elsewhere", ["http://192.0.2.1/masknet.ckpt", "file:///etc/hostname"]
)
def test_no_redirect_leaves_https(tmp_path: Path, elsewhere: str) -> None:
    with (
        serving(served(redirects_to=elsewhere)) as server,
        pytest.raises(WeightsMissing, match=r"is not HTTPS|not allowed"),
    ):
        fetch.fetch(entry_on(server), tmp_path)


def test_plain_http_to_another_machine_is_refused(tmp_path: Path) -> None:
    entry = replace(tiny_entry("realm-dprnn2"), repository="http://192.0.2.1/models")
    with pytest.raises(WeightsMissing, match="is not HTTPS, expected an https"):
        fetch.fetch(entry, tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "weights").touch()
    with pytest.raises(WeightsMissing, match="weights/x. That folder cannot be writ"):
        fetch.fetch(tiny_entry("realm-dprnn2"), tmp_path / "weights" / "x")


def test_addresses_name_the_pinned_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    entry = SHELF["realm-convtasnet3"]
    assert fetch.address(entry, entry.files["masknet"]) == (
        "https://huggingface.co/speechbrain/REAL-M-sisnr-estimator-training/resolve/"
        "aa26451fb33db67af1c066f46583c1c14abaf088/convtasnet3_masknet.ckpt"
    )
    entry = SHELF["torchaudio-convtasnet-libri2mix"]
    assert fetch.address(entry, entry.files["conv_tasnet"]) == (
        "https://download.pytorch.org/torchaudio/models/conv_tasnet_base_libri2mix.pt"
    )
