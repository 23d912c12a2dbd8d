"""The rules for a stranger's ONNX model, each broken once."""

import pickle
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto as Kind
from onnx import helper

from separators import ModelRefused
from separators.shelf import onnx_rules
from tests.separators.onnx_models import (
    AXIS,
    SOURCES,
    SPLIT,
    constant,
    model,
    two_outputs,
)


def check(made: onnx.ModelProto) -> onnx_rules.Facts:
    return onnx_rules.check(made.SerializeToString(), name="theirs")


def refused(made: onnx.ModelProto, message: str) -> None:
    with pytest.raises(ModelRefused, match=message):
        check(made)


def test_a_good_model_tells_what_it_is() -> None:
    assert check(model()) == onnx_rules.Facts(
        input="mixture",
        outputs=["sources"],
        sources=2,
        sample_rate=8000,
        parameters=3,
        opset=17,
    )


def test_an_output_for_each_source_will_do() -> None:
    facts = check(two_outputs())
    assert (facts.sources, facts.outputs, facts.sample_rate) == (
        2,
        ["spk0", "spk1"],
        16000,
    )


def test_what_the_caller_knows_of_the_rate_goes_first() -> None:
    raw = model().SerializeToString()
    assert onnx_rules.check(raw, name="theirs", sample_rate=16000).sample_rate == 16000


@pytest.mark.parametrize("rate", [None, 100, 400_000])
def test_a_rate_that_cannot_be_is_refused(rate: int | None) -> None:
    refused(model(sample_rate=rate), "theirs has the sample rate .*; expected 8000 to")


def test_a_pickle_in_disguise_is_refused_unopened(tmp_path: Path) -> None:
    bait = tmp_path / "touched"

    class Touch:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (bait,)

    with pytest.raises(ModelRefused, match=r"is not ONNX|holds no ONNX graph"):
        onnx_rules.check(pickle.dumps(Touch()), name="theirs")
    assert not bait.exists()


@pytest.mark.parametrize("raw", [b"", b"<html>", bytes(1000), b"\x0a" * 500])
def test_what_is_no_model_is_refused(raw: bytes) -> None:
    with pytest.raises(ModelRefused, match=r"is not ONNX|holds no ONNX graph"):
        onnx_rules.check(raw, name="theirs")


def test_a_truncated_model_is_refused() -> None:
    raw = model().SerializeToString()
    with pytest.raises(ModelRefused, match="Export it again"):
        onnx_rules.check(raw[: len(raw) // 2], name="theirs")


def test_weights_in_another_file_are_refused() -> None:
    outside = constant("shares", [[[0.7], [0.3]]], np.float32)
    outside.ClearField("raw_data")
    outside.data_location = Kind.EXTERNAL
    outside.external_data.add(key="location", value="../../etc/passwd")
    refused(model(weights=[outside, AXIS]), "keeps shares in another file; expected")


def test_weights_in_another_file_are_found_inside_a_branch() -> None:
    outside = onnx.TensorProto(name="hidden", data_type=Kind.FLOAT, dims=[1])
    outside.data_location = Kind.EXTERNAL
    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["row_out"], value=outside)],
        "inner",
        [],
        [helper.make_tensor_value_info("row_out", Kind.FLOAT, None)],
    )
    choice = helper.make_node(
        "If", ["yes"], ["sources"], then_branch=inner, else_branch=inner
    )
    made = model([choice], weights=[constant("yes", True, np.bool_)])
    refused(made, "keeps hidden in another file")


def test_operators_of_another_domain_are_refused() -> None:
    custom = helper.make_node("Shell", ["mixture"], ["sources"], domain="evil")
    refused(model([custom], domains=["evil"]), "uses operators of evil; expected those")
    refused(model([custom]), r"uses the operator evil\.Shell, which opset 17 of ONNX")


def test_operators_that_onnx_does_not_have_are_refused() -> None:
    custom = helper.make_node("Shell", ["mixture"], ["sources"])
    refused(
        model([custom]), r"uses the operator ai\.onnx\.Shell, which opset 17 of ONNX"
    )


