"""Shapes, parameters and numbers of a layer, and its code for PyTorch and for R."""

import itertools
import re
import sys
import types

import numpy as np
import pytest

from elman.studies import layer_code, layer_pass
from elman.studies.layer_pass import KINDS, LayerArguments, parse_lengths, run_layer

EVERYTHING = [
    LayerArguments(
        kind=kind,
        input_size=3,
        hidden_size=2,
        num_layers=layers,
        nonlinearity="relu" if kind == "RNN" and layers == 2 else "tanh",
        bias=bias,
        batch_first=batch_first,
        dropout=0.25 if layers == 2 else 0.0,
        bidirectional=both,
        steps=4,
        batch=3,
        lengths=lengths,
    )
    for kind, layers, bias, batch_first, both, lengths in itertools.product(
        KINDS, (1, 2), (True, False), (True, False), (True, False), (None, (2, 4, 1))
    )
]


@pytest.mark.parametrize("arguments", EVERYTHING, ids=repr)
def test_shapes_are_those_of_arrays_and_their_states_fit_the_layer(arguments):
    made = run_layer(arguments)
    table = layer_pass.shape_table(made).set_index("array")
    assert table.loc["x", "shape"] == str((3, 4, 3) if arguments.batch_first else (4, 3, 3))
    wide = 2 * arguments.directions
    assert table.loc["output", "shape"] == str(
        (3, 4, wide) if arguments.batch_first else (4, 3, wide)
    )
    rows = arguments.num_layers * arguments.directions
    for letter in made.layer.state_names:
        assert table.loc[f"{letter}0", "shape"] == str((rows, 3, 2))
        assert table.loc[f"{letter}_n", "shape"] == str((rows, 3, 2))
    # The layer refuses initial states of any other shape than its own.
    starts = made.starts if len(made.starts) > 1 else made.starts[0]
    output, _ = made.layer(made.x, starts, arguments.lengths)
    np.testing.assert_array_equal(output, made.output)


@pytest.mark.parametrize("arguments", EVERYTHING[::3], ids=repr)
def test_parameters_add_up_to_what_the_words_say(arguments):
    made = run_layer(arguments)
    table = layer_pass.parameter_table(made.layer)
    assert list(table["name"]) == list(made.layer.parameters)
    by_layer = table.groupby(["layer", "direction"])["count"].sum()
    for layer, words in enumerate(layer_pass.count_in_words(arguments), 1):
        left, right = words.split(" = ")
        product = left.replace("·", "*")
        assert eval(product) == int(right.replace(",", ""))
        assert (by_layer[layer] == int(right.replace(",", ""))).all()


def test_an_lstm_of_keras_size_has_the_count_known_for_it():
    made = run_layer(LayerArguments(kind="LSTM", input_size=10, hidden_size=20))
    # 4 * (20 * 10 + 20 * 20 + 2 * 20)
    assert layer_pass.parameter_table(made.layer)["count"].sum() == 2560


@pytest.mark.parametrize("arguments", [a for a in EVERYTHING if a.lengths], ids=repr)
def test_the_flow_shows_what_the_results_hold(arguments):
    made = run_layer(arguments)
    output = made.steps_first(made.output)
    for sequence, state in itertools.product(range(3), made.layer.state_names):
        flow = layer_pass.flow_table(made, sequence, state)
        length = arguments.lengths[sequence]
        assert (flow["value"].isna() == (flow["step"] > length)).all()
        kept = flow[flow["end"]].groupby("band", sort=False)["value"].apply(list)
        ends = made.ends[made.layer.state_names.index(state)][:, sequence]
        np.testing.assert_array_equal(np.array(kept.tolist()), ends)
        if state == "c":
            continue
        top = f"layer {arguments.num_layers}, "
        bands = flow[flow["band"].str.startswith(top)].dropna()
        side_by_side = bands.pivot(index="step", columns=["band", "unit"], values="value")
        order = [f"{top}forward", f"{top}backward"][: arguments.directions]
        np.testing.assert_array_equal(side_by_side[order], output[:length, sequence])


def test_dropout_shows_what_is_left_only_while_training():
    arguments = LayerArguments(num_layers=2, hidden_size=50, dropout=0.5)
    plain = layer_pass.flow_table(run_layer(arguments), 0)
    assert "layer 2 reads" not in set(plain["band"])
    flow = layer_pass.flow_table(run_layer(arguments, training=True), 0).set_index("band")["value"]
    below, read = flow["layer 1, forward"].to_numpy(), flow["layer 2 reads"].to_numpy()
    dropped = read == 0.0
    assert 0.3 < dropped.mean() < 0.7
    np.testing.assert_allclose(read[~dropped], 2.0 * below[~dropped])


