"""Which strings a network accepts, counted beside an independent recogniser."""

import numpy as np
import pandas as pd
import pytest
from test_reber import REGULAR

from elman import Experiment, run
from elman.analysis import acceptance
from elman.charts.errors import weakest_outputs
from elman.tasks import new_sequence, reber, training_sequence

# Sizes and epochs are the defaults.
LEARNS = Experiment(task="reber")


@pytest.fixture(scope="module")
def learned():
    return run(LEARNS)


def obey(strings, grammar="plain"):
    return np.array([bool(REGULAR[grammar].fullmatch(string)) for string in strings])


def table_of(*arguments, **options):
    return acceptance.table(acceptance.judged(*arguments, **options))


@pytest.mark.parametrize("grammar", ["plain", "embedded"])
def test_the_strings_are_what_their_names_say(grammar):
    experiment = Experiment(task="reber", grammar=grammar)
    kinds = acceptance.strings(experiment, 300, 3000)
    obeys = {kind: obey(given, grammar) for kind, given in kinds.items()}
    assert all(obeys["grammatical"])
    assert len(obeys["random"]) == 3000
    if grammar == "plain":
        # The shortest strings are the likeliest to be hit: about one in 170.
        assert 3 <= sum(obeys["random"]) <= 40
        assert "wrong end" not in kinds
    else:
        assert not any(obeys["wrong end"])
        for right, wrong in zip(kinds["grammatical"], kinds["wrong end"], strict=True):
            assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1
    # The string read first obeys its grammar.
    assert REGULAR[grammar].fullmatch(acceptance.LEAD_IN[grammar])


def test_the_strings_depend_on_the_data_seed_alone_and_are_not_those_of_training():
    kinds = acceptance.strings(LEARNS, 50, 50)
    assert acceptance.strings(LEARNS.replace(seed=5, hidden=3, epochs=2), 50, 50) == kinds
    assert acceptance.strings(LEARNS.replace(data_seed=1), 50, 50) != kinds
    for sequence in (training_sequence(LEARNS), new_sequence(LEARNS)):
        letters = "".join(reber.LETTERS[symbol] for symbol in sequence.symbols)
        assert not letters.startswith("".join(kinds["grammatical"])[:60])


def test_a_trained_network_accepts_the_grammar_and_nothing_else(learned):
    """Fifty passes of 10,000 letters, ten hidden units: every string is judged rightly."""
    kinds = acceptance.strings(LEARNS, 300, 3000)
    tables = {epoch: table_of(learned, kinds, epoch=epoch) for epoch in (0, 2, LEARNS.epochs)}
    for epoch, table in tables.items():
        for row in table.itertuples():
            obeys = obey(kinds[row.strings])
            taken = acceptance.weakest(learned, kinds[row.strings], epoch=epoch) > 0.3
            counts = (row.number, row.grammatical, row.accepted, row.missed, row.wrong)
            wanted = (np.ones_like(obeys), obeys, taken, obeys & ~taken, taken & ~obeys)
            assert counts == tuple(map(np.sum, wanted))
            assert row.right == pytest.approx((obeys == taken).mean())
    # The outputs of an untrained network are all near one half, which is above the threshold.
    assert tables[0]["accepted"].tolist() == [300, 3000]
    counted = tables[LEARNS.epochs]
    assert counted["right"].tolist() == [1.0, 1.0]
    chance = counted.set_index("strings").loc["random", "grammatical"]
    assert acceptance.describe_acceptance(counted) == (
        f"It accepts 300 of 300 grammatical strings and {chance} of 3,000 random ones. Of the "
        f"random ones {chance} obey the grammar by chance; 0 were accepted wrongly."
    )


@pytest.mark.parametrize("reset", ["epoch", "never", "group"])
def test_no_string_s_verdict_depends_on_the_others(reset):
    trained = run(LEARNS.replace(reset=reset, epochs=4))
    given = acceptance.strings(LEARNS, 40, 40)
    mixed = [string for pair in zip(*given.values(), strict=True) for string in pair]
    weakest = acceptance.weakest(trained, mixed)
    for string, output in zip(mixed[:12], weakest[:12], strict=True):
        assert acceptance.weakest(trained, [string])[0] == output
    assert 0 < (weakest > reber.THRESHOLD).sum() < len(mixed)


def test_the_histogram_puts_every_string_on_its_side_of_the_threshold():
    weakest = [0.3, 0.30001, 0.0, 1.0, 0.3, 0.7]
    good = [True, True, False, False, False, True]
    strings = pd.DataFrame({"strings": ["a"] * 4 + ["b"] * 2, "weakest": weakest})
    taken = strings["weakest"] > reber.THRESHOLD
    found = acceptance.histogram(strings.assign(right=taken == good), bins=10)
    rows = found[["strings", "right", "low", "high", "number", "share"]].to_numpy().tolist()
    assert rows == [
        ["a", True, 0.0, 0.1, 1, 0.25],
        ["a", False, 0.2, 0.3, 1, 0.25],
        ["a", True, 0.3, 0.4, 1, 0.25],
        ["a", False, 0.9, 1.0, 1, 0.25],
        ["b", True, 0.2, 0.3, 1, 0.5],
        ["b", True, 0.6, 0.7, 1, 0.5],
    ]


def test_the_chart_stacks_right_and_wrong_and_draws_the_threshold(learned):
    strings = acceptance.judged(learned, acceptance.strings(LEARNS, 100, 400), epoch=2)
    spread = acceptance.histogram(strings)
    assert spread["number"].sum() == 500
    np.testing.assert_allclose(spread.groupby("strings")["share"].sum(), 1.0)
    chart = weakest_outputs(spread, reber.THRESHOLD)
    bars, rule, *_ = chart.layer
    drawn = bars.data
    assert (drawn["top"] > drawn["bottom"]).all()
    assert drawn.groupby("strings")["top"].max().tolist() == pytest.approx([0.7, -0.3])
    for _, stacked in drawn.groupby(["strings", "low"]):
        assert stacked["bottom"].tolist()[1:] == pytest.approx(stacked["top"].tolist()[:-1])
    assert rule.data["value"].tolist() == [0.3]
    # Above the line stand the accepted strings, and right among them are the grammatical ones.
    for kind, given in strings.groupby("strings"):
        above = spread[(spread["strings"] == kind) & (spread["low"] >= 0.299)]
        assert above["number"].sum() == given["accepted"].sum()
        right = above.loc[above["right"], "number"].sum()
        assert right == (given["accepted"] & given["grammatical"]).sum()