def test_functions_of_its_own_are_refused() -> None:
    made = model(domains=["theirs"])
    made.functions.append(
        helper.make_function(
            "", "Split", ["x"], ["y"], SPLIT[:1], [helper.make_opsetid("", 17)]
        )
    )
    made.opset_import.pop()
    refused(made, r"defines functions of its own \(Split\).*inline_local_functions")


@pytest.mark.parametrize("opset", [7, 200])
def test_an_opset_that_is_too_old_or_new_is_refused(opset: int) -> None:
    refused(model(opset=opset), f"has opset {opset}; expected 11 to 2")


def test_random_operators_are_refused() -> None:
    noise = helper.make_node("RandomNormalLike", ["row"], ["sources"])
    refused(model([SPLIT[0], noise]), r"draws random numbers \(RandomNormalLike\)")


def test_a_tensor_that_claims_more_than_it_holds_is_refused() -> None:
    claim = constant("shares", [[[0.7], [0.3]]], np.float32)
    claim.dims[:] = [1, 2, 10**12]
    refused(model(weights=[claim, AXIS]), "declares 2000000000000 values for shares")


def test_a_model_of_too_many_parameters_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(onnx_rules, "MOST_PARAMETERS", 2)
    refused(model(), "parameters; expected at most 0 M. Submit a smaller model")


def test_sparse_weights_are_refused() -> None:
    made = model()
    made.graph.sparse_initializer.add()
    refused(made, "holds sparse tensors, expected dense ones only")


@pytest.mark.parametrize(
    ("inputs", "found"),
    [
        (
            [("mixture", Kind.INT16, ["batch", "time"])],
            r"mixture int16 \(batch, time\)",
        ),
        ([("mixture", Kind.FLOAT, ["batch", 1, "time"])], r"float \(batch, 1, time\)"),
        ([("mixture", Kind.FLOAT, ["time"])], r"mixture float \(time\)"),
        (
            [("mixture", Kind.FLOAT, ["b", "t"]), ("more", Kind.FLOAT, ["b"])],
            r"mixture float \(b, t\), more float \(b\)",
        ),
        ([], "theirs has sources float"),
    ],
)
def test_another_input_than_batch_and_time_is_refused(
    inputs: list[tuple[object, ...]], found: str
) -> None:
    refused(model(inputs=inputs), f"{found}.*; expected one float32 input")


@pytest.mark.parametrize("axes", [["batch", 16000], [4, "time"]])
def test_an_input_of_fixed_length_or_batch_is_refused(axes: list[object]) -> None:
    made = model(inputs=[("mixture", Kind.FLOAT, axes)])
    refused(made, "expected any length of time and any batch, or 1")


def test_a_batch_of_one_will_do() -> None:
    made = model(inputs=[("mixture", Kind.FLOAT, [1, "time"])])
    assert check(made).sources == 2


@pytest.mark.parametrize(
    ("outputs", "found"),
    [
        ([("sources", Kind.DOUBLE, ["b", 2, "t"])], "double .*; expected one float32"),
        ([("sources", Kind.FLOAT, ["b", 2, "f", "t"])], "; expected one float32 input"),
        ([("sources", Kind.FLOAT, None)], "; expected one float32 input"),
        ([("sources", Kind.FLOAT, ["b", "t"])], "so 1 sources; expected 2 to 8"),
        ([("sources", Kind.FLOAT, ["b", "s", "t"])], "an unknown number of sources"),
        ([("sources", Kind.FLOAT, ["b", 99, "t"])], "so 99 sources; expected 2 to 8"),
        ([SOURCES, ("more", Kind.FLOAT, ["b", "t"])], "; expected one float32 input"),
        ([], "; expected one float32 input"),
    ],
)
def test_another_output_than_sources_and_time_is_refused(
    outputs: list[tuple[object, ...]], found: str
) -> None:
    refused(model(outputs=outputs), found)


def test_weights_that_are_listed_as_inputs_are_no_inputs() -> None:
    """As exporters did until 2019."""
    listed = ("shares", Kind.FLOAT, [1, 2, 1])
    made = model(inputs=[("mixture", Kind.FLOAT, ["b", "t"]), listed])
    assert check(made).input == "mixture"
