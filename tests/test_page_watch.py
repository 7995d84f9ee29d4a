"""The page Watch it learn: any lens at any kept epoch, and a play button."""

import pytest
from visitor import SHORT, act, choose, shown, visit

from elman import tasks
from elman.analysis import reading
from elman.analysis.replay import replay
from elman.training import run
from elman.ui import film

LENSES = ("errors", "features", "predictions", "over time", "components", "tree", "surgery")


def texts(visitor):
    return "\n".join(element.value for element in visitor.markdown)


@pytest.mark.parametrize("task", tasks.TASKS)
def test_every_lens_opens_for_every_task(task):
    visitor = visit("watch", task=task, **SHORT)
    for lens in LENSES:
        choose(visitor, "lens", lens)


def test_the_result_is_that_of_the_epoch_on_the_slider():
    visitor = visit("watch", task="letters", **SHORT)
    trained = run(shown(visitor))
    sequence = tasks.new_sequence(trained.experiment)
    said = []
    for epoch in (0, 5):
        choose(visitor, "epoch", epoch)
        outputs = replay(trained, sequence, epoch).outputs
        words = reading.result_in_words(outputs, sequence, tasks.TASKS["letters"], trained.sequence)
        assert words in texts(visitor)
        said.append(words)
    assert said[0] != said[1]


def test_play_begins_anew_at_the_end_and_moves_on_frame_by_frame():
    visitor = visit("watch", task="letters", **SHORT)
    act(visitor.button(key="play").click())
    assert visitor.session_state["playing"]
    # The first frame has already moved on from epoch 0.
    seen = [visitor.session_state["epoch"]]
    while visitor.session_state["playing"] and len(seen) < 20:
        act(visitor)
        seen.append(visitor.session_state["epoch"])
    assert seen == sorted(seen)
    assert seen[-1] == 5
    assert not visitor.session_state["playing"]


def test_pause_stays_at_the_epoch_shown():
    visitor = visit("watch", task="letters", epochs="200", length="60")
    act(visitor.button(key="play").click())
    act(visitor.button(key="pause").click())
    assert not visitor.session_state["playing"]
    stayed = visitor.session_state["epoch"]
    act(visitor)
    assert visitor.session_state["epoch"] == stayed


def test_the_lenses_are_those_named_here():
    assert tuple(film.LENSES) == LENSES
