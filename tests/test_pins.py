"""A pinned run lies over later ones, on the pages that draw curves and errors."""

import pytest
from visitor import SHORT, alternatives, charts, choose, go, labels, press, tables, visit, words

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.replay import replay
from elman.tasks import new_sequence

XOR = Experiment(epochs=5, length=300)


def pinned(page="train", **link):
    """A visitor who has pinned the run of this link."""
    return press(visit(page, **SHORT | link), "Pin this run")


def figures(visitor):
    return " ".join(alternatives(visitor))


def test_a_pinned_run_lies_over_later_ones_until_another_is_pinned_or_none():
    visitor = pinned()
    assert "Unpin" in labels(visitor)
    assert "Pin this instead" not in labels(visitor)
    assert "Pinned" not in figures(visitor)
    choose(visitor, "hidden", 3)
    assert f"Pinned, hidden 4: ends at {run(XOR).final_loss:.4f}" in figures(visitor)

    go(visitor, "errors")
    expected = errors.by_position(replay(run(XOR), new_sequence(XOR)))
    assert list(tables(visitor)[0]["squared_pinned"]) == list(expected["squared"])
    assert "Dashed olive outlines are the pinned run: hidden 4." in words(visitor)
    assert "It is shown as it ended, after 5 epochs." in words(visitor)

    press(visitor, "Pin this instead")
    assert "squared_pinned" not in tables(visitor)[0]
    choose(visitor, "hidden", 5)
    assert "are the pinned run: hidden 3." in words(visitor)
    press(visitor, "Unpin")
    assert "squared_pinned" not in tables(visitor)[0]
    assert "Pin this run" in labels(visitor)


@pytest.mark.parametrize(
    ("task", "view"),
    [
        ("xor", "step by step"), ("letters", "step by step"), ("letters", "features"),
        ("words", "through a text"),
    ],
)  # fmt: skip
def test_a_pinned_run_lies_over_every_figure_of_errors(task, view):
    visitor = choose(pinned("errors", task=task, error_view=view, measure="rms"), "seed", 9)
    specs = [chart.proto.spec for chart in charts(visitor)]
    assert specs
    assert all("rms_pinned" in spec for spec in specs)
    assert "are the pinned run: seed 0. It is shown as it ended" in words(visitor)


@pytest.mark.parametrize(("task", "view"), [("xor", "n-grams"), ("own", "by position")])
def test_beside_n_grams_a_pinned_run_is_a_bar_of_its_own(task, view):
    visitor = pinned("errors", task=task, error_view=view)
    assert "pinned run" not in figures(visitor)
    choose(visitor, "seed", 9)
    experiment = Experiment(task=task, epochs=5, length=300)
    tested = replay(run(experiment), new_sequence(experiment))
    squared = ((tested.outputs - tested.sequence.targets) ** 2).mean()
    assert f"pinned run {squared:.3f}" in figures(visitor)


def test_a_run_of_another_task_is_not_laid_over_and_the_page_says_why():
    visitor = choose(pinned(), "task", "letters")
    assert "The pinned run is not shown: it learned task xor" in words(visitor)
    assert "Pinned" not in figures(visitor)
    assert "The pinned run is not shown" in words(go(visitor, "errors"))
    assert "The pinned run is not shown" not in words(choose(visitor, "task", "xor"))


def test_every_page_of_an_experiment_offers_to_pin_its_run():
    visitor = visit(**SHORT, c_seeds="1")
    for page in ("train", "errors", "states", "watch", "compare"):
        assert "Pin this run" in labels(go(visitor, page))
