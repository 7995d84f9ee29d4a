"""The page Memory, run without a browser."""

from visitor import visit

from elman.studies import recall
from elman.studies.recall import MemoryTest

# Done in a moment.
QUICK = {"longest_lag": "4", "recall_seeds": "2", "recall_updates": "50", "recall_hidden": "5"}
TEST = MemoryTest(lags=(1, 2, 4), seeds=2, updates=50, hidden=5)


def test_counts_and_equations_are_there_before_any_training():
    visitor = visit("memory")
    for count in (604, 580, 609):
        assert f"**{count} parameters**" in visitor.words
    assert len(visitor.latex) == 4
    assert "Train all four" in visitor.labels
    assert not visitor.dataframe
    # The task itself is drawn instead of a result.
    assert len(visitor.charts) == 1
    assert "Make a guess" in visitor.words


def test_one_click_trains_and_shows_what_the_library_says():
    visitor = visit("memory", **QUICK).press("Train all four")
    visitor.look_until(lambda page: page.dataframe)
    table = recall.summary(recall.run_memory_test(TEST).results)
    assert f"**{recall.describe_recall(table)}**" in visitor.texts
    shown = visitor.tables[0]
    assert shown["mean"].tolist() == table["mean"].tolist()
    assert shown["learner"].tolist() == [recall.LEARNERS[name] for name in table["learner"]]
    assert len(visitor.charts) == 1
    assert "Make a guess" not in visitor.words
    # The results are still there after a change of page, and for the next visitor.
    assert visitor.go("about").go("memory").dataframe
    assert visit("memory", **QUICK).dataframe


def test_stop_keeps_what_there_is_and_it_can_start_again(allow, hold):
    allow(live_after=1e-9)
    hold(reports=1)
    visitor = visit("memory", **QUICK | {"recall_hidden": "10"})
    for start in ("Train all four", "Train again"):
        visitor.press(start).press("Stop").look_until(lambda page: "Train again" in page.labels)
        (note,) = [info.value for info in visitor.info if "after" in info.value]
        assert note.startswith("Stopped after 1 ")


def test_what_this_server_does_not_allow_is_refused_with_advice(allow):
    allow(max_work=1e6)
    visitor = visit("memory")
    assert "times the work that this server does" in visitor.refusal
    assert "Fewer seeds or updates, or a shorter longest lag, bring it down." in visitor.refusal
    assert "Train all four" not in visitor.labels


def test_suggestions_change_the_test():
    visitor = visit("memory", gate_bias="2.0").press("Half-open gates")
    assert visitor.state("gate_bias") == 0.0
    visitor.press("Ask at every step")
    assert visitor.state("ask") == "every"
    visitor.press("Twice as far")
    assert visitor.state("longest_lag") == 32
    visitor.choose("recall_hidden", 10)
    expected = recall.sizes(MemoryTest(hidden=10))["parameters"]
    assert all(f"**{count} parameters**" in visitor.words for count in expected)
    assert f"{recall.describe_sizes(MemoryTest(hidden=10))}." in visitor.words
