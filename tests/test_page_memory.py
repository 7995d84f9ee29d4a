"""The page Memory, run without a browser."""

import pytest
from visitor import choose, go, labels, look_until, notes, press, visit

from elman.studies import recall
from elman.studies.recall import MemoryTest
from elman.ui import limits, runs

# Done in a moment.
QUICK = {"longest_lag": "4", "recall_seeds": "2", "recall_updates": "50", "recall_hidden": "5"}
TEST = MemoryTest(lags=(1, 2, 4), seeds=2, updates=50, hidden=5)

# Many seconds on any machine; a test that starts it stops it.
LONG = {"recall_seeds": "5"}


def texts(visitor):
    return [markdown.value for markdown in visitor.markdown]


def test_counts_and_equations_are_there_before_any_training():
    visitor = visit("memory")
    words = "\n".join(texts(visitor))
    for count in (604, 580, 609):
        assert f"**{count} parameters**" in words
    assert len(visitor.latex) == 4
    assert "Train all four" in labels(visitor)
    assert not visitor.dataframe
    # The task itself is drawn instead of a result.
    assert len(visitor.get("vega_lite_chart")) == 1
    assert any("Make a guess" in text for text in texts(visitor))


def test_one_click_trains_and_shows_what_the_library_says():
    visitor = visit("memory", **QUICK)
    press(visitor, "Train all four")
    look_until(visitor, lambda page: page.dataframe)
    table = recall.summary(recall.run_memory_test(TEST).results)
    assert f"**{recall.describe_recall(table)}**" in texts(visitor)
    shown = visitor.dataframe[0].value
    assert shown["mean"].tolist() == table["mean"].tolist()
    assert shown["learner"].tolist() == [recall.LEARNERS[name] for name in table["learner"]]
    assert len(visitor.get("vega_lite_chart")) == 1
    assert not any("Make a guess" in text for text in texts(visitor))
    # The results are still there after a change of page, and for the next visitor.
    assert go(go(visitor, "about"), "memory").dataframe
    assert visit("memory", **QUICK).dataframe


def test_stop_keeps_what_there_is_and_it_can_start_again():
    visitor = visit("memory", **LONG)
    press(visitor, "Train all four")
    assert "Stop" in labels(visitor)
    press(visitor, "Stop")
    look_until(visitor, lambda page: "Train again" in labels(page))
    (note,) = [info.value for info in visitor.info if "after" in info.value]
    assert note.startswith("Stopped after ")
    press(visitor, "Train again")
    assert "Stop" in labels(visitor)
    press(visitor, "Stop")
    look_until(visitor, lambda page: "Train again" in labels(page))


def test_what_this_server_does_not_allow_is_refused_with_advice(monkeypatch):
    monkeypatch.setattr(runs, "limits", lambda: limits.Limits(max_run_seconds=0.001))
    visitor = visit("memory")
    (error,) = [error.value for error in visitor.error]
    assert "this server allows about a second" in error
    assert "Fewer seeds or updates, or a shorter longest lag, bring it down." in error
    assert "Train all four" not in labels(visitor)


def test_suggestions_change_the_test():
    visitor = visit("memory", gate_bias="2.0")
    press(visitor, "Half-open gates")
    assert visitor.session_state["gate_bias"] == 0.0
    press(visitor, "Ask at every step")
    assert visitor.session_state["ask"] == "every"
    press(visitor, "Twice as far")
    assert visitor.session_state["longest_lag"] == 32
    choose(visitor, "recall_hidden", 10)
    expected = recall.sizes(MemoryTest(hidden=10))["parameters"]
    words = "\n".join(texts(visitor))
    assert all(f"**{count} parameters**" in words for count in expected)


@pytest.mark.parametrize(
    ("name", "value"),
    [("longest_lag", "1e9"), ("recall_seeds", "-1"), ("ask", "x"), ("gate_bias", "nan")],
)
def test_bad_links_are_reported(name, value):
    visitor = visit("memory", **{name: value})
    assert f"{name}: allowed is one of" in notes(visitor)
    assert "Train all four" in labels(visitor)
