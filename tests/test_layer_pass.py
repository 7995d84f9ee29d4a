"""Shapes, parameters and numbers of a layer."""

import itertools

import numpy as np
import pytest
from pairwise import pairwise

from elman.studies import layer_pass
from elman.studies.layer_pass import KINDS, LayerArguments, parse_lengths, run_layer
from elman.ui.store import size_of

SHAPES = [
    LayerArguments(
        kind=kind, input_size=3, hidden_size=2, num_layers=layers, bias=bias,
        nonlinearity="relu" if kind == "RNN" and layers == 2 else "tanh", batch_first=batch_first,
        dropout=0.25 if layers == 2 else 0.0, bidirectional=both, steps=4, batch=3, lengths=lengths,
    )
    for kind, layers, bias, batch_first, both, lengths in pairwise(
        KINDS, (1, 2), (True, False), (True, False), (True, False), (None, (2, 4, 1))
    )
]  # fmt: skip
every_shape = pytest.mark.parametrize("arguments", SHAPES, ids=repr)


@every_shape
def test_shapes_and_parameters_are_those_of_arrays_and_their_states_fit_the_layer(arguments):
    made = run_layer(arguments)
    first = (3, 4) if arguments.batch_first else (4, 3)
    state = (arguments.num_layers * arguments.directions, 3, 2)
    wanted = {"x": (*first, 3), "output": (*first, 2 * arguments.directions)}
    for letter in made.layer.state_names:
        wanted |= {f"{letter}0": state, f"{letter}_n": state}
    shapes = layer_pass.shape_table(made).set_index("array")["shape"]
    assert dict(shapes) == {name: str(shape) for name, shape in wanted.items()}
    # The layer refuses initial states of any other shape than its own.
    starts = made.starts if len(made.starts) > 1 else made.starts[0]
    output, _ = made.layer(made.x, starts, arguments.lengths)
    np.testing.assert_array_equal(output, made.output)
    table = layer_pass.parameter_table(made.layer)
    assert list(table["name"]) == list(made.layer.parameters)
    by_layer = table.groupby(["layer", "direction"])["count"].sum()
    for layer, words in enumerate(layer_pass.describe_counts(arguments), 1):
        product, total = (part.replace("·", "*").replace(",", "") for part in words.split(" = "))
        assert eval(product) == int(total)
        assert (by_layer[layer] == int(total)).all()


@pytest.mark.parametrize("arguments", [a for a in SHAPES if a.lengths], ids=repr)
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


@pytest.mark.parametrize(("name", "value"), [
    ("kind", "rnn"), ("input_size", 0), ("hidden_size", 2.5), ("num_layers", 9), ("bias", 1),
    ("nonlinearity", "sigmoid"), ("dropout", float("nan")), ("steps", 1_000_000),
    ("lengths", (5,)), ("lengths", (5, 6)), ("lengths", (5, 0)),
])  # fmt: skip
def test_bad_arguments_are_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}: allowed "):
        LayerArguments(**{name: value})
    with pytest.raises(ValueError, match=r"^nonlinearity: allowed "):
        LayerArguments(kind="GRU", nonlinearity="relu")


def test_a_flow_of_no_sequence_or_state_is_refused():
    made = run_layer(LayerArguments())
    for asked, message in ((2,), "sequence: .* 0 to 1; 2"), ((0, "c"), "state: allowed is h; 'c'"):
        with pytest.raises(ValueError, match=f"{message} was given"):
            layer_pass.flow_table(made, *asked)


def test_lengths_are_read_as_typed():
    typed = {("", 2): None, (" 5, 3 ", 2): (5, 3), ("1;5 2", 3): (1, 5, 2)}
    assert {(text, batch): parse_lengths(text, 5, batch) for text, batch in typed} == typed
    wrong = "5|5, 6|0, 5|five, 3|5, 3, 1|-1, 2|2.0, 3|1_0, 2|5,,|" + "9" * 40
    for text in wrong.split("|"):
        with pytest.raises(ValueError, match=r"^lengths: allowed are 2 whole numbers from 1 to 5"):
            parse_lengths(text, 5, 2)


@pytest.mark.parametrize("kind", KINDS)
def test_the_memory_of_a_call_is_known_before_it_is_made_and_too_much_is_refused(kind):
    sizes = {"input_size": 64, "hidden_size": 64, "num_layers": 3, "steps": 50, "batch": 16}
    for changes in ({}, {"bidirectional": True}, {"batch": 1, "steps": 1}):
        arguments = LayerArguments(kind=kind, **sizes | changes)
        made = size_of(run_layer(arguments))
        assert layer_pass.needed_bytes(arguments) == pytest.approx(made, rel=0.25)
    layer_pass.check_bytes(arguments, made * 1.3)
    with pytest.raises(ValueError, match=r"^batch: allowed is .* 2 MB of memory; 16 was"):
        layer_pass.check_bytes(LayerArguments(kind=kind, **sizes), 2**21)
    with pytest.raises(ValueError, match="hidden_size: allowed is a whole number from 1 to"):
        layer_pass.check_bytes(LayerArguments(kind=kind, **sizes | {"batch": 1}), 2**16)
