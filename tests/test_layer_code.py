"""A layer's code for PyTorch and for R."""

import re
import sys
import types
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from test_layer_pass import every_shape

from elman.studies.layer_code import python_code, r_code
from elman.studies.layer_pass import KINDS, LayerArguments, run_layer


class Torch:
    """A stub of PyTorch whose layers are this project's: records arguments, computes shapes."""

    def __init__(self):
        rnn = SimpleNamespace(pack_padded_sequence=self.pack, pad_packed_sequence=self.unpack)
        nn = types.ModuleType("torch.nn")
        nn.utils = SimpleNamespace(rnn=rnn)
        for kind in KINDS:
            setattr(nn, kind, lambda kind=kind, **arguments: self.make(kind, arguments))
        torch = types.ModuleType("torch")
        torch.nn, torch.zeros, torch.tensor = nn, lambda *shape: np.zeros(shape), np.array
        torch.randn = lambda *shape: np.random.default_rng(0).normal(size=shape)
        self.modules = {"torch": torch, "torch.nn": nn}
        self.arguments = self.lengths = self.layer = None

    def make(self, kind, arguments):
        self.arguments = {"kind": kind, **arguments}
        self.layer = layer = KINDS[kind](**arguments, rng=np.random.default_rng(0))

        class Module:
            train, eval = layer.train, layer.eval

            def parameters(self):
                sizes = [p.size for p in layer.parameters.values()]
                return [SimpleNamespace(numel=lambda size=size: size) for size in sizes]

            def __call__(self, x, start):
                x, lengths = x if isinstance(x, tuple) else (x, None)
                output, end = layer(x, start, lengths)
                return (output if lengths is None else (output, lengths)), end

        return Module()

    def pack(self, x, lengths, batch_first, enforce_sorted):
        assert enforce_sorted is False
        assert batch_first == self.arguments["batch_first"]
        self.lengths = tuple(lengths.tolist())
        return x, lengths

    def unpack(self, packed, batch_first, total_length):
        assert batch_first == self.arguments["batch_first"]
        assert total_length == packed[0].shape[1 if batch_first else 0]
        return packed


@every_shape
def test_python_code_makes_the_same_layer_and_says_its_shapes(arguments, monkeypatch):
    code, torch, printed = python_code(run_layer(arguments)), Torch(), []
    for name, module in torch.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    exec(code, {"print": printed.append})
    expected = {"kind": arguments.kind, **arguments.settings()}
    assert torch.arguments == expected
    assert [*map(type, torch.arguments.values())] == [*map(type, expected.values())]
    assert torch.lengths == arguments.lengths
    promised = [line.partition("  # ")[2] for line in code.splitlines() if "print(" in line]
    said = (f"torch.Size({[*v]})" if isinstance(v, tuple) else str(v) for v in printed)
    assert promised == [*said]
    assert torch.layer.training == (arguments.num_layers == 1)


def test_r_code_is_exact_and_both_say_when_they_train():
    everything = LayerArguments(
        kind="LSTM", num_layers=2, bias=False, batch_first=True, dropout=0.2, bidirectional=True,
        lengths=(3, 5),
    )  # fmt: skip
    assert r_code(run_layer(everything)) == (Path(__file__).parent / "data" / "layer.R").read_text()
    training = run_layer(LayerArguments(num_layers=2, dropout=0.5), training=True)
    assert "layer.train()  # dropout at work\n" in python_code(training)
    assert "layer$train()  # dropout at work\n" in r_code(training)


# The arguments of torch 0.13 for R, from its reference manual.
R_LAYER = {"input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout"}
R_LAYER |= {"bidirectional"}
PACK, PAD = "nn_utils_rnn_pack_padded_sequence", "nn_utils_rnn_pad_packed_sequence"
PACKING = {
    PACK: {"input", "lengths", "batch_first", "enforce_sorted"},
    PAD: {"sequence", "batch_first", "padding_value", "total_length"},
}


@every_shape
def test_r_code_has_documented_arguments_and_the_shapes_of_the_python_code(arguments):
    made = run_layer(arguments)
    code = r_code(made)
    calls = re.findall(r"<- (nn_\w+)\(\n(.*?)\n\)", code, re.DOTALL)
    given = {name: set(re.findall(r"(\w+) = ", inside)) for name, inside in calls}
    of_kind = {"nonlinearity"} if arguments.kind == "RNN" else set()
    assert given.pop(f"nn_{arguments.kind.lower()}") == R_LAYER | of_kind
    assert given.keys() == (PACKING.keys() if arguments.lengths else set())
    assert all(names <= PACKING[name] for name, names in given.items())
    shapes = re.findall(r"torch\.Size\(\[(.*)\]\)", python_code(made))
    assert re.findall(r"shape  # (.*)", code) == [shape.replace(",", "") for shape in shapes]
    assert f"bias = {str(arguments.bias).upper()}," in code
