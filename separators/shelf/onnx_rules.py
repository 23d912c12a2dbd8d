"""What an ONNX file must be before it runs: the rules for a stranger's model."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import onnx
from google.protobuf.message import DecodeError

from separators.contract import ModelRefused

OLDEST_OPSET = 11
NEWEST_OPSET = min(23, onnx.defs.onnx_opset_version())
STANDARD = ("", "ai.onnx")
MOST_PARAMETERS = 200_000_000
MOST_SOURCES = 8
RATES = range(8000, 48_001)
RANDOM = {
    "Bernoulli",
    "Multinomial",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
}
EXPECTED = (
    "expected one float32 input (batch, time) and one float32 output (batch, source, "
    "time), or one output (batch, time) for each source"
)


@dataclass(frozen=True)
class Facts:
    """What a model says of itself."""

    input: str
    outputs: list[str]
    sources: int
    sample_rate: int  # Hz
    parameters: int
    opset: int


def check(
    raw: bytes,
    *,
    name: str,
    sample_rate: int | None = None,
    domains: tuple[str, ...] = STANDARD,
) -> Facts:
    """Return what a model is, without running it.

    Args:
        sample_rate: in Hz; by default the model's own metadata tells.
        domains: operator sets that it may use.
    Raises:
        ModelRefused: if it breaks a rule; the message says which and what to do.
    """
    model = _parse(raw, name)
    opset = _check_operator_sets(model, name, domains)
    parameters = 0
    for graph in _graphs(model.graph):
        for node in graph.node:
            _check_node(node, name, domains, opset)
        parameters += sum(_values(tensor, name) for tensor in _tensors(graph, name))
    if parameters > MOST_PARAMETERS:
        raise ModelRefused(
            f"{name} has {parameters / 1e6:.0f} M parameters; expected at most "
            f"{MOST_PARAMETERS / 1e6:.0f} M. Submit a smaller model."
        )
    source, outputs, sources = _signature(model.graph, name)
    rate = _rate(model, name, sample_rate)
    return Facts(source, outputs, sources, rate, parameters, opset)


def _parse(raw: bytes, name: str) -> onnx.ModelProto:
    try:
        model = onnx.ModelProto.FromString(raw)
    except DecodeError as why:
        raise ModelRefused(
            f"{name} is not ONNX ({why}); expected a model written by onnx.save. "
            "Export it again."
        ) from why
    if not model.HasField("graph") or not model.opset_import:
        raise ModelRefused(
            f"{name} holds no ONNX graph; expected a model written by onnx.save. "
            "Export it again."
        )
    return model


def _check_operator_sets(
    model: onnx.ModelProto, name: str, domains: tuple[str, ...]
) -> int:
    versions = {opset.domain: opset.version for opset in model.opset_import}
    if strange := sorted(set(versions) - set(domains)):
        raise ModelRefused(
            f"{name} uses operators of {', '.join(strange)}; expected those of ONNX "
            "itself only. Export it without custom operators."
        )
    if len(model.functions):
        raise ModelRefused(
            f"{name} defines functions of its own ({model.functions[0].name}); "
            "expected plain operators. Run onnx.inliner.inline_local_functions on it."
        )
    opset = versions.get("", versions.get("ai.onnx", 0))
    if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
        raise ModelRefused(
            f"{name} has opset {opset}; expected {OLDEST_OPSET} to {NEWEST_OPSET}. "
            "Export it again, or run onnx.version_converter on it."
        )
    return opset


def _check_node(
    node: onnx.NodeProto, name: str, domains: tuple[str, ...], opset: int
) -> None:
    is_known = node.domain not in STANDARD or onnx.defs.has(
        node.op_type, max_inclusive_version=opset, domain=""
    )
    if node.domain not in domains or not is_known:
        raise ModelRefused(
            f"{name} uses the operator {node.domain or 'ai.onnx'}.{node.op_type}, "
            f"which opset {opset} of ONNX does not have; expected operators of ONNX "
            "itself only. Export it without custom operators."
        )
    if node.op_type in RANDOM:
        raise ModelRefused(
            f"{name} draws random numbers ({node.op_type}); a separator gives the same "
            "answer each time. Export it in evaluation mode."
        )


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and those inside its loops and branches."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for inner in [attribute.g, *attribute.graphs]:
                if inner.ByteSize():
                    yield from _graphs(inner)


def _tensors(graph: onnx.GraphProto, name: str) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    is_sparse = len(graph.sparse_initializer) > 0
    for node in graph.node:
        for attribute in node.attribute:
            is_sparse |= attribute.HasField("sparse_tensor")
            is_sparse |= len(attribute.sparse_tensors) > 0
            yield from attribute.tensors
            if attribute.HasField("t"):
                yield attribute.t
    if is_sparse:
        raise ModelRefused(
            f"{name} holds sparse tensors, expected dense ones only. Export it again "
            "with dense weights."
        )


def _values(tensor: onnx.TensorProto, name: str) -> int:
    """How many numbers a tensor holds, all of them inside this very file."""
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise ModelRefused(
            f"{name} keeps {tensor.name or 'a tensor'} in another file; expected all "
            "weights in one file. Run onnx.save(model, path) without external data."
        )
    values = math.prod(tensor.dims)
    if min(tensor.dims, default=0) < 0 or values > 2 * tensor.ByteSize():
        raise ModelRefused(
            f"{name} declares {values} values for {tensor.name or 'a tensor'} and "
            f"holds {tensor.ByteSize()} bytes of it; expected all that it declares. "
            "Export it again."
        )
    return values


def _signature(graph: onnx.GraphProto, name: str) -> tuple[str, list[str], int]:
    weights = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    found = ", ".join(_describe(value) for value in [*inputs, *graph.output])
    refusal = ModelRefused(f"{name} has {found}; {EXPECTED}. Export it so.")
    if len(inputs) != 1 or not graph.output:
        raise refusal
    batch_and_time = _shape(inputs[0])
    shapes = [_shape(value) for value in graph.output]
    if batch_and_time is None or len(batch_and_time) != 2 or None in shapes:
        raise refusal
    if batch_and_time[0] not in (None, 1) or batch_and_time[1] is not None:
        raise ModelRefused(
            f"{name} has the input {_describe(inputs[0])}; expected any length of time "
            "and any batch, or 1. Export it with dynamic axes."
        )
    ranks = [len(shape) for shape in shapes if shape is not None]
    sources = len(shapes)
    if ranks == [3] and shapes[0] is not None:
        sources = shapes[0][1] or 0
    elif set(ranks) != {2}:
        raise refusal
    if not 2 <= sources <= MOST_SOURCES:
        raise ModelRefused(
            f"{name} has {found}, so {sources or 'an unknown number of'} sources; "
            f"expected 2 to {MOST_SOURCES}, known beforehand. Fix that axis on export."
        )
    return inputs[0].name, [value.name for value in graph.output], sources


def _shape(value: onnx.ValueInfoProto) -> list[int | None] | None:
    """Its axes, None for one of any length; None if it is no float32 tensor."""
    tensor = value.type.tensor_type
    if tensor.elem_type != onnx.TensorProto.FLOAT or not tensor.HasField("shape"):
        return None
    return [axis.dim_value or None for axis in tensor.shape.dim]


def _describe(value: onnx.ValueInfoProto) -> str:
    tensor = value.type.tensor_type
    kind = onnx.TensorProto.DataType.Name(tensor.elem_type).lower()
    axes = [str(axis.dim_value or axis.dim_param or "?") for axis in tensor.shape.dim]
    return f"{value.name[:40]} {kind} ({', '.join(axes)})"


def _rate(model: onnx.ModelProto, name: str, given: int | None) -> int:
    said = {entry.key: entry.value for entry in model.metadata_props}
    text = str(given) if given else said.get("sample_rate", "")
    if not text.isdigit() or int(text) not in RATES:
        raise ModelRefused(
            f"{name} has the sample rate {text[:20] or 'unknown'}; expected "
            f"{RATES[0]} to {RATES[-1]} Hz. Write it into its metadata with "
            "onnx.helper.set_model_props(model, {'sample_rate': '8000'}), or give it."
        )
    return int(text)
