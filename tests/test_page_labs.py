"""The page Labs, run without a browser, on labs whose runs train in no time."""

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
import streamlit as st
from tiny_labs import SMALL, predictions, tiny
from visitor import (
    act,
    charts,
    choose,
    go,
    labels,
    look_until,
    notes,
    press,
    refusal,
    shown,
    state,
    texts,
    upload,
    visit,
)

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
        choose(visitor, f"lab_{lab.name}_0", prediction)
    else:
        for place, guess in enumerate(prediction):
            entered = guess * lab.prediction.quantity.entered
            visitor.get_by_key(f"lab_{lab.name}_{place}").set_value(entered)
        act(visitor)
    return press(visitor, "Commit this prediction")


def wait(visitor):
    """Until what runs in the background is measured."""
    return look_until(visitor, lambda page: "Stop" not in labels(page))


def commit(visitor):
    (button,) = [button for button in visitor.button if button.label == "Commit this prediction"]
    return button


def entry(visitor, name):
    return state(visitor, "lab_progress")[name]


@pytest.mark.parametrize("name", LABS)
def test_every_lab_from_question_to_feedback(name):
    lab = LABS[name]
    visitor = open_lab(name, at="question")
    assert lab.background in texts(visitor)
    # The sidebar has the lab's experiment from the first step on.
    assert lab.experiment in (None, shown(visitor))
    press(visitor, "Next: predict")
    # No prediction is made by the page.
    assert commit(visitor).disabled
    assert any(text.endswith("to commit.") for text in texts(visitor))
    prediction = predictions(lab)[-1]
    predict(visitor, lab, prediction)
    assert state(visitor, "at") == "run"
    assert entry(visitor, name).prediction == pytest.approx(prediction)
    wait(visitor)
    assert lab.experiment in (None, shown(visitor))
    assert visitor.get("progress")[0].proto.text == f"0 of {len(LABS)} done"
    press(visitor, "See the feedback")
    found = entry(visitor, name).evidence
    assert found.seeds == SEEDS
    answer, why = lab.feedback(found)
    said = texts(visitor)
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
    assert len(charts(visitor)) == 1 + isinstance(lab.prediction, Choice)


def test_a_lab_s_settings_are_said_on_every_page_with_the_way_back_to_the_reader_s():
    visitor = visit("train", hidden="3", epochs="5", length="300")
    own = shown(visitor)
    (folded,) = [one.label for one in visitor.expander if one.label.startswith("More settings")]
    assert folded == "More settings"
    go(visitor, "labs")
    choose(visitor, "lab_list", "depth")
    of_lab = shown(visitor)
    assert "More settings · 1 changed" in [one.label for one in visitor.expander]
    choose(visitor, "lab_list", "passes")
    go(visitor, "errors")
    (said,) = [text for text in texts(visitor) if "the settings of the lab" in text]
    assert LABS["passes"].title in said
    # Another task keeps some of them.
    choose(visitor, "task", "letters")
    assert any("The settings go on from the lab" in text for text in texts(visitor))
    press(visitor, "Back to my settings")
    assert shown(visitor) == own
    assert "Keep these" not in labels(visitor)

    go(visitor, "labs")
    choose(visitor, "lab_list", "depth")
    go(visitor, "train")
    press(visitor, "Keep these")
    assert shown(visitor) == of_lab
    assert "Back to my settings" not in labels(visitor)


def test_a_guess_is_committed_when_all_of_it_is_given():
    visitor = open_lab("positions")
    for place in range(3):
        assert commit(visitor).disabled
        choose(visitor, f"lab_positions_{place}", 0.1)
    assert not commit(visitor).disabled
    choose(visitor, "lab_positions_1", None)
    assert commit(visitor).disabled


def test_the_result_is_hidden_until_a_prediction_is_committed_or_skipped():
    visitor = open_lab("positions", at="feedback")
    assert not charts(visitor)
    assert {"Predict", "Skip: no prediction"} <= set(labels(visitor))
    choose(visitor, "at", "run")
    assert not charts(visitor)
    press(visitor, "Skip: no prediction")
    wait(visitor)
    press(visitor, "See the feedback")
    assert charts(visitor)
    assert not any("your guess" in text for text in texts(visitor))


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
    visitor = open_lab("positions", at="run")
    press(visitor, "Skip: no prediction")
    assert any(text.startswith("These numbers come with the app") for text in texts(visitor))
    press(visitor, "See the feedback")
    answer, _ = lab.feedback(numbers)
    assert f"**{answer}**" in texts(visitor)
    held.set()
    # This step shows no progress that would tell when the measurement is done.
    look_until(visitor, lambda page: "Measured here." in texts(page))


