"""The pages, run without a browser: what they show is what the library says."""

import re

import numpy as np
import pandas as pd
import pytest
from visitor import EXPERIMENT_PAGES, PAGES, RUN_PAGES, SHORT, visit

from elman import Experiment, run, tasks
from elman.analysis import errors
from elman.analysis.frozen import frozen_error
from elman.analysis.replay import Answers
from elman.experiment import RESETS, SETTINGS
from elman.tasks import TASKS
from elman.training import predict

TASK_NAMES = tuple(TASKS)

SMALLEST = {"length": "4", "hidden": "1", "epochs": "1", "sequence": "training"}


def policies(shift):
    """Each task with one reset policy, and each policy with one task."""
    resets = [*RESETS[shift:], *RESETS[:shift]]
    return [*zip(TASKS, resets, strict=True)]


@pytest.mark.parametrize(("task", "reset"), policies(0))
def test_every_page_is_sound_for_every_task_and_every_reset_policy(task, reset):
    every = {"reset_every": "4"} if reset == "every" else {}
    visitor = visit("about", **SHORT, **every, task=task, reset=reset, c_seeds="2")
    pages = PAGES if task == "xor" else EXPERIMENT_PAGES
    # Labs bring experiments of their own, so they come last.
    for page in sorted(pages, key="labs".__eq__):
        visitor.go(page)
        visitor.assert_sound(page)
        assert visitor.charts or page not in RUN_PAGES
        if page != "labs":
            assert (visitor.shown.task, visitor.shown.reset) == (task, reset)
    visitor.press("Back to my settings")
    assert (visitor.shown.task, visitor.shown.reset) == (task, reset)


@pytest.mark.parametrize(("task", "reset"), policies(2))
def test_every_page_opens_for_the_smallest_experiment_there_is(task, reset):
    every = {"reset_every": "1"} if reset == "every" else {}
    visitor = visit("about", **SMALLEST, **every, task=task, reset=reset, c_seeds="1")
    for page in EXPERIMENT_PAGES:
        visitor.go(page)


def expected(experiment, *, kind="new", epoch=None, policy=None):
    """The run, the tested sequence and the outputs that a page should show."""
    done = run(experiment)
    make = tasks.new_sequence if kind == "new" else tasks.training_sequence
    sequence = make(experiment)
    snapshot = done.at(experiment.epochs if epoch is None else epoch)
    policy = policy or experiment.reset
    outputs, _ = predict(snapshot, sequence, experiment, policy, experiment.reset_every)
    return done, sequence, outputs


def assert_table(visitor, number, frame):
    """The table of this number shows `frame`, but for columns with marks for true and false."""
    table = visitor.dataframe[number].value
    assert list(table.columns) == list(frame.columns)
    columns = [name for name in frame if frame[name].dtype != bool]
    pd.testing.assert_frame_equal(table[columns], frame[columns], check_dtype=False)


def assert_train_shows(visitor, done, sequence, outputs, epoch, steps=12):
    answers = Answers(outputs, sequence, tasks.TASKS[done.experiment.task])
    accuracy = errors.accuracy(answers)
    loss, frozen, everywhere, *predictable = (metric.value for metric in visitor.metric)
    assert loss == (f"{done.losses[epoch - 1]:.4f}" if epoch else "before training")
    assert frozen == f"{frozen_error(done, epoch):.4f}"
    assert everywhere == f"{accuracy.everywhere:.1%}"
    known = accuracy.where_certain is not None
    assert predictable == ([f"{accuracy.where_certain:.1%}"] if known else [])
    frame = errors.predictions(answers, steps)
    assert_table(visitor, 0, frame)
    matches = visitor.dataframe[0].value["match"]
    assert len(matches) == steps
    assert list(matches == "✓") == list(frame["match"])


def test_the_first_visit_shows_a_result_that_gets_the_xor_bit_right():
    visitor = visit()
    assert visitor.shown == Experiment()
    done, sequence, outputs = expected(Experiment())
    assert_train_shows(visitor, done, sequence, outputs, 600)
    assert errors.accuracy(Answers(outputs, sequence, tasks.TASKS["xor"])).where_certain > 0.95
    assert len(visitor.charts) >= 3
    assert not visitor.error
    assert not visitor.warning


def by_position(experiment, sequence, outputs):
    answers = Answers(outputs, sequence, tasks.task_of(experiment))
    training = tasks.training_sequence(experiment)
    table = errors.by_position_with_bigram(answers, training)
    return table.dropna(axis="columns", how="all")


