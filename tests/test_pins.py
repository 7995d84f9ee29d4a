"""A pinned run lies over later ones, on the pages that draw curves and errors."""

import pytest
from visitor import SHORT, choose, go, press, visit

from elman import Experiment, run
from elman.analysis import errors
from elman.analysis.replay import replay
from elman.tasks import new_sequence, task_of


def labels(visitor):
    return [button.label for button in visitor.button]


def captions(visitor):
    return "\n".join(caption.value for caption in visitor.caption)


def alts(visitor):
    return " ".join(chart.proto.alt for chart in visitor.get("vega_lite_chart"))


def test_a_pinned_run_lies_over_later_ones_until_it_is_unpinned():
    visitor = press(visit(**SHORT), "Pin this run")
    assert "Unpin" in labels(visitor)
    assert "Pin this instead" not in labels(visitor)
    assert "Pinned" not in alts(visitor)

    choose(visitor, "hidden", 3)
    pinned = run(Experiment(epochs=5, length=300))
    assert f"Pinned, hidden 4: ends at {pinned.final_loss:.4f}" in alts(visitor)

    go(visitor, "errors")
    experiment = Experiment(epochs=5, length=300, hidden=3)
    sequence, _task = new_sequence(experiment), task_of(experiment)
    expected = errors.by_position(replay(pinned, sequence))
    assert list(visitor.dataframe[0].value["squared_pinned"]) == list(expected["squared"])
    assert "Dashed olive outlines are the pinned run: hidden 4." in captions(visitor)
    assert "It is shown as it ended, after 5 epochs." in captions(visitor)

    press(visitor, "Unpin")
    assert "squared_pinned" not in visitor.dataframe[0].value
    assert "Pin this run" in labels(visitor)


@pytest.mark.parametrize(
    ("task", "view"),
    [
        ("xor", "step by step"),
        ("letters", "step by step"),
        ("letters", "features"),
        ("words", "through a text"),
    ],
)
def test_a_pinned_run_lies_over_every_figure_of_errors(task, view):
    settings = SHORT | {"task": task, "error_view": view, "measure": "rms"}
    visitor = press(visit("errors", **settings), "Pin this run")
    choose(visitor, "seed", 9)
    figures = [chart.proto.spec for chart in visitor.get("vega_lite_chart")]
    assert figures
    assert all("rms_pinned" in figure for figure in figures)
    assert "are the pinned run: seed 0. It is shown as it ended" in captions(visitor)


@pytest.mark.parametrize(("task", "view"), [("xor", "n-grams"), ("own", "by position")])
def test_beside_n_grams_a_pinned_run_is_a_bar_of_its_own(task, view):
    visitor = press(visit("errors", **SHORT, task=task, error_view=view), "Pin this run")
    assert "pinned run" not in alts(visitor)
    choose(visitor, "seed", 9)
    pinned = run(Experiment(task=task, epochs=5, length=300))
    sequence = new_sequence(pinned.experiment)
    squared = ((replay(pinned, sequence).outputs - sequence.targets) ** 2).mean()
    assert f"pinned run {squared:.3f}" in alts(visitor)


def test_another_run_can_be_pinned_instead():
    visitor = press(visit(**SHORT), "Pin this run")
    choose(visitor, "hidden", 3)
    press(visitor, "Pin this instead")
    assert "Pinned" not in alts(visitor)
    choose(visitor, "hidden", 5)
    assert "Pinned, hidden 3" in alts(visitor)


def test_a_run_of_another_task_is_not_laid_over_and_the_page_says_why():
    visitor = press(visit(**SHORT), "Pin this run")
    choose(visitor, "task", "letters")
    assert "The pinned run is not shown: it learned task xor" in captions(visitor)
    assert "Pinned" not in alts(visitor)
    go(visitor, "errors")
    assert "The pinned run is not shown" in captions(visitor)
    choose(visitor, "task", "xor")
    assert "The pinned run is not shown" not in captions(visitor)


def test_every_page_of_an_experiment_offers_to_pin_its_run():
    visitor = visit(**SHORT, c_seeds="1")
    for page in ("train", "errors", "states", "watch", "compare"):
        go(visitor, page)
        assert "Pin this run" in labels(visitor)