def test_a_change_in_the_sidebar_is_run_and_named():
    visitor = open_lab("three-units")
    predict(visitor, LABS["three-units"], "learns")
    wait(visitor)
    lab = LABS["three-units"]
    choose(visitor, "at", "feedback")
    before = entry(visitor, "three-units").evidence
    choose(visitor, "seed", 5)
    wait(visitor)
    after = entry(visitor, "three-units").evidence
    assert after.experiment == lab.experiment.replace(seed=5)
    assert after.table != before.table
    assert any("Seed of the weights **5** (the lab: 0)" in text for text in texts(visitor))
    # What the lab compares it sets itself, and says so.
    choose(visitor, "hidden", 9)
    assert entry(visitor, "three-units").evidence == after
    assert any("so it sets Hidden units itself" in text for text in texts(visitor))
    # Another lab brings its own experiment, and this one what it was done with.
    choose(visitor, "lab_list", "depth")
    assert shown(visitor) == LABS["depth"].experiment
    choose(visitor, "lab_list", "three-units")
    assert shown(visitor) == lab.experiment.replace(seed=5)


def test_another_task_is_explained_and_what_was_done_stays():
    visitor = open_lab("positions")
    predict(visitor, LABS["positions"], (0.1, 0.2, 0.3))
    wait(visitor)
    choose(visitor, "task", "letters")
    (note,) = [info.value for info in visitor.info]
    assert note == "This lab asks about the task xor, and the sidebar shows letters."
    press(visitor, "Set this lab's experiment")
    wait(visitor)
    assert shown(visitor) == LABS["positions"].experiment

    # Progress survives other labs and other pages.
    press(visitor, "See the feedback")
    (answer,) = [text for text in texts(visitor) if text.startswith("**The squared error")]
    press(visitor, "Next lab: What the context holds")
    assert visitor.query_params["lab"] == "context"
    press(visitor, "Next: predict")
    press(visitor, "Skip: no prediction")
    go(go(visitor, "about"), "labs")
    assert state(visitor, "lab_shown") == "context"
    assert state(visitor, "at") == "run"
    wait(visitor)
    choose(visitor, "lab_list", "positions")
    choose(visitor, "at", "feedback")
    wait(visitor)
    assert answer in texts(visitor)
    assert "✓ 3. Three positions" in visitor.get_by_key("lab_list").options


@pytest.mark.parametrize("place", [0, 1])
def test_what_to_read_opens_its_page_with_this_run(place):
    visitor = open_lab("before-testing")
    predict(visitor, LABS["before-testing"], "soon")
    wait(visitor)
    press(visitor, "See the feedback")
    choose(visitor, "seed", 3)
    wait(visitor)
    look = LABS["before-testing"].pointers[place]
    press(visitor, f"Open {look.page.capitalize()}")
    assert visitor.header[0].value == look.page.capitalize()
    assert shown(visitor) == LABS["before-testing"].experiment.replace(seed=3)
    assert state(visitor, "test_reset") == "never"


def test_a_link_that_hides_pages_and_controls_still_runs_a_lab():
    hidden = {"hide": "hidden,reset,more", "pages": "labs,errors"}
    visitor = open_lab("depth", at="run", **hidden)
    press(visitor, "Skip: no prediction")
    wait(visitor)
    assert shown(visitor) == LABS["depth"].experiment
    press(visitor, "See the feedback")
    # Of Gradients and Train, which the lab points to, the menu has one.
    assert "Open Train" in labels(visitor)
    assert "Open Gradients" not in labels(visitor)
    press(visitor, "Open Train")
    assert shown(visitor) == LABS["depth"].experiment


def test_progress_is_kept_in_a_file_and_restored():
    visitor = open_lab("no-memory")
    predict(visitor, LABS["no-memory"], (0.8,))
    press(wait(visitor), "See the feedback")
    file = to_json(state(visitor, "lab_progress"))
    other = open_lab("passes", at="question")
    upload(other, "lab_file", file.encode())
    assert [note.value for note in other.success] == [f"Restored: 1 of {len(LABS)} labs are done."]
    assert to_json(state(other, "lab_progress")) == file
    choose(other, "lab_list", "no-memory")
    choose(other, "at", "feedback")
    answer, _ = LABS["no-memory"].feedback(from_json(file)["no-memory"].evidence)
    assert f"**{answer}**" in texts(other)


