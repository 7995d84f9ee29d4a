"""The page Labs, run without a browser, on labs whose runs train in no time."""

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
import streamlit as st
from tiny_labs import SMALL, predictions, tiny
from visitor import visit

from elman import run as train
from elman.labs import LABS, SEEDS, Choice, shipped, words
from elman.labs.ending import ended, quiz
from elman.labs.measuring import Notes, measure
from elman.labs.progress import from_json, to_json
from elman.ui.views import lab_browser


@pytest.fixture(autouse=True)
def tiny_labs(monkeypatch):
    """Every lab, tiny, in place of the real one."""
    for name, lab in LABS.items():
        monkeypatch.setitem(LABS, name, tiny(lab))


def open_lab(name, at="predict", **link):
    return visit("labs", **link, lab=name, at=at)


def predict(visitor, lab, prediction):
    """Give a prediction by its widgets and commit it."""
    if isinstance(lab.prediction, Choice):
        visitor.choose(f"lab_{lab.name}_0", prediction)
    else:
        for place, guess in enumerate(prediction):
            entered = guess * lab.prediction.quantity.entered
            visitor.get_by_key(f"lab_{lab.name}_{place}").set_value(entered)
        visitor.run()
    return visitor.press("Commit this prediction")


def wait(visitor):
    """Until what runs in the background is measured."""
    return visitor.look_until(lambda page: "Stop" not in page.labels)


def commit(visitor):
    (button,) = [button for button in visitor.button if button.label == "Commit this prediction"]
    return button


def entry(visitor, name):
    return visitor.state("lab_progress")[name]


@pytest.mark.parametrize("name", LABS)
def test_every_lab_from_question_to_feedback(name):
    lab = LABS[name]
    visitor = open_lab(name, at="question")
    assert lab.background in visitor.texts
    # The sidebar has the lab's experiment from the first step on.
    assert lab.experiment in (None, visitor.shown)
    visitor.press("Next: predict")
    # No prediction is made by the page.
    assert commit(visitor).disabled
    assert any(text.endswith("to commit.") for text in visitor.texts)
    prediction = predictions(lab)[-1]
    predict(visitor, lab, prediction)
    assert visitor.state("at") == "run"
    assert entry(visitor, name).prediction == pytest.approx(prediction)
    wait(visitor)
    assert lab.experiment in (None, visitor.shown)
    assert visitor.get("progress")[0].proto.text == f"0 of {len(LABS)} done"
    visitor.press("See the feedback")
    found = entry(visitor, name).evidence
    assert found.seeds == SEEDS
    answer, why = lab.feedback(found)
    said = visitor.texts
    assert f"**{answer}**" in said
    assert f"**Why?** {why}" in said
    assert "Measured here." in said
    assert words.compared(lab, prediction, found) in said
    case = lab.cases(seeds=1)[0]
    measured = lab.measure(*case if isinstance(case, tuple) else [train(case)])
    first = next(iter(lab.conditions))
    assert {value: found.own(value, first) for value in lab.values} == pytest.approx(
        {value: measured[value] for value in lab.values}, nan_ok=True
    )
    assert visitor.get("progress")[0].proto.text == f"1 of {len(LABS)} done"
    assert len(visitor.charts) == 1 + isinstance(lab.prediction, Choice)


def test_a_lab_s_settings_are_said_on_every_page_with_the_way_back_to_the_reader_s():
    visitor = visit("train", hidden="3", epochs="5", length="300")
    own = visitor.shown
    (folded,) = [one.label for one in visitor.expander if one.label.startswith("More settings")]
    assert folded == "More settings"
    visitor.go("labs").choose("lab_list", "depth")
    of_lab = visitor.shown
    assert "More settings · 1 changed" in [one.label for one in visitor.expander]
    visitor.choose("lab_list", "passes").go("errors")
    (said,) = [text for text in visitor.texts if "the settings of the lab" in text]
    assert LABS["passes"].title in said
    # Another task keeps some of them.
    visitor.choose("task", "letters")
    assert any("The settings go on from the lab" in text for text in visitor.texts)
    visitor.press("Back to my settings")
    assert visitor.shown == own
    assert "Keep these" not in visitor.labels

    visitor.go("labs").choose("lab_list", "depth").go("train").press("Keep these")
    assert visitor.shown == of_lab
    assert "Back to my settings" not in visitor.labels


def test_the_result_is_hidden_until_all_of_a_prediction_is_committed_or_it_is_skipped():
    visitor = open_lab("positions", at="feedback")
    assert not visitor.charts
    assert {"Predict", "Skip: no prediction"} <= set(visitor.labels)
    visitor.press("Predict")
    for place in range(3):
        assert commit(visitor).disabled
        visitor.choose(f"lab_positions_{place}", 0.1)
    assert not commit(visitor).disabled
    assert commit(visitor.choose("lab_positions_1", None)).disabled
    visitor.choose("at", "run")
    assert not visitor.charts
    wait(visitor.press("Skip: no prediction"))
    assert visitor.press("See the feedback").charts
    assert not any("your guess" in text for text in visitor.texts)


