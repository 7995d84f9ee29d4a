"""A step's quantities as a reader gets them: numbers of the step, lines of the source."""

import inspect
import textwrap
from pathlib import Path

import numpy as np
import pytest
from hand_made import DIVERGING, seen_step
from pairwise import pairwise

from elman import network
from elman.analysis.step import choose_units, describe_step, training_step
from elman.analysis.step_equations import ARRAYS, STAGES, body, quantities, statement, weight_tables
from elman.network import ElmanNetwork, activate

SOURCE = Path(inspect.getsourcefile(network)).read_text(encoding="utf-8").split("\n")


def computed(trained, task, step):
    """Title -> quantity."""
    units = choose_units(step, task)
    found = quantities(step, trained.experiment, trained.sequence, task, units)
    assert [STAGES.index(q.stage) for q in found] == sorted(STAGES.index(q.stage) for q in found)
    return {quantity.title: quantity for quantity in found}


@pytest.mark.parametrize(
    ("task_name", "activation"), [("xor", "sigmoid"), ("letters", "tanh"), ("letters", "relu")]
)
def test_the_numbers_are_those_of_the_step(task_name, activation):
    trained, task, step = seen_step(task=task_name, hidden=5, activation=activation)
    wanted = {
        "Input": step.x, "Context": step.context,
        "Net input of the hidden units": step.hidden_net_input, "Hidden activation": step.hidden,
        "Net input of the output units": step.output_net_input, "Output": step.output,
        "Error": step.error, "Output delta": step.output_delta,
        "Hidden delta": step.hidden_deltas[0], "New context": step.new_context,
    }  # fmt: skip
    found = computed(trained, task, step)
    # Of single units; what the quantity is stands in the last column.
    shown = {title: q.tables[0].frame for title, q in found.items() if not q.tables[0].title}
    assert list(shown) == list(wanted)
    for title, values in wanted.items():
        *parts, last = shown[title].to_numpy().T
        np.testing.assert_array_equal(last, values, err_msg=title)
        # Terms add up and factors multiply to what stands beside them.
        if title.startswith("Net input"):
            np.testing.assert_allclose(np.sum(parts, axis=0), last, rtol=1e-12)
        if title.endswith("delta"):
            np.testing.assert_allclose(parts[0] * parts[1], last)


@pytest.mark.parametrize(
    ("step", "activation", "depth", "momentum"),
    pairwise((0, 5), ("sigmoid", "tanh", "relu"), (1, 3), (0.0, 0.5)),
)
def test_every_quantity_shows_lines_that_stand_in_the_source(step, activation, depth, momentum):
    settings = {"hidden": 3, "activation": activation, "depth": depth, "momentum": momentum}
    for quantity in computed(*seen_step(step=step, **settings)).values():
        assert quantity.lines
        for lines in quantity.lines:
            text = lines.text.split("\n")
            there = SOURCE[lines.first - 1 :][: len(text)]
            assert textwrap.dedent("\n".join(there)) == lines.text


COMPUTED_BY = [
    ("Context", 'self.context = _vector("hidden", hidden'),
    ("Net input of the hidden units", 'w["W_hh"] @ self.context'),
    ("Hidden activation", "hidden = activate("),
    ("Net input of the output units", 'w["W_ho"] @ hidden'), ("Output", "output = logistic("),
    ("Error", "return target - output"), ("Output delta", "output_delta = (target - output)"),
    ("Hidden delta", 'w["W_ho"].T @ output_delta'),
    ("Hidden deltas further back", 'w["W_hh"].T @ hidden_delta'),
    ("Weights", '"W_hh": -np.outer(hidden_delta, self.context)'),
    ("Weights", 'gradient["W_hh"] -= np.outer('), ("Weights", "self.weights[name] += velocity"),
    ("New context", 'self.context = _vector("hidden", hidden'),
]  # fmt: skip


def test_the_lines_are_those_that_compute_it():
    found = computed(*seen_step(depth=3))
    for title, code in COMPUTED_BY:
        assert code in "\n".join(lines.text for lines in found[title].lines), title


