"""The page Watch it learn: any lens at any kept epoch, and a play button."""

import pytest
from visitor import SHORT, visit

from elman import tasks
from elman.analysis import verdicts
from elman.analysis.replay import replay
from elman.training import run


# Between them they have every view.
@pytest.mark.parametrize("task", ["words", "sentences", "reber"])
def test_every_view_of_errors_and_hidden_states_opens_at_any_epoch(task):
    visitor = visit("errors", task=task, **SHORT)
    views = visitor.get_by_key("error_view").options
    views += visitor.go("states").get_by_key("view").options
    lenses = visitor.go("watch").get_by_key("lens").options
    assert [lens for lens in lenses if lens != "predictions"] == views
    for number, lens in enumerate(lenses):
        visitor.get_by_key("epoch").set_value((0, 3)[number % 2])
        visitor.choose("lens", lens)
        visitor.assert_drawn()


def test_the_result_is_that_of_the_epoch_on_the_slider():
    visitor = visit("watch", task="letters", **SHORT)
    trained = run(visitor.shown)
    sequence = tasks.new_sequence(trained.experiment)
    said = []
    for epoch in (0, 5):
        visitor.choose("epoch", epoch)
        tested = replay(trained, sequence, epoch)
        said.append(verdicts.result(tested, trained.sequence))
        when = "" if epoch else "Untrained: "
        assert f"#### {when}{said[-1].headline}\n\n{said[-1].numbers}" in visitor.words
    assert said[0] != said[1]


def test_play_begins_anew_at_the_end_moves_on_frame_by_frame_and_pauses():
    visitor = visit("watch", task="letters", **SHORT)
    visitor.button(key="play").click().run()
    assert visitor.state("playing")
    seen = [visitor.state("epoch")]
    while visitor.state("playing") and len(seen) < 20:
        seen.append(visitor.run().state("epoch"))
    assert seen[:6] == [0, 1, 2, 3, 4, 5]
    assert seen[-1] == 5
    assert not visitor.state("playing")
    visitor.button(key="play").click().run()
    visitor.button(key="pause").click().run()
    stayed = visitor.state("epoch")
    assert stayed < 5
    assert visitor.run().state("epoch") == stayed
    assert not visitor.state("playing")


@pytest.mark.parametrize(
    ("task", "page", "view", "lens"),
    [
        ("letters", "errors", "error_view", "step by step"),
        ("sentences", "errors", "error_view", "likelihoods"),
        ("reber", "errors", "error_view", "accepted strings"),
        ("sentences", "states", "view", "tree"),
    ],
)
def test_a_lens_at_an_epoch_shows_what_its_page_shows_there(task, page, view, lens):
    link = {**SHORT, "task": task, "hidden": "6", "epoch": "2"}
    there, here = visit(page, **link, **{view: lens}), visit("watch", **link, lens=lens)
    assert here.get_by_key("epoch").value == there.get_by_key("epoch").value == 2
    for frame, other in zip(here.tables, there.tables, strict=True):
        assert frame.equals(other)
    told = {text.value for text in there.markdown if text.value.startswith(("**", "#### "))}
    assert told
    assert told <= {text.value for text in here.markdown}
