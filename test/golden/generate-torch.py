"""Writes the golden cases pytorch/drawn-* and onnx/drawn-*: weights drawn by a seed, and what PyTorch computes.

    python3 -m venv venv && venv/bin/pip install torch==2.15.0 safetensors==0.8.0 onnx==1.23.2 onnxruntime==1.32.0 onnxscript
    venv/bin/python test/golden/generate-torch.py

`y.f64` is the same model in float64. The older cases beside them were written by a script that is not in this repository.
"""

import json
import pathlib
import warnings

import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from torch import nn

warnings.filterwarnings("ignore")
root = pathlib.Path(__file__).parent
BATCH, TICKS, INPUTS = 3, 6, 2


def folder(kind, name, case):
    path = root / kind / name
    path.mkdir(parents=True, exist_ok=True)
    (path / "case.json").write_text(json.dumps({"name": name, **case}, indent=1) + "\n")
    return path


class Net(nn.Module):
    """Named modules one after the other, batch first; a recurrent one gives its value, `last` its last tick."""

    def __init__(self, parts, last):
        super().__init__()
        self.names, self.last = list(parts), last
        for part, module in parts.items():
            self.add_module(part, module)

    def forward(self, x):
        for part in self.names:
            module = getattr(self, part)
            if part == self.last:
                x = x[:, -1]
            if isinstance(module, nn.MultiheadAttention):
                x = module(x, x, x, need_weights=False)[0]
            elif isinstance(module, nn.RNNBase):
                x = module(x)[0]
            else:
                x = module(x)
        return x


def drawn_torch(net, seed):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for value in net.parameters():
            value.copy_(torch.randn(value.shape, generator=generator) * 0.5)
    return net.eval(), torch.randn((BATCH, TICKS, INPUTS), generator=generator)


def torch_nets():
    """Each with its architecture in PyTorch's words."""

    def recurrent(kind, name, inputs, hidden, **options):
        said = {"name": name, "type": kind, "input_size": inputs, "hidden_size": hidden, **options}
        return getattr(nn, kind)(inputs, hidden, batch_first=True, **options), said

    lstm, lstm_said = recurrent("LSTM", "encoder", 2, 5, num_layers=2, bidirectional=True, proj_size=3, dropout=0.2)
    rnn, rnn_said = recurrent("RNN", "rnn", 6, 4, nonlinearity="relu", bias=False)
    gru, gru_said = recurrent("GRU", "gru", 2, 6, num_layers=3, dropout=0.1)
    yield (
        "drawn-projected",
        {"encoder": lstm, "norm": nn.LayerNorm(6, bias=False), "rnn": rnn, "act": nn.Mish(), "fc": nn.Linear(4, 2)},
        "fc",
        [
            lstm_said,
            {"name": "norm", "type": "LayerNorm", "normalized_shape": 6, "bias": False},
            rnn_said,
            {"type": "Mish"},
            {"name": "fc", "type": "Linear", "in_features": 4, "out_features": 2, "on": "last"},
        ],
    )
    yield (
        "drawn-heads",
        {"gru": gru, "look": nn.MultiheadAttention(6, 3, dropout=0.1, batch_first=True), "fc": nn.Linear(6, 1, bias=False)},
        "",
        [
            gru_said,
            {"name": "look", "type": "MultiheadAttention", "embed_dim": 6, "num_heads": 3, "dropout": 0.1},
            {"name": "fc", "type": "Linear", "in_features": 6, "out_features": 1, "bias": False},
        ],
    )


def write_torch(name, parts, last, modules, seed):
    net, x = drawn_torch(Net(parts, last), seed)
    case = {"architecture": {"modules": modules}, "batch": BATCH, "ticks": TICKS, "seed": seed, "torch": torch.__version__}
    path = folder("pytorch", name, case)
    state = {key: value.clone() for key, value in net.state_dict().items()}
    save_file(state, path / "weights.safetensors")
    torch.save({"epoch": 3, "model_state_dict": state}, path / "model.pt")
    with torch.no_grad():
        y, y64 = net(x), net.double()(x.double())
    save_file({"x": x, "y": y.contiguous(), "y.f64": y64.contiguous()}, path / "io.safetensors")


def onnx_nets():
    """Stacks and both directions as PyTorch's two exporters write them, with one output of one value."""
    yield "drawn-gru-stack-bi", {"gru": nn.GRU(2, 3, num_layers=2, bidirectional=True, batch_first=True), "fc": nn.Linear(6, 1)}, False
    yield "drawn-lstm-norm", {"lstm": nn.LSTM(2, 4, num_layers=2, batch_first=True), "norm": nn.LayerNorm(4), "act": nn.GELU(), "fc": nn.Linear(4, 1)}, False
    yield "drawn-rnn-dynamo", {"rnn": nn.RNN(2, 4, num_layers=2, nonlinearity="relu", batch_first=True), "fc": nn.Linear(4, 1)}, True


def strip(path):
    """Takes out the traces of the program that exported: most of the bytes, and paths of its machine."""
    model = onnx.load(path)
    for part in [model, model.graph, *model.graph.node, *model.graph.initializer, *model.graph.value_info]:
        part.ClearField("doc_string")
        del part.metadata_props[:]
    for value in [*model.graph.input, *model.graph.output]:
        del value.metadata_props[:]
    del model.graph.value_info[:]
    onnx.save(model, path)


def write_onnx(name, parts, dynamo, seed):
    net, x = drawn_torch(Net(parts, "fc"), seed)
    case = {"layers": [type(part).__name__ for part in parts.values()], "dynamo": dynamo, "seed": seed, "torch": torch.__version__}
    path = folder("onnx", name, case)
    options = {"dynamo": True, "external_data": False, "verbose": False} if dynamo else {"dynamo": False, "opset_version": 14}
    torch.onnx.export(net, (x,), str(path / "model.onnx"), input_names=["x"], output_names=["y"], **options)
    strip(path / "model.onnx")
    with torch.no_grad():
        expected = net(x)
    session = onnxruntime.InferenceSession(str(path / "model.onnx"), providers=["CPUExecutionProvider"])
    (y,) = session.run(["y"], {"x": x.numpy()})
    save_file({"x": x, "y": torch.from_numpy(y), "torch.y": expected}, path / "io.safetensors")


if __name__ == "__main__":
    for at, (name, parts, last, modules) in enumerate(torch_nets()):
        write_torch(name, parts, last, modules, 601 + at)
    for at, (name, parts, dynamo) in enumerate(onnx_nets()):
        write_onnx(name, parts, dynamo, 701 + at)