def error_tables(experiment, sequence, outputs):
    """The table of each view that every task has, or each with features."""
    tested = Answers(outputs, sequence, tasks.task_of(experiment))
    yield "by position", by_position(experiment, sequence, outputs)
    if tested.task.one_bit:
        yield "step by step", errors.by_cycle(tested, 12)
    else:
        steps = 12 if experiment.task == "sentences" else 20
        table = errors.by_step(tested, steps).drop(columns="begins")
        yield "step by step", table.dropna(axis="columns", how="all")
    if tested.task.has_features:
        yield "features", errors.by_feature(tested)
    training = tasks.training_sequence(experiment)
    yield "n-grams", errors.against_ngrams(tested, training)


@pytest.mark.parametrize("task", ["xor", "letters", "sentences", "reber"])
def test_errors_and_train_show_the_library_s_numbers(task):
    """Of a task of one bit, one with features, one of words, and one of strings."""
    experiment = Experiment(task=task, epochs=30, length=300, hidden=5, seed=4, reset="never")
    visitor = visit("errors", **experiment.to_query())
    _, sequence, outputs = expected(experiment)
    for view, frame in error_tables(experiment, sequence, outputs):
        visitor.choose("error_view", view)
        assert_table(visitor, 0, frame)
        visitor.assert_sound("errors")
    visitor.choose("error_view", "by position")
    places = ", ".join(by_position(experiment, sequence, outputs)["position"])
    for measure, title in errors.MEASURES.items():
        first = visitor.choose("measure", measure).alternatives[0]
        assert first.startswith(f"{title} by predicted position: {places}, each with its floor")
        values = [f"{measure}{kind}" for kind in ("", "_floor", "_bigram")]
        columns = visitor.dataframe[0].proto.column_order
        assert list(columns) == ["position", "steps", *values]
    visitor.go("train").choose("steps", 24)
    assert_train_shows(visitor, *expected(experiment), 30, steps=24)


def test_looking_back_shows_the_network_of_that_epoch():
    experiment = Experiment(epochs=30, length=300)
    visitor = visit(**experiment.to_query())
    assert visitor.get_by_key("epoch").value == 30
    for epoch in (3, 30, 0):
        visitor.choose("epoch", epoch)
        done, sequence, outputs = expected(experiment, epoch=epoch)
        assert done.at(epoch).epoch == epoch
        assert_train_shows(visitor, done, sequence, outputs, epoch)

    # The other page looks at the same network.
    visitor.go("errors")
    assert visitor.get_by_key("epoch").value == 0
    assert_table(visitor, 0, by_position(experiment, sequence, outputs))


def test_a_new_run_is_shown_at_its_end_unless_one_has_looked_back():
    visitor = visit(**SHORT).choose("epochs", 20)
    assert visitor.get_by_key("epoch").value == 20
    visitor.choose("epoch", 3).choose("epochs", 30)
    assert visitor.get_by_key("epoch").value == 3
    visitor.choose("epochs", 2)
    assert visitor.get_by_key("epoch").value == 2


def test_the_reset_while_testing_changes_what_the_network_answers():
    experiment = Experiment(epochs=30, length=300, learning_rate=1.0, context_start=0.5)
    visitor = visit(**experiment.to_query())
    policies = {"as trained": "epoch", "once": "epoch", "never": "never", "group": "group",
                "step": "step"}  # fmt: skip
    answers = {}
    for choice, policy in policies.items():
        visitor.choose("test_reset", choice)
        assert_train_shows(visitor, *expected(experiment, policy=policy), 30)
        answers[choice] = visitor.dataframe[0].value["output"].to_numpy()
    np.testing.assert_array_equal(answers["once"], answers["as trained"])
    for choice in ("never", "group", "step"):
        assert np.abs(answers[choice] - answers["once"]).max() > 1e-4


def test_an_unusual_test_is_said_above_its_figures_until_taken_back_or_the_task_changes():
    visitor = visit("errors", **SHORT, test_reset="step", sequence="training", epoch="3")
    how = "tested on the sequence of training, with the context reset before every step"
    headings = [f"##### The network after 3 of 5 epochs, {how}"]
    assert [text for text in visitor.texts if "tested on" in text] == headings
    visitor.go("train")
    assert any("of training, whatever the test" in text for text in visitor.texts)
    visitor.press("Test as trained")
    assert not any("tested on" in text for text in visitor.texts)
    visitor.choose("test_reset", "step").choose("epoch", 0).choose("task", "letters")
    held = {name: visitor.get_by_key(name).value for name in ("epoch", "test_reset", "sequence")}
    assert held == {"epoch": 200, "test_reset": "as trained", "sequence": "new"}

    # A suggestion of another task does the same, and Undo takes it back.
    visitor = visit("errors", **SHORT, test_reset="step", epoch="0").press("The letters")
    assert visitor.get_by_key("test_reset").value == "as trained"
    visitor.press("Undo")
    held = {name: visitor.get_by_key(name).value for name in ("epoch", "test_reset")}
    assert held == {"epoch": 0, "test_reset": "step"}


