"""ONNX models made for a test: good ones, and ones that a stranger could send."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto as Kind
from onnx import helper, numpy_helper

MIXTURE = ("mixture", Kind.FLOAT, ["batch", "time"])
SOURCES = ("sources", Kind.FLOAT, ["batch", 2, "time"])


def constant(name: str, value: Any, kind: Any = np.int64) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, dtype=kind), name)


SHARES = constant("shares", [[[0.7], [0.3]]], np.float32)  # of the mixture
AXIS = constant("axis", [1])
SPLIT = [
    helper.make_node("Unsqueeze", ["mixture", "axis"], ["row"]),
    helper.make_node("Mul", ["row", "shares"], ["sources"]),
]


def model(
    nodes: Sequence[onnx.NodeProto] = SPLIT,
    *,
    inputs: Sequence[tuple[Any, ...]] = (MIXTURE,),
    outputs: Sequence[tuple[Any, ...]] = (SOURCES,),
    weights: Sequence[onnx.TensorProto] = (SHARES, AXIS),
    opset: int = 17,
    domains: Sequence[str] = (),
    sample_rate: int | None = 8000,
) -> onnx.ModelProto:
    """By default it gives 70 % and 30 % of the mixture as its two sources."""
    graph = helper.make_graph(
        list(nodes),
        "separator",
        [helper.make_tensor_value_info(*value) for value in inputs],
        [helper.make_tensor_value_info(*value) for value in outputs],
        list(weights),
    )
    opsets = [helper.make_opsetid("", opset)]
    opsets += [helper.make_opsetid(domain, 1) for domain in domains]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    if sample_rate:
        helper.set_model_props(made, {"sample_rate": str(sample_rate)})
    return made


def two_outputs() -> onnx.ModelProto:
    """The layout of MossFormer2: an output for each source."""
    nodes = [
        helper.make_node("Mul", ["inputs", "most"], ["spk0"]),
        helper.make_node("Mul", ["inputs", "rest"], ["spk1"]),
    ]
    return model(
        nodes,
        inputs=[("inputs", Kind.FLOAT, ["N", "sequence_length"])],
        outputs=[(n, Kind.FLOAT, ["N", "sequence_length"]) for n in ("spk0", "spk1")],
        weights=[
            constant("most", 0.7, np.float32),
            constant("rest", 0.3, np.float32),
        ],
        opset=13,
        sample_rate=16000,
    )


def endless() -> onnx.ModelProto:
    """A loop that goes round for ever before it gives the sources."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go_in"], ["go_out"]),
            helper.make_node("Neg", ["row_in"], ["row_out"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("round", Kind.INT64, []),
            helper.make_tensor_value_info("go_in", Kind.BOOL, []),
            helper.make_tensor_value_info("row_in", Kind.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("go_out", Kind.BOOL, []),
            helper.make_tensor_value_info("row_out", Kind.FLOAT, None),
        ],
    )
    nodes = [
        helper.make_node("Unsqueeze", ["mixture", "axis"], ["row"]),
        helper.make_node("Loop", ["most", "go", "row"], ["turned"], body=body),
        helper.make_node("Mul", ["turned", "shares"], ["sources"]),
    ]
    loop = [constant("most", 2**62), constant("go", True, np.bool_)]
    return model(nodes, weights=[SHARES, AXIS, *loop])


def greedy() -> onnx.ModelProto:
    """It asks for 64 GB while it runs."""
    nodes = [
        helper.make_node("Unsqueeze", ["mixture", "axis"], ["row"]),
        helper.make_node("Expand", ["row", "huge"], ["wide"]),
        helper.make_node("ReduceMean", ["wide"], ["mean"], axes=[1], keepdims=1),
        helper.make_node("Mul", ["mean", "shares"], ["sources"]),
    ]
    huge = constant("huge", [1, 4_000_000, 1])
    return model(nodes, weights=[SHARES, AXIS, huge])


def save(made: onnx.ModelProto, folder: Path, name: str = "theirs.onnx") -> Path:
    path = folder / name
    path.write_bytes(made.SerializeToString())
    return path
