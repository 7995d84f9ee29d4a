"""Words found by the error alone, against hand-counted cuts and all thresholds there are."""

import command
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from visitor import visit

from elman import Experiment, run
from elman.analysis.errors import by_step
from elman.analysis.replay import replay
from elman.analysis.segmentation import best_cuts, cut_above, describe_cuts
from elman.tasks import new_sequence

ERROR = np.array([0.5, 0.1, 0.2, 0.4, 0.3, 0.05])
BEGINS = np.array([True, False, False, True, False, True])


def test_cuts_are_counted_as_by_hand():
    cuts = cut_above(ERROR, BEGINS, 0.25)
    assert (cuts.right, cuts.cuts, cuts.words) == (2, 3, 3)
    assert (cuts.found, cuts.true, cuts.balance) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert describe_cuts(cuts) == (
        "Cut before each letter whose error is above 0.25, and 2 of 3 beginnings of words are "
        "found (67%); 1 of 3 cuts are inside a word (33%; of blind cuts 50%)."
    )
    # Two cuts, both right, beat three with one wrong.
    best = best_cuts(ERROR, BEGINS)
    assert (best.threshold, best.right, best.cuts) == (pytest.approx(0.35), 2, 2)
    none = cut_above(ERROR, BEGINS, 0.5)
    assert (describe_cuts(none), none.balance) == ("No letter has an error above 0.5.", 0.0)


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=1, max_size=30))
def test_no_threshold_is_better_than_the_best(letters):
    error, begins = (np.array(column) for column in zip(*letters, strict=True))
    best = best_cuts(error, begins)
    assert best.balance == max(cut_above(error, begins, one - 0.5).balance for one in error)


def test_the_page_and_the_command_line_say_what_is_found():
    experiment = Experiment(task="words", epochs=5, length=600)
    visitor = visit("errors", error_view="through a text", **experiment.to_query())
    sequence = new_sequence(experiment)
    whole = by_step(replay(run(experiment), sequence), len(sequence))
    begins = whole["begins"].to_numpy()
    for measure, above in (("squared", 0.15), ("rms", 0.5)):
        visitor.choose("measure", measure).choose("cut", above)
        best = best_cuts(whole[measure].to_numpy(), begins)
        cuts = cut_above(whole[measure].to_numpy(), begins, above)
        assert describe_cuts(cuts, best) in visitor.words
    assert visitor.query_params["cut"] == "0.5"
    squared = best_cuts(whole["squared"].to_numpy(), begins)
    assert describe_cuts(squared) in command.words("words", "--epochs", "5", "--length", "600")