def test_the_choice_of_test_stays_on_other_pages():
    experiment = Experiment(epochs=5, length=300, learning_rate=1.0)
    visitor = visit(**experiment.to_query()).choose("sequence", "training")
    visitor.choose("test_reset", "step")
    done, sequence, outputs = expected(experiment, kind="training", policy="step")
    assert_train_shows(visitor, done, sequence, outputs, 5)
    table = by_position(experiment, sequence, outputs)
    for _ in range(2):
        visitor.go("errors")
        assert visitor.get_by_key("sequence").value == "training"
        assert visitor.get_by_key("test_reset").value == "step"
        assert_table(visitor, 0, table)
        visitor.go("about")


@pytest.mark.parametrize("task", TASKS)
def test_a_change_of_task_brings_its_sizes_keeps_the_rest_and_explains_its_resets(task):
    other = TASK_NAMES[TASK_NAMES.index(task) - 1]
    # Neither page trains anything.
    visitor = visit("about", **SHORT, task=other, hidden="7", seed="5", learning_rate="0.3")
    visitor.choose("task", task)
    assert visitor.shown == Experiment(task=task, seed=5, learning_rate=0.3)
    visitor.go("teach")
    assert visitor.shown == Experiment(task=task, seed=5, learning_rate=0.3)
    told = visitor.get_by_key("reset").help.splitlines()
    assert [line.split("**")[1] for line in told if line.startswith("- ")] == list(RESETS)
    (line,) = [line for line in told if line.startswith("- **group**")]
    assert f"before each {TASKS[task].group}" in line
    assert f"A {TASKS[task].group}: {TASKS[task].group_words}." in line


def marked(visitor):
    """The fields whose control carries the mark of a difference from the preset."""
    others = {("task", task) for task in TASKS} - {("task", visitor.shown.task)}
    drawn = [
        name
        for name, setting in SETTINGS.items()
        # A branch has no control.
        if name != "branch"
        and setting.only_with not in others
        and visitor.session_state.get(name) is not None
    ]
    return {name for name in drawn if "●" in visitor.get_by_key(name).label}


@pytest.mark.parametrize("task", TASKS)
def test_presets_apply_and_marks_stand_where_one_differs(task):
    textbook, paper = (tasks.preset(task, name) for name in ("textbook", "paper"))
    visitor = visit("about", task=task)
    assert visitor.get_by_key("preset").value == "textbook"
    assert marked(visitor) == set()

    visitor.choose("preset", "paper")
    assert visitor.shown == paper
    assert marked(visitor) == set()

    changes = {"hidden": 5, "reset": "step", "momentum": 0.5, "activation": "tanh", "seed": 2}
    for name, value in changes.items():
        visitor.get_by_key(name).set_value(value)
    visitor.run()
    assert visitor.shown == paper.replace(**changes)
    assert marked(visitor) == set(changes)

    visitor.press("Back to paper")
    assert visitor.shown == paper
    assert marked(visitor) == set()

    visitor.choose("preset", "textbook")
    assert visitor.shown == textbook
    assert marked(visitor) == set()
    # The marks of a link are its differences, too.
    link = {"hidden": "7", "reset": "growing", "weight_init": "uniform", "data_seed": "1"}
    assert marked(visit("about", task=task, **link)) == {*link}
    assert visit("about", **paper.to_query()).get_by_key("preset").value == "paper"


def test_reset_every_asks_for_its_number_and_the_test_resets_as_it_was_trained():
    visitor = visit(**SHORT, context_start="0.5")
    assert "reset_every" not in visitor.session_state
    visitor.choose("reset", "every")
    experiment = Experiment(
        epochs=5, length=300, context_start=0.5, reset="every",
        reset_every=visitor.number_input(key="reset_every").value,
    )  # fmt: skip
    assert visitor.shown == experiment
    visitor.choose("reset_every", 7)
    experiment = experiment.replace(reset_every=7)
    assert visitor.shown == experiment
    assert_train_shows(visitor, *expected(experiment), 5)

    growing = experiment.replace(reset="growing", reset_every=None)
    visitor.choose("reset", "growing")
    assert visitor.shown == growing
    assert_train_shows(visitor, *expected(growing, policy="never"), 5)
    with pytest.raises(KeyError):
        visitor.number_input(key="reset_every")