def test_what_comes_with_the_app_is_shown_at_once_and_marked(monkeypatch, allow):
    allow(live_after=0.01)
    lab = LABS["positions"]
    numbers = lab.evidence(None, measure(lab, None, Notes()))
    monkeypatch.setattr(shipped, "evidence_of", lambda *of: numbers)
    held, begun = threading.Event(), lab.measure

    def when_allowed(run):
        held.wait()
        return begun(run)

    # An experiment of its own, which no other test has asked for.
    own = replace(lab, measure=when_allowed, experiment=lab.experiment.replace(length=63))
    monkeypatch.setitem(LABS, "positions", own)
    visitor = open_lab("positions", at="run").press("Skip: no prediction")
    assert any(text.startswith("These numbers come with the app") for text in visitor.texts)
    visitor.press("See the feedback")
    answer, _ = lab.feedback(numbers)
    assert f"**{answer}**" in visitor.texts
    held.set()
    # This step shows no progress that would tell when the measurement is done.
    visitor.look_until(lambda page: "Measured here." in page.texts)


def test_a_change_in_the_sidebar_is_run_and_named():
    visitor = open_lab("three-units")
    wait(predict(visitor, LABS["three-units"], "learns"))
    lab = LABS["three-units"]
    visitor.choose("at", "feedback")
    before = entry(visitor, "three-units").evidence
    wait(visitor.choose("seed", 5))
    after = entry(visitor, "three-units").evidence
    assert after.experiment == lab.experiment.replace(seed=5)
    assert after.table != before.table
    assert any("Seed of the weights **5** (the lab: 0)" in text for text in visitor.texts)
    # What the lab compares it sets itself, and says so.
    visitor.choose("hidden", 9)
    assert entry(visitor, "three-units").evidence == after
    assert any("so it sets Hidden units itself" in text for text in visitor.texts)
    # Another lab brings its own experiment, and this one what it was done with.
    visitor.choose("lab_list", "depth")
    assert visitor.shown == LABS["depth"].experiment
    visitor.choose("lab_list", "three-units")
    assert visitor.shown == lab.experiment.replace(seed=5)


def test_another_task_is_explained_and_what_was_done_stays():
    visitor = open_lab("positions")
    wait(predict(visitor, LABS["positions"], (0.1, 0.2, 0.3))).choose("task", "letters")
    (note,) = [info.value for info in visitor.info]
    assert note == "This lab asks about the task xor, and the sidebar shows letters."
    wait(visitor.press("Set this lab's experiment"))
    assert visitor.shown == LABS["positions"].experiment

    # Progress survives other labs and other pages.
    visitor.press("See the feedback")
    (answer,) = [text for text in visitor.texts if text.startswith("**The squared error")]
    visitor.press("Next lab: What the context holds")
    assert visitor.query_params["lab"] == "context"
    visitor.press("Next: predict").press("Skip: no prediction").go("about").go("labs")
    assert visitor.state("lab_shown") == "context"
    assert visitor.state("at") == "run"
    wait(visitor)
    wait(visitor.choose("lab_list", "positions").choose("at", "feedback"))
    assert answer in visitor.texts
    assert "✓ 3. Three positions" in visitor.get_by_key("lab_list").options


@pytest.mark.parametrize("place", [0, 1])
def test_what_to_read_opens_its_page_with_this_run(place):
    visitor = open_lab("before-testing")
    wait(predict(visitor, LABS["before-testing"], "soon"))
    wait(visitor.press("See the feedback").choose("seed", 3))
    look = LABS["before-testing"].pointers[place]
    visitor.press(f"Open {look.page.capitalize()}")
    assert visitor.header[0].value == look.page.capitalize()
    assert visitor.shown == LABS["before-testing"].experiment.replace(seed=3)
    assert visitor.state("test_reset") == "never"


def test_a_link_that_hides_pages_and_controls_still_runs_a_lab():
    hidden = {"hide": "hidden,reset,more", "pages": "labs,errors"}
    visitor = open_lab("depth", at="run", **hidden).press("Skip: no prediction")
    wait(visitor)
    assert visitor.shown == LABS["depth"].experiment
    visitor.press("See the feedback")
    # Of Gradients and Train, which the lab points to, the menu has one.
    assert "Open Train" in visitor.labels
    assert "Open Gradients" not in visitor.labels
    visitor.press("Open Train")
    assert visitor.shown == LABS["depth"].experiment