def test_padding_has_no_effect_and_a_layer_that_counts_it_is_noticed(monkeypatch):
    arguments = LayerArguments(num_layers=2, bidirectional=True, batch=2, lengths=(2, 5))
    made = run_layer(arguments)
    assert layer_pass.padding_effect(made) == 0.0
    deaf = layer_pass.KINDS["RNN"]
    whole = deaf.__call__
    monkeypatch.setattr(deaf, "__call__", lambda self, x, h0=None, lengths=None: whole(self, x))
    assert layer_pass.padding_effect(made) > 0.0


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"kind": "rnn"}, "kind"),
        ({"input_size": 0}, "input_size"),
        ({"hidden_size": 2.5}, "hidden_size"),
        ({"num_layers": 9}, "num_layers"),
        ({"nonlinearity": "sigmoid"}, "nonlinearity"),
        ({"kind": "GRU", "nonlinearity": "relu"}, "nonlinearity"),
        ({"bias": 1}, "bias"),
        ({"dropout": float("nan")}, "dropout"),
        ({"steps": 1_000_000}, "steps"),
        ({"lengths": (5,)}, "lengths"),
        ({"lengths": (5, 6)}, "lengths"),
        ({"lengths": (5, 0)}, "lengths"),
    ],
)
def test_bad_arguments_are_named(changes, name):
    with pytest.raises(ValueError, match=f"^{name}: allowed "):
        LayerArguments(**changes)


def test_lengths_are_read_as_typed():
    assert parse_lengths("", 5, 2) is None
    assert parse_lengths(" 5, 3 ", 5, 2) == (5, 3)
    assert parse_lengths("1;5 2", 5, 3) == (1, 5, 2)
    for bad in (
        "5",
        "5, 6",
        "0, 5",
        "five, 3",
        "5, 3, 1",
        "-1, 2",
        "2.0, 3",
        "1_0, 2",
        "5,,",
        "9" * 40,
    ):
        with pytest.raises(ValueError, match=r"^lengths: allowed are 2 whole numbers from 1 to 5"):
            parse_lengths(bad, 5, 2)


def test_flow_refuses_what_is_not_there():
    made = run_layer(LayerArguments())
    with pytest.raises(ValueError, match=r"sequence: allowed .* 0 to 1; 2 was given"):
        layer_pass.flow_table(made, 2)
    with pytest.raises(ValueError, match="state: allowed is h; 'c' was given"):
        layer_pass.flow_table(made, 0, "c")


class Recorder:
    """A stub of PyTorch whose layers are this project's: records arguments, computes shapes."""

    def __init__(self):
        self.arguments = self.lengths = None
        functional = types.SimpleNamespace(
            pack_padded_sequence=self.pack, pad_packed_sequence=self.unpack
        )
        self.nn = types.ModuleType("torch.nn")
        self.nn.utils = types.SimpleNamespace(rnn=functional)
        for kind in KINDS:
            setattr(self.nn, kind, lambda kind=kind, **arguments: self.make(kind, arguments))
        self.torch = types.ModuleType("torch")
        self.torch.nn = self.nn
        self.torch.randn = lambda *shape: np.random.default_rng(0).normal(size=shape)
        self.torch.zeros = lambda *shape: np.zeros(shape)
        self.torch.tensor = np.array

    def make(self, kind, arguments):
        self.arguments = {"kind": kind, **arguments}
        layer = KINDS[kind](**arguments, rng=np.random.default_rng(0))

        class Module:
            training = True

            def train(self):
                layer.train()

            def eval(self):
                layer.eval()
                Module.training = False

            def parameters(self):
                for p in layer.parameters.values():
                    yield types.SimpleNamespace(numel=lambda p=p: p.size)

            def __call__(module, x, start):
                x, lengths = x if isinstance(x, tuple) else (x, None)
                output, end = layer(x, start, lengths)
                return (output if lengths is None else (output, lengths)), end

        self.module = Module
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

    def run(self, code, monkeypatch):
        monkeypatch.setitem(sys.modules, "torch", self.torch)
        monkeypatch.setitem(sys.modules, "torch.nn", self.nn)
        printed = []
        exec(code, {"print": printed.append})
        return printed


@pytest.mark.parametrize("arguments", EVERYTHING, ids=repr)
def test_python_code_makes_the_same_layer_and_says_its_shapes(arguments, monkeypatch):
    code = layer_code.python_code(run_layer(arguments))
    recorder = Recorder()
    printed = recorder.run(code, monkeypatch)
    expected = {"kind": arguments.kind, **arguments.settings()}
    assert recorder.arguments == expected
    for name, value in recorder.arguments.items():
        assert type(value) is type(expected[name])
    assert recorder.lengths == arguments.lengths
    promised = [line.partition("  # ")[2] for line in code.splitlines() if "print(" in line]
    assert promised == [
        f"torch.Size({list(value)})" if isinstance(value, tuple) else str(value)
        for value in printed
    ]
    assert recorder.module.training == (arguments.num_layers == 1)