@pytest.mark.parametrize(
    ("page", "link", "label", "change"),
    [
        ("train", {}, "Take the memory away", {"reset": "step"}),
        ("train", {}, "Half the hidden units", {"hidden": 2}),
        ("train", {}, "Another start", {"seed": 1}),
        ("errors", {}, "The letters", {"task": "letters"}),
        # How to look leaves the experiment alone.
        ("errors", {}, "Do not reset for testing", {"test_reset": "never"}),
        # What is suggested is allowed.
        ("train", {"seed": str(2**32 - 1)}, "Another start", {"seed": 0}),
        ("train", {"hidden": "1"}, "Four hidden units", {"hidden": 4}),
    ],
)
def test_a_suggestion_changes_what_it_says_and_nothing_else(page, link, label, change):
    visitor = visit(page, **SHORT | link).press(label)
    settings = {name: value for name, value in change.items() if name in SETTINGS}
    assert visitor.shown == Experiment(epochs=5, length=300).replace(**settings)
    assert {name: visitor.get_by_key(name).value for name in change} == change


def changed(visitor):
    """What the page says that a press has changed; empty if it says nothing."""
    said = [text.value for text in visitor.markdown if text.value.startswith("Changed: ")]
    return said[0].removeprefix("Changed: ").removesuffix(".").split("; ") if said else []


def test_a_line_at_the_top_names_what_a_suggestion_has_changed_and_leads_back():
    visitor = visit(**SHORT).press("Half the hidden units")
    assert changed(visitor) == ["**Hidden units**: 4 → 2"]
    # The run of before stands beside the new one, in the figure and in words.
    assert "Pinned 1, hidden 4: ends at" in visitor.alternatives[1]
    (words,) = [text.value for text in visitor.markdown if "**The run before**" in text.value]
    assert "with hidden 4" in words
    visitor.press("Undo")
    assert (visitor.shown.hidden, changed(visitor)) == (4, [])
    assert "Pinned" not in visitor.alternatives[1]

    visitor.press("Half the hidden units").go("errors")
    assert not changed(visitor)
    visitor.press("Before training")
    assert changed(visitor) == ["**Look back**: 5 → 0"]
    # Gone as soon as the reader changes it.
    visitor.choose("epoch", 3)
    assert not changed(visitor)
    visitor.press("The letters")
    lines = changed(visitor)
    assert lines[0] == "**Task**: xor → letters"
    assert "**Hidden units**: 2 → 20" in lines
    # What the change brings in without being seen is not spoken of.
    named = {line.split("**")[1] for line in lines}
    assert named == {"Task", "Hidden units", "Epochs", "Sequence length"}
    visitor.press("Undo")
    assert (visitor.shown.task, visitor.shown.hidden) == ("xor", 2)

    # On a page with settings of its own, too.
    visitor = visit("numbers").press("tanh units")
    assert changed(visitor) == ["**Activation**: relu → tanh"]
    visitor.press("Undo")
    assert visitor.get_by_key("n_activation").value == "relu"


WILD = {"activation": "relu", "learning_rate": "100", "length": "600", "epochs": "20"}


def test_a_run_that_diverges_says_when_and_what_to_change():
    visitor = visit(**WILD)
    done = run(visitor.shown)
    assert done.status == "diverged"
    for page in ("train", "errors"):
        visitor.go(page)
        assert f"epoch {done.epochs_done + 1}" in visitor.refusal
        assert "smaller learning rate" in visitor.refusal
        texts = [text.value for text in (*visitor.markdown, *visitor.info)]
        assert not re.search(r"\bnan\b", " ".join(texts))
    # The network before it went wild can be looked at.
    visitor.choose("epoch", 0)
    assert np.isfinite(visitor.tables[0].select_dtypes("number").to_numpy()).all()
    # Of one that diverges in its first pass there is nothing else.
    visitor = visit(**WILD | {"weight_scale": "10", "reset": "never", "learning_rate": "1"})
    assert run(visitor.shown).epochs_done == 0
    assert "epoch 1" in visitor.refusal
    assert not visitor.metric