def test_what_was_done_stays_with_a_bad_file_comes_from_a_good_one_and_can_be_started_over():
    visitor = open_lab("no-memory")
    wait(predict(visitor, LABS["no-memory"], (0.8,))).press("See the feedback")
    visitor.choose("at", "predict")
    assert "You predicted: **80%**." in visitor.texts
    assert "Commit this prediction" not in visitor.labels
    newer = json.dumps({"format": "elman labs", "version": 9}).encode()
    file = to_json(visitor.state("lab_progress"))
    bad = {b"\xff\xfe": "file: this is not a JSON file", newer: "version: allowed is 1"}
    for content, said in bad.items():
        visitor.upload("lab_file", content)
        assert visitor.refusal.startswith("This file could not be read, and nothing has changed.")
        assert said in visitor.refusal
        assert to_json(visitor.state("lab_progress")) == file
    other = open_lab("passes", at="question").upload("lab_file", file.encode())
    assert [one.value for one in other.success] == [f"Restored: 1 of {len(LABS)} labs are done."]
    assert to_json(other.state("lab_progress")) == file
    other.choose("lab_list", "no-memory").choose("at", "feedback")
    answer, _ = LABS["no-memory"].feedback(from_json(file)["no-memory"].evidence)
    assert f"**{answer}**" in other.texts
    visitor.press("Start this lab over")
    assert (visitor.state("lab_progress"), visitor.state("at")) == ({}, "question")


def test_a_link_opens_a_lab_at_a_step_and_what_it_cannot_open_is_said():
    small = {name: str(value) for name, value in SMALL.items()}
    visitor = open_lab("depth", at="predict", seed="7", **small)
    assert visitor.notes == ""
    assert visitor.shown.seed == 7
    assert visitor.get_by_key("lab_depth_0").options
    assert visitor.shown.depth == LABS["depth"].experiment.depth
    assert visitor.query_params["lab"] == "depth"
    for link, said in (
        ({"lab": "Passes"}, "lab: allowed is one of passes, xor-bit,"),
        ({"lab": ""}, "lab: allowed is one of passes, xor-bit,"),
        ({"at": "end"}, "at: allowed is one of question, predict, run, feedback"),
    ):
        visitor = visit("labs", **link)
        assert said in visitor.notes
        assert visitor.state("lab_shown") == "passes"
        assert LABS["passes"].background in visitor.texts


@pytest.fixture
def browser(monkeypatch):
    """A browser of all visitors, whose storage does what the component's script does."""
    place = SimpleNamespace(held="")

    def mounted(*, key, data, on_news_change, on_refused_change):
        if place.held == data["text"]:
            return
        if place.held == data["known"]:
            place.held = data["text"]
            return
        st.session_state[key] = SimpleNamespace(news=place.held)
        on_news_change()
        st.rerun()

    monkeypatch.setattr(lab_browser, "_BROWSER", mounted)
    return place


def test_the_browser_keeps_what_was_done_for_other_sessions(browser):
    first = open_lab("no-memory")
    wait(predict(first, LABS["no-memory"], (0.8,)))
    second = open_lab("no-memory", at="feedback")
    wait(second)
    assert f"1 of {len(LABS)} done" == second.get("progress")[0].proto.text
    # Two tabs lose nothing of each other.
    first.choose("lab_list", "depth").choose("at", "predict")
    predict(first, LABS["depth"], "same")
    second.run().press("Start this lab over")
    assert [*from_json(browser.held)] == ["depth"]
    first.run().press("Forget all my progress")
    assert browser.held == ""
    browser.held = "{"
    assert "What this browser kept of your progress could not be read." in first.run().notes


def test_the_end_of_the_labs_shows_what_was_missed_asks_again_and_gives_a_report():
    visitor = visit("labs", lab="results")
    assert "No lab is done yet." in visitor.texts[1]
    visitor.press("Begin with the first lab").press("Next: predict")
    predict(visitor, LABS["passes"], (20.0,))
    wait(visitor).press("See the feedback").choose("lab_list", "results")
    assert visitor.query_params["lab"] == "results"
    (one,) = ended(visitor.state("lab_progress"))
    assert f"**1 of {len(LABS)} labs are done; of 1 prediction {int(not one.missed)} came true" in (
        "\n".join(visitor.texts)
    )
    (asked,) = quiz(visitor.state("lab_progress"))
    answer = one.lab.feedback(one.evidence)[0]
    assert "What came: the quiz below asks you" in "\n".join(visitor.texts)
    assert answer not in "\n".join(visitor.texts)
    wrong = (asked.answer + 1) % len(asked.options)
    visitor.choose("quiz_passes", wrong).choose("quiz_passes", asked.answer)
    # The first answer counts.
    assert entry(visitor, "passes").recalled is False
    assert "Right." in visitor.texts
    assert not one.missed or answer in "\n".join(visitor.texts)
    assert "**0 of 1 were right at first.**" in visitor.texts
    assert visitor.get_by_key("lab_report")
    if one.missed:
        visitor.press("Look again: How many passes?")
        assert visitor.state("at") == "feedback"
