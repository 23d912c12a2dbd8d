"""ONNX models as separators: what they give, and what their child may not do."""

import gc
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import onnx
import pytest
import torch
from onnx import helper

import separators
from separators import ModelRefused
from separators.__main__ import main
from separators.shelf import SHELF, loading, onnx_model, pinning
from separators.shelf.onnx_model import Limits, OnnxNetwork, load_onnx
from separators.training.evaluate import Conditions, evaluate
from tests.separators.onnx_models import (
    AXIS,
    SHARES,
    SPLIT,
    constant,
    endless,
    greedy,
    model,
    save,
    two_outputs,
)
from tests.separators.recordings import write_speakers

MIXTURES = 0.1 * torch.randn(3, 4001, generator=torch.Generator().manual_seed(0))


def assert_shares(estimates: torch.Tensor, mixtures: torch.Tensor) -> None:
    """Their sum is the mixture: levels that the model left open are restored."""
    torch.testing.assert_close(estimates.sum(dim=1), mixtures, rtol=0, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 7, 4001])
def test_a_model_in_a_file_separates(tmp_path: Path, samples: int) -> None:
    separator = separators.load(f"onnx:{save(model(), tmp_path)}")
    assert (separator.name, separator.sample_rate) == ("theirs", 8000)
    estimates = separator.separate(MIXTURES[:, :samples])
    assert estimates.shape == (3, 2, samples)
    assert_shares(estimates, MIXTURES[:, :samples])


def test_a_model_with_an_output_for_each_source_separates(tmp_path: Path) -> None:
    separator = load_onnx(save(two_outputs(), tmp_path))
    assert (separator.sources, separator.sample_rate) == (2, 16000)
    assert_shares(separator.separate(MIXTURES), MIXTURES)


def test_items_of_a_batch_never_meet_in_a_model(tmp_path: Path) -> None:
    """This one subtracts the mean over the batch, were there more than one item."""
    nodes = [
        helper.make_node("ReduceSum", ["mixture", "first"], ["all"], keepdims=1),
        helper.make_node("Unsqueeze", ["all", "axis"], ["row"]),
        helper.make_node("Mul", ["row", "shares"], ["sources"]),
    ]
    made = model(nodes, weights=[SHARES, AXIS, constant("first", [0])])
    separator = load_onnx(save(made, tmp_path))
    together, alone = separator.separate(MIXTURES), separator.separate(MIXTURES[:1])
    torch.testing.assert_close(together[:1], alone)


def test_the_command_line_separates_with_a_file(tmp_path: Path) -> None:
    import soundfile

    path = save(model(), tmp_path)
    soundfile.write(tmp_path / "in.wav", MIXTURES[0].numpy(), 8000)
    arguments = [f"onnx:{path}", str(tmp_path / "in.wav"), str(tmp_path / "out")]
    assert main(["separate", *arguments]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2


def test_the_command_line_says_why_a_model_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = save(model(opset=7), tmp_path)
    assert main(["separate", f"onnx:{path}", "in.wav", "out"]) == 2
    assert "theirs has opset 7; expected 11 to" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cpu_s", "wall_s", "found"),
    [
        (1.0, 60.0, "computed for over 1 s; expected an answer within 1 s of comp"),
        (60.0, 1.5, "gave no answer within 2 s"),
    ],
)
def test_an_endless_model_is_ended(
    tmp_path: Path, cpu_s: float, wall_s: float, found: str
) -> None:
    limits = Limits(cpu_s=cpu_s, wall_s=wall_s)
    separator = load_onnx(save(endless(), tmp_path), limits=limits)
    started = time.monotonic()
    with pytest.raises(ModelRefused, match=f"theirs {found}"):
        separator.separate(MIXTURES[:1])
    assert time.monotonic() - started < 30


def test_a_greedy_model_is_refused(tmp_path: Path) -> None:
    separator = load_onnx(save(greedy(), tmp_path))
    with pytest.raises(ModelRefused, match="The model stopped at 4001 samples"):
        separator.separate(MIXTURES[:1])


@pytest.mark.parametrize(
    ("ends", "found"),
    [([2001], "for 4001 samples; expected 2 sources as long"), ([3000], None)],
)
def test_estimates_may_differ_in_length_by_a_frame_only(
    tmp_path: Path, ends: list[int], found: str | None
) -> None:
    cut = helper.make_node("Slice", ["all", "from", "to", "last"], ["sources"])
    nodes = [
        SPLIT[0],
        helper.make_node("Mul", ["row", "shares"], ["all"]),
        cut,
    ]
    places = [constant("from", [0]), constant("to", ends), constant("last", [2])]
    separator = load_onnx(save(model(nodes, weights=[SHARES, AXIS, *places]), tmp_path))
    if found:
        with pytest.raises(ModelRefused, match=found):
            separator.separate(MIXTURES[:1])
        return
    estimates = separator.separate(MIXTURES[:1])
    assert estimates.shape == (1, 2, 4001)
    assert not estimates[..., 3000:].any()