def test_a_reset_before_the_step_is_said_and_its_line_shown():
    context = computed(*seen_step(step=0, context_start=0.5))["Context"]
    assert "set back to 0.5 before this step" in context.words
    assert "np.full(" in context.lines[0].text
    np.testing.assert_array_equal(context.tables[0].frame["$c$"], 0.5)


def test_deltas_further_back_stand_only_where_there_are_any():
    assert "Hidden deltas further back" not in computed(*seen_step(depth=1))
    assert computed(*seen_step(depth=4, step=0))["Hidden deltas further back"].tables == ()
    trained, task, step = seen_step(depth=4, step=2, task="letters", hidden=5)
    further = computed(trained, task, step)["Hidden deltas further back"]
    assert "lets them go back 2 steps" in further.words
    deltas, adds = (table.frame for table in further.tables)
    np.testing.assert_array_equal(deltas, step.hidden_deltas[1:])
    names = [task.symbols[trained.sequence.symbols[t]] for t in (1, 0)]
    assert list(deltas.index) == [f"1 back, {names[0]}", f"2 back, {names[1]}"]
    rate = trained.experiment.learning_rate
    for lag, t in enumerate((1, 0)):
        change = rate * np.abs(np.outer(step.hidden_deltas[lag + 1], trained.inputs[t])).max()
        assert adds.iloc[lag, 0] == pytest.approx(change)


@pytest.mark.parametrize("array", [*ARRAYS, "velocity"])
def test_weights_are_shown_with_their_biases_and_digits_that_show_the_change(array):
    _, task, step = seen_step(task="letters", hidden=12, momentum=0.5)
    units = choose_units(step, task, "9 to 12")
    w, tables = getattr(step, array), weight_tables(step, units, array)
    to_hidden, from_context, to_output = (table.frame for table in tables)
    np.testing.assert_array_equal(to_hidden, np.column_stack([w["W_ih"], w["b_h"]])[8:])
    np.testing.assert_array_equal(from_context, w["W_hh"][8:, 8:])
    np.testing.assert_array_equal(to_output, np.column_stack([w["W_ho"][:, 8:], w["b_o"]]))
    assert list(from_context.columns) == [f"c\u00a0{unit}" for unit in (9, 10, 11, 12)]
    if array in ("before", "after"):
        moved = [table.frame.abs().max().max() for table in weight_tables(step, units)]
        for table, change in zip(tables, moved, strict=True):
            assert change >= 10.0 ** (2 - table.decimals)
            assert table.decimals == 3 or change < 10.0 ** (3 - table.decimals)


def test_a_diverging_step_is_shown_and_read_aloud_as_far_as_it_goes():
    trained, task, last = seen_step(**DIVERGING)
    assert trained.status == "diverged"
    first = training_step(trained, trained.epochs_done, 0)
    assert np.isfinite(first.before["W_hh"]).all()
    assert not np.isfinite(last.output).all()
    assert "diverges" in describe_step(last, trained.sequence, task)
    assert computed(trained, task, last)


# Lines of the source


def test_a_statement_is_found_by_what_it_computes_and_is_the_file_s_own():
    found = statement(ElmanNetwork.deltas, "hidden_delta")
    assert found.function == "ElmanNetwork.deltas"
    assert SOURCE[found.first - 1].strip() == found.text
    assert found.text.startswith("hidden_delta = slope(")
    # A block is shown whole, and a body without its docstring.
    block = statement(ElmanNetwork.backward, "for").text.split("\n")
    assert len(block) == 4
    assert block[0].startswith("for name, gradient in")
    assert block[1].startswith("    velocity = ")
    text = body(activate).text
    assert text.startswith('if name == "sigmoid":')
    assert '"""' not in text
    for name in ("nothing", "weights"):
        with pytest.raises(ValueError, match=f"one statement of ElmanNetwork.forward.*'{name}'"):
            statement(ElmanNetwork.forward, name)