def test_python_code_in_training_mode_says_so():
    made = run_layer(LayerArguments(num_layers=2, dropout=0.5), training=True)
    assert "layer.train()  # dropout at work\n" in layer_code.python_code(made)
    assert "layer$train()  # dropout at work\n" in layer_code.r_code(made)


R_SIMPLE = """library(torch)

layer <- nn_rnn(
  input_size = 3,
  hidden_size = 4,
  num_layers = 1,
  nonlinearity = "relu",
  bias = TRUE,
  batch_first = FALSE,
  dropout = 0,
  bidirectional = FALSE
)

x <- torch_randn(5, 2, 3)
h0 <- torch_zeros(1, 2, 4)
result <- layer(x, h0)
output <- result[[1]]
h_n <- result[[2]]

output$shape  # 5 2 4
h_n$shape  # 1 2 4
"""

R_EVERYTHING = """library(torch)

layer <- nn_lstm(
  input_size = 3,
  hidden_size = 4,
  num_layers = 2,
  bias = FALSE,
  batch_first = TRUE,
  dropout = 0.2,
  bidirectional = TRUE
)
layer$eval()  # no dropout; layer$train() turns it on

x <- torch_randn(2, 5, 3)
h0 <- torch_zeros(4, 2, 4)
c0 <- torch_zeros(4, 2, 4)
packed <- nn_utils_rnn_pack_padded_sequence(
  x, c(3, 5),
  batch_first = TRUE, enforce_sorted = FALSE
)
result <- layer(packed, list(h0, c0))
output <- nn_utils_rnn_pad_packed_sequence(
  result[[1]], batch_first = TRUE, total_length = 5
)[[1]]
h_n <- result[[2]][[1]]
c_n <- result[[2]][[2]]

output$shape  # 2 5 8
h_n$shape  # 4 2 4
c_n$shape  # 4 2 4
"""

R_GRU = """library(torch)

layer <- nn_gru(
  input_size = 1,
  hidden_size = 7,
  num_layers = 3,
  bias = TRUE,
  batch_first = FALSE,
  dropout = 0,
  bidirectional = FALSE
)

x <- torch_randn(9, 1, 1)
h0 <- torch_zeros(3, 1, 7)
result <- layer(x, h0)
output <- result[[1]]
h_n <- result[[2]]

output$shape  # 9 1 7
h_n$shape  # 3 1 7
"""


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"nonlinearity": "relu"}, R_SIMPLE),
        (
            {
                "kind": "LSTM",
                "num_layers": 2,
                "bias": False,
                "batch_first": True,
                "dropout": 0.2,
                "bidirectional": True,
                "lengths": (3, 5),
            },
            R_EVERYTHING,
        ),
        (
            {
                "kind": "GRU",
                "input_size": 1,
                "hidden_size": 7,
                "num_layers": 3,
                "steps": 9,
                "batch": 1,
            },
            R_GRU,
        ),
    ],
)
def test_r_code_is_exact(settings, code):
    assert layer_code.r_code(run_layer(LayerArguments(**settings))) == code


# The arguments of torch 0.13 for R, from its reference manual.
R_LAYER = (
    "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout", "bidirectional"
)  # fmt: skip
R_ARGUMENTS = {
    "nn_rnn": {*R_LAYER, "nonlinearity"},
    "nn_lstm": {*R_LAYER},
    "nn_gru": {*R_LAYER},
    "nn_utils_rnn_pack_padded_sequence": {"input", "lengths", "batch_first", "enforce_sorted"},
    "nn_utils_rnn_pad_packed_sequence": {
        "sequence", "batch_first", "padding_value", "total_length"
    },
}  # fmt: skip


@pytest.mark.parametrize("arguments", EVERYTHING, ids=repr)
def test_r_code_gives_each_function_documented_arguments_only(arguments):
    code = layer_code.r_code(run_layer(arguments))
    calls = re.findall(r"<- (nn_\w+)\(\n(.*?)\n\)", code, re.DOTALL)
    given = {name: set(re.findall(r"(\w+) = ", inside)) for name, inside in calls}
    layer = f"nn_{arguments.kind.lower()}"
    assert given[layer] == R_ARGUMENTS[layer]
    assert all(names <= R_ARGUMENTS[name] for name, names in given.items())
    assert len(given) == (1 if arguments.lengths is None else 3)
