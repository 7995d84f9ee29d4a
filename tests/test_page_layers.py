"""The page on layers, without a browser."""

from visitor import visit

from elman.studies import layer_code, layer_pass
from elman.studies.layer_pass import LayerArguments, run_layer

DEFAULT = LayerArguments(num_layers=2, batch=3)


def codes(visitor):
    # Streamlit takes off the last line's end.
    return [block.value + "\n" for block in visitor.code]


def assert_shows(visitor, arguments, training=False):
    """Tables, sentence and code are those that the library makes for `arguments`."""
    made = run_layer(arguments, training=training)
    assert list(visitor.table[0].value["Shape"]) == list(layer_pass.shape_table(made)["shape"])
    parameters = layer_pass.parameter_table(made.layer)
    for column in parameters:
        assert list(visitor.tables[0][column]) == list(parameters[column])
    assert f"learns {parameters['count'].sum():,} numbers" in visitor.words
    assert f"output of shape {made.output.shape}" in visitor.words
    assert codes(visitor) == [layer_code.python_code(made), layer_code.r_code(made)]
    assert not visitor.error


def test_the_first_visit_shows_a_small_stack():
    visitor = visit("layers")
    assert visitor.header[0].value == "Layers"
    assert_shows(visitor, DEFAULT)
    assert len(visitor.charts) == 3


def test_a_link_sets_every_argument():
    visitor = visit(
        "layers", l_kind="LSTM", l_input_size="2", l_hidden_size="5", l_num_layers="3",
        l_direction="both directions", l_bias="False", l_batch_first="True", l_dropout="0.5",
        l_mode="training", l_steps="6", l_batch="2", l_lengths="4, 6", l_state="c",
    )  # fmt: skip
    arguments = LayerArguments(
        kind="LSTM", input_size=2, hidden_size=5, num_layers=3, bias=False, batch_first=True,
        dropout=0.5, bidirectional=True, steps=6, batch=2, lengths=(4, 6),
    )  # fmt: skip
    assert_shows(visitor, arguments, training=True)
    assert "the results change by 0: it does not count" in visitor.words
    assert "**not** those of h0 and h_n" in visitor.words


def test_controls_and_suggestions_change_the_layer():
    visitor = visit("layers", l_nonlinearity="relu")
    assert_shows(visitor, LayerArguments(num_layers=2, batch=3, nonlinearity="relu"))
    visitor.press("Change the cell to LSTM")
    assert_shows(visitor, LayerArguments(kind="LSTM", num_layers=2, batch=3))
    visitor.press("Read in both directions").press("Three lengths")
    arguments = LayerArguments(
        kind="LSTM", num_layers=2, batch=3, bidirectional=True, lengths=(5, 3, 1)
    )
    assert_shows(visitor, arguments)
    assert visitor.state("l_sequence") == 3
    visitor.choose("l_batch", 1)
    # Three lengths are too many for one sequence, and there is no third one to show.
    assert "Length of each sequence: allowed are 1 whole numbers from 1 to 5" in visitor.refusal
    assert codes(visitor)[0].count("packed") == 0
    visitor.choose("l_lengths", "4")
    assert not visitor.error
    assert "torch.tensor([4])" in codes(visitor)[0]


def test_bad_lengths_are_explained_and_the_layer_stays():
    visitor = visit("layers", l_num_layers="1", l_dropout="0.2")
    assert "dropout does nothing" in visitor.words
    arguments = LayerArguments(batch=3, dropout=0.2)
    assert_shows(visitor, arguments)
    made = run_layer(arguments)
    for text in ("5, 6, 7", "**bold**", "nan, 1, 1"):
        visitor.choose("l_lengths", text)
        assert visitor.refusal.startswith(
            "Length of each sequence: allowed are 3 whole numbers from 1 to 5"
        )
        assert f"`'{text}'`" in visitor.refusal
        assert codes(visitor) == [layer_code.python_code(made), layer_code.r_code(made)]


def test_the_largest_layer_that_a_server_holds_is_shown_and_the_next_refused_before_it_is_made():
    largest = {
        "l_kind": "LSTM", "l_input_size": "256", "l_hidden_size": "256", "l_num_layers": "4",
        "l_direction": "both directions", "l_steps": "50",
    }  # fmt: skip
    visitor = visit("layers", **largest, l_batch="8")
    assert not visitor.error
    assert visitor.table[0].value["Shape"].iloc[0] == "(50, 8, 256)"
    words = visit("layers", **largest, l_batch="32").refusal
    assert words.startswith("Sequences at once (batch): allowed is a whole number from 1 to ")
    assert "128 MB of memory; 32 was given" in words
