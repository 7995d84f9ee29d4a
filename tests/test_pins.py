"""Pinned runs stand beside later ones in figures, tables and words, and are kept in the link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitor import SHORT, visit

from elman import Experiment, run
from elman.analysis.replay import replay
from elman.tasks import new_sequence
from elman.ui import pin_link, pins

XOR = Experiment(epochs=5, length=300)

# In the order of pinning, for a link to `XOR`.
LINKED = ["this", "hidden~3", "name~By chance~seed~3", "reset~every~reset_every~2"]


def pinned(page="train", **link):
    """A visitor who has pinned the run of this link."""
    return visit(page, **SHORT | link).press("Pin this run")


def figures(visitor):
    return " ".join(visitor.alternatives)


def in_link(visitor):
    """What is pinned, as the address has it."""
    asked = visitor.query_params.get("pin", [])
    return [asked] if isinstance(asked, str) else asked


def name(visitor, number, text):
    """Call a pinned run so."""
    (field,) = [one for one in visitor.text_input if one.label == f"Name of pinned run {number}"]
    return field.set_value(text).run()


def test_up_to_four_runs_are_pinned_named_and_removed_and_the_link_keeps_them():
    visitor = pinned()
    assert "Pin this run" not in visitor.labels
    assert in_link(visitor) == ["this"]
    assert "Pinned" not in figures(visitor)
    for hidden in (3, 2, 1):
        visitor.choose("hidden", hidden).press("Pin this run")
    assert in_link(visitor) == ["hidden~4", "hidden~3", "hidden~2", "this"]
    visitor.choose("hidden", 5)
    (button,) = [one for one in visitor.button if one.label == "Pin this run"]
    assert button.disabled
    assert "the most there can be" in button.help
    for number, hidden in enumerate((4, 3, 2, 1), 1):
        loss = run(XOR.replace(hidden=hidden)).final_loss
        assert f"Pinned {number}, hidden {hidden}: ends at {loss:.4f}." in figures(visitor)
    (table,) = [table for table in visitor.tables if "run" in table]
    assert list(table["run"])[::4] == ["this run", "pinned 4: hidden 1"]

    name(visitor, 2, "  three\n~ units ")
    assert in_link(visitor)[1] == "name~three units~hidden~3"
    assert "Pinned 2, three units: ends at" in figures(visitor)
    visitor.press("Remove run 1").press("Remove run 2")
    assert in_link(visitor) == ["name~three units~hidden~3", "hidden~1"]
    visitor.press("Show run 1")
    assert visitor.shown == XOR.replace(hidden=3)
    # They stay on the way to other pages, those without an experiment among them.
    for page in ("about", "errors"):
        assert in_link(visitor.go(page)) == ["name~three units", "hidden~1"]


def test_a_link_pins_its_runs_which_are_trained_where_they_are_seen():
    visitor = visit(**SHORT, pin=LINKED)
    assert in_link(visitor) == LINKED
    assert not visitor.notes
    for label in ("hidden 3", "By chance", "reset every, reset every 2"):
        assert f", {label}: ends at" in figures(visitor)
    # The address tells the same runs from another experiment.
    visitor.choose("hidden", 2)
    first, *others = in_link(visitor)
    assert (first, others[1]) == ("hidden~4", "name~By chance~hidden~4~seed~3")


BAD = {
    "hidden~0": "hidden: allowed is a whole number from 1 to 500; `'0'` was given.",
    "reset~every": "reset_every: allowed with reset every is",
    "task~none": "task: allowed is one of xor",
    "hidden": "pin: allowed are names of settings, each once, and their values",
    "hidden~3~hidden~4": "pin: allowed are names of settings, each once, and their values",
    "text~abc": "pin: allowed are names of settings; `'text'` was given.",
    "name~" + 41 * "x": "name: allowed is a text of at most 40 characters",
    "length~1000000~task~sentences": "length: allowed is a whole number from 4 to",
}


def test_a_pin_that_cannot_be_is_named_and_left_out():
    for start in (0, 3, 6):
        bad = [*BAD][start : start + 3]
        visitor = visit(**SHORT, pin=[*bad, "seed~1"])
        for number, one in enumerate(bad, 1):
            assert f"pin {number}, {BAD[one]}" in visitor.notes
        assert in_link(visitor) == ["seed~1"]


FIELDS = {
    "task": st.sampled_from(["xor", "letters", "words", "sentences", "reber", "own"]),
    "length": st.integers(30, 500), "hidden": st.integers(1, 30), "epochs": st.integers(1, 50),
    "learning_rate": st.floats(1e-6, 100), "momentum": st.floats(0, 0.999),
    "reset": st.sampled_from(["epoch", "never", "group", "step"]),
    "context_start": st.floats(-1, 1), "weight_init": st.sampled_from(["normal", "uniform"]),
    "seed": st.integers(0, 2**32 - 1),
}  # fmt: skip
EXPERIMENTS = st.fixed_dictionaries({}, optional=FIELDS).map(lambda given: Experiment(**given))


@given(pinned=EXPERIMENTS, present=EXPERIMENTS, called=st.text(max_size=40).map(pin_link.tidy))
def test_a_run_comes_out_of_a_link_as_it_went_in(pinned, present, called):
    packed = pin_link.pack(pinned, called, present)
    assert pin_link.unpack(packed, present) == (pinned, called)
    assert (packed == "this") == (pinned == present and not called)


def test_a_run_on_another_text_is_in_no_link():
    own = {"task": "own", "group_length": "3"}
    visitor = pinned(**own, text="abcabcabcabc").choose("text", "abdabdabdabd")
    assert in_link(visitor) == []
    assert "The link leaves it out, for its text is another." in visitor.words


def test_a_suggestion_pins_the_run_of_before_until_the_next_and_undo_goes_back_step_by_step():
    visitor = visit(**SHORT).press("Half the hidden units")
    assert "Pinned 1, hidden 4" in figures(visitor)
    visitor.press("Half the hidden units")
    assert "Pinned 1, hidden 2" in figures(visitor)
    assert "hidden 4" not in figures(visitor)
    # The link is of what is shown alone.
    assert in_link(visitor) == []
    visitor.press("Undo")
    assert visitor.shown.hidden == 2
    assert "Pinned 1, hidden 4" in figures(visitor)
    visitor.press("Undo")
    assert visitor.shown == XOR
    assert "Undo" not in visitor.labels
    assert "Pinned" not in figures(visitor)

    # A name keeps it.
    name(visitor.press("Half the hidden units"), 1, "four units")
    visitor.press("Half the hidden units")
    assert "Pinned 1, four units" in figures(visitor)
    assert "Pinned 2, hidden 2" in figures(visitor)
    assert in_link(visitor) == ["name~four units~hidden~4"]


@pytest.mark.parametrize(
    ("task", "view"),
    [
        ("xor", "step by step"), ("letters", "step by step"), ("letters", "features"),
        ("words", "through a text"),
    ],
)  # fmt: skip
def test_a_pinned_run_lies_over_every_figure_of_errors(task, view):
    visitor = pinned("errors", task=task, error_view=view, measure="rms").choose("seed", 9)
    specs = [chart.proto.spec for chart in visitor.charts]
    assert specs
    assert all("rms_pinned1" in spec for spec in specs)
    assert "are pinned runs, as they ended: 1 is seed 0" in visitor.words


@pytest.mark.parametrize(("task", "view"), [("xor", "n-grams"), ("own", "by position")])
def test_beside_n_grams_a_pinned_run_is_a_bar_of_its_own(task, view):
    visitor = pinned("errors", task=task, error_view=view)
    assert "pinned 1" not in figures(visitor)
    visitor.choose("seed", 9)
    experiment = Experiment(task=task, epochs=5, length=300)
    tested = replay(run(experiment), new_sequence(experiment))
    squared = ((tested.outputs - tested.sequence.targets) ** 2).mean()
    assert "pinned 1" in figures(visitor)
    rows = visitor.tables[0].set_index("predictor")
    assert rows.loc["pinned 1", "squared"] == pytest.approx(squared)


def test_a_run_of_another_task_is_not_laid_over_and_the_page_says_why():
    visitor = pinned().choose("task", "letters")
    assert "Pinned run 1 is not shown: it learned task xor" in visitor.words
    assert "Pinned" not in figures(visitor)
    assert "Pinned run 1 is not shown" in visitor.go("errors").words
    assert "Pinned run 1 is not shown" not in visitor.choose("task", "xor").words


def test_every_page_of_an_experiment_offers_to_pin_its_run_and_says_what_for():
    visitor = visit(**SHORT, c_seeds="1", pin=[f"seed~{seed}" for seed in range(1, 7)])
    assert "pin: allowed are at most 4; 6 were given, and the first 4 count." in visitor.notes
    assert in_link(visitor) == [f"seed~{seed}" for seed in range(1, 5)]
    for number in range(4, 0, -1):
        visitor.press(f"Remove run {number}")
    for page in ("train", "errors", "states", "watch", "compare"):
        (button,) = [one for one in visitor.go(page).button if one.label == "Pin this run"]
        assert button.help == pins.PURPOSE


def test_a_branch_and_the_run_before_are_pinned_in_links():
    branch = XOR.branched(3, learning_rate=0.5)
    for one, other in ((XOR, branch), (branch, XOR), (branch, branch.branched(4))):
        assert pin_link.unpack(pin_link.pack(one, "", other), other) == (one, "")