def test_a_committed_prediction_stays_with_a_bad_file_too_and_can_be_started_over():
    visitor = open_lab("no-memory")
    predict(visitor, LABS["no-memory"], (0.8,))
    choose(visitor, "at", "predict")
    assert "You predicted: **80%**." in texts(visitor)
    assert "Commit this prediction" not in labels(visitor)
    newer = json.dumps({"format": "elman labs", "version": 9}).encode()
    for content, said in (
        (b"\xff\xfe", "file: this is not a JSON file"),
        (newer, "version: allowed is 1"),
    ):
        upload(visitor, "lab_file", content)
        assert refusal(visitor).startswith("This file could not be read, and nothing has changed.")
        assert said in refusal(visitor)
        assert entry(visitor, "no-memory").prediction == (0.8,)
    press(visitor, "Start this lab over")
    assert state(visitor, "lab_progress") == {}
    assert state(visitor, "at") == "question"


def test_a_link_opens_a_lab_at_a_step_and_what_it_cannot_open_is_said():
    small = {name: str(value) for name, value in SMALL.items()}
    visitor = open_lab("depth", at="predict", seed="7", **small)
    assert notes(visitor) == ""
    assert shown(visitor).seed == 7
    assert visitor.get_by_key("lab_depth_0").options
    assert shown(visitor).depth == LABS["depth"].experiment.depth
    assert visitor.query_params["lab"] == "depth"
    for link, said in (
        ({"lab": "Passes"}, "lab: allowed is one of passes, xor-bit,"),
        ({"lab": ""}, "lab: allowed is one of passes, xor-bit,"),
        ({"at": "end"}, "at: allowed is one of question, predict, run, feedback"),
    ):
        visitor = visit("labs", **link)
        assert said in notes(visitor)
        assert state(visitor, "lab_shown") == "passes"
        assert LABS["passes"].background in texts(visitor)


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
    predict(first, LABS["no-memory"], (0.8,))
    wait(first)
    second = open_lab("no-memory", at="feedback")
    wait(second)
    assert f"1 of {len(LABS)} done" == second.get("progress")[0].proto.text
    # Two tabs lose nothing of each other.
    choose(first, "lab_list", "depth")
    choose(first, "at", "predict")
    predict(first, LABS["depth"], "same")
    press(act(second), "Start this lab over")
    assert [*from_json(browser.held)] == ["depth"]
    press(act(first), "Forget all my progress")
    assert browser.held == ""
    browser.held = "{"
    assert "What this browser kept of your progress could not be read." in notes(act(first))


def test_the_end_of_the_labs_shows_what_was_missed_asks_again_and_gives_a_report():
    visitor = visit("labs", lab="results")
    assert "No lab is done yet." in texts(visitor)[1]
    press(visitor, "Begin with the first lab")
    press(visitor, "Next: predict")
    predict(visitor, LABS["passes"], (20.0,))
    press(wait(visitor), "See the feedback")
    choose(visitor, "lab_list", "results")
    assert visitor.query_params["lab"] == "results"
    (one,) = ended(state(visitor, "lab_progress"))
    assert f"**1 of {len(LABS)} labs are done; of 1 prediction {int(not one.missed)} came true" in (
        "\n".join(texts(visitor))
    )
    (asked,) = quiz(state(visitor, "lab_progress"))
    answer = one.lab.feedback(one.evidence)[0]
    assert "What came: the quiz below asks you" in "\n".join(texts(visitor))
    assert answer not in "\n".join(texts(visitor))
    wrong = (asked.answer + 1) % len(asked.options)
    choose(visitor, "quiz_passes", wrong)
    choose(visitor, "quiz_passes", asked.answer)
    # The first answer counts.
    assert entry(visitor, "passes").recalled is False
    assert "Right." in texts(visitor)
    assert not one.missed or answer in "\n".join(texts(visitor))
    assert "**0 of 1 were right at first.**" in texts(visitor)
    assert visitor.get_by_key("lab_report")
    if one.missed:
        press(visitor, "Look again: How many passes?")
        assert state(visitor, "at") == "feedback"