def test_a_graph_that_onnxruntime_cannot_open_is_refused(tmp_path: Path) -> None:
    dangling = helper.make_node("Mul", ["row", "nobody"], ["sources"])
    path = save(model([SPLIT[0], dangling]), tmp_path)
    with pytest.raises(ModelRefused, match="theirs cannot be opened by onnxruntime"):
        load_onnx(path)


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (lambda path: None, r"cannot be read \(No such file"),
        (lambda path: path.touch(), "is empty; expected an ONNX file"),
        (lambda path: path.mkdir(), "is no file; expected an ONNX file"),
        (
            lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_RDWR), 400 << 20),
            "has 419 MB; expected at most 300 MB",
        ),
    ],
    ids=["absent", "empty", "folder", "oversized"],
)
def test_what_is_no_file_to_open_is_refused(make, found: str, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "theirs.onnx"
    make(path)
    with pytest.raises(ModelRefused, match=found):
        load_onnx(path)


def child_of(separator: separators.Separator) -> "subprocess.Popen[bytes]":
    network = separator.network  # type: ignore[attr-defined]
    assert isinstance(network, OnnxNetwork)
    return network._child


def test_the_child_has_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    separator = load_onnx(save(model(), tmp_path))
    child = child_of(separator)
    environment = Path(f"/proc/{child.pid}/environ").read_bytes()
    assert b"hush" not in environment
    assert Path(f"/proc/{child.pid}/cwd").readlink() == Path("/")


def test_the_child_is_on_no_network_where_the_kernel_allows_it(tmp_path: Path) -> None:
    code = "from separators.shelf.onnx_child import *; leave_network(); "
    code += "print(os.readlink('/proc/self/ns/net'))"
    asked = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    network = Path("/proc/self/ns/net").readlink()
    if asked.stdout.strip() == str(network):
        pytest.skip("this kernel lets no process leave the network by itself")
    separator = load_onnx(save(model(), tmp_path))
    theirs = Path(f"/proc/{child_of(separator).pid}/ns/net").readlink()
    assert theirs != network


def test_the_child_ends_with_its_separator(tmp_path: Path) -> None:
    separator = load_onnx(save(model(), tmp_path))
    child = child_of(separator)
    assert child.poll() is None
    del separator
    gc.collect()
    assert child.poll() is not None


def test_a_confined_process_opens_neither_file_nor_socket() -> None:
    code = """
import socket, sys
from separators.shelf.onnx_child import confine
def tried(what, *given):
    try:
        return what(*given)
    except OSError as why:
        return why.errno
confine(4096)
found = [tried(socket.socket), tried(open, "/etc/hostname"), tried(open, "/tmp/x", "w")]
sys.exit(found != [24, 24, 24])  # EMFILE
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_onnx_entry_of_the_shelf_is_verified_and_runs(tmp_path: Path) -> None:
    entry = SHELF["mossformer2-ss-16k"]
    (tmp_path / "model.int8.onnx").write_bytes(two_outputs().SerializeToString())
    pinning.record(entry, tmp_path)
    separator = loading.load(entry, tmp_path, may_fetch=False)
    assert (separator.name, separator.sample_rate) == ("mossformer2-ss-16k", 16000)
    assert_shares(separator.separate(MIXTURES), MIXTURES)
    (tmp_path / "model.int8.onnx").write_bytes(model().SerializeToString())
    with pytest.raises(separators.WeightsChanged, match=r"int8\.onnx has the SHA-256"):
        loading.load(entry, tmp_path)


def test_an_entry_with_another_number_of_sources_is_refused() -> None:
    raw = two_outputs().SerializeToString()
    with pytest.raises(ModelRefused, match="gives 2 sources; expected 3"):
        onnx_model.separator_of(raw, name="theirs", sources=3)


def test_operators_built_into_onnxruntime_are_for_the_shelf_only() -> None:
    gelu = helper.make_node("Gelu", ["row"], ["wide"], domain="com.microsoft")
    turn = helper.make_node("Mul", ["wide", "shares"], ["sources"])
    made: onnx.ModelProto = model([SPLIT[0], gelu, turn], domains=["com.microsoft"])
    raw = made.SerializeToString()
    with pytest.raises(ModelRefused, match=r"uses operators of com\.microsoft"):
        onnx_model.separator_of(raw, name="theirs")
    trusted = onnx_model.separator_of(
        raw, name="ours", domains=onnx_model.WITH_CONTRIBUTED
    )
    assert trusted.separate(MIXTURES).shape == (3, 2, 4001)


def test_a_file_is_known_by_its_hash_and_what_it_says_of_itself(
    tmp_path: Path,
) -> None:
    path = save(model(), tmp_path)
    about = separators.info(f"onnx:{path}")
    assert about.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert about.revision == about.sha256[:12]
    assert (about.sources, about.sample_rate) == (2, 8000)
    assert not about.is_default
    assert separators.card(f"onnx:{path}") == {}


def test_a_file_can_be_evaluated_beside_the_others(tmp_path: Path) -> None:
    path = save(model(), tmp_path)
    speech = write_speakers(tmp_path / "speech", speakers=4)
    report = evaluate([f"onnx:{path}"], Conditions(speech, mixtures=2))
    row = report["separators"][0]
    assert row["architecture"] == "onnx"
    assert row["si_snri_db"]["mean"] == pytest.approx(0, abs=1e-3)
