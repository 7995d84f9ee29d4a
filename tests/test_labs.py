"""Labs: their measures by hand, their words over tiny runs, and whatever numbers they are given."""

import re

import numpy as np
import pytest
from hand_made import played
from tiny_labs import measured, predictions, tiny

from elman import Experiment, run
from elman.analysis.learned import ENOUGH
from elman.labs import LABS, Choice, Evidence, inside_measures, measures, shipped, words
from elman.labs.lab import Quantity, spread
from elman.labs.measures import EARLY
from elman.labs.measuring import Notes, measure
from elman.sweeps import runs, with_seed
from elman.tasks import new_sequence, task_of
from elman.ui import menu

SEEDS, NAN = 3, np.nan


labs = pytest.mark.parametrize("lab", LABS.values(), ids=LABS)


@labs
def test_a_lab_asks_about_an_experiment_that_it_runs_itself_and_has_words_for_any_numbers(lab):
    assert LABS[lab.name] is lab
    assert re.fullmatch("[a-z-]+", lab.name)
    assert lab.question.count("?") >= 1
    assert lab.experiment is None or lab.experiment in lab.cases(seeds=1)
    assert len(lab.cases()) == 20 * len(lab.conditions)
    pages = {entry.file for entry in menu.PAGES}
    assert {look.page for look in lab.pointers} <= pages
    assert {row.condition for row in lab.rows} <= set(lab.conditions)
    # Nothing measured, nothing learned, everything right: no sentence fails or shows a nan.
    for numbers in ((number,) * seeds for number in (NAN, 0.0, 1.0) for seeds in (1, 2)):
        found = measured(lab, numbers)
        said = list(lab.feedback(found))
        said += [words.compared(lab, prediction, found) for prediction in predictions(lab)]
        assert all(said)
        assert not re.search(r"\bnan\b", " ".join(said))


@labs
def test_words_and_charts_of_a_lab_over_tiny_runs(lab):
    lab = tiny(lab)
    case = lab.cases(seeds=1)[0]
    numbers = lab.measure(*case if isinstance(case, tuple) else [run(case)])
    assert set(lab.values) <= set(numbers)
    assert all(isinstance(value, float) for value in numbers.values())
    assert {row.best for row in lab.rows} - {""} <= set(lab.values)
    found = lab.evidence(None, measure(lab, None, Notes(), seeds=SEEDS, workers=1), SEEDS)
    assert found.seeds == SEEDS
    text = " ".join(lab.feedback(found))
    assert f"{SEEDS} seeds" in text
    assert not re.search(r"\b(nan|inf)\b", text)
    own = [lab.quantity.spell(found.own(row.value, row.condition)) for row in lab.rows]
    points = words.numbers(lab, found, None)
    assert points[points["kind"] == words.YOURS]["words"].tolist() == own
    assert len(words.table(lab, found)) == SEEDS
    for prediction in predictions(lab):
        assert lab.prediction.check(prediction) == prediction
        assert words.compared(lab, prediction, found)
        assert words.spoken(lab, prediction)
        if isinstance(lab.prediction, Choice):
            shown = words.options(lab, found, prediction)
            runs = shown[shown["kind"].isin([words.YOURS, words.OTHER])].dropna()
            assert len(runs) == SEEDS
        else:
            shown = words.numbers(lab, found, prediction)
            guesses = shown[shown["kind"] == words.PREDICTED]
            assert tuple(guesses["value"]) == prediction
            assert len(words.beside(lab, prediction, found)) == len(prediction)


@pytest.fixture(scope="module")
def xor():
    trained = run(Experiment(length=300, epochs=40, hidden=3, learning_rate=0.5))
    new = new_sequence(trained.experiment)
    outputs = outputs_of(trained, new)
    return trained, new, outputs, right_of(outputs, new), ((outputs - new.targets) ** 2)[:, 0]


def outputs_of(trained, sequence, before=(0,), epoch=None):
    return played(trained, sequence, before, epoch)[0]


def right_of(outputs, sequence):
    return (np.round(outputs) == sequence.targets).all(axis=1)


def approx(values):
    return pytest.approx(values, abs=1e-9, nan_ok=True)


def test_settling_accuracies_and_position_errors_by_hand(xor):
    trained, _, _, right, squared = xor
    losses = list(trained.losses)
    end = sum(losses[-10:]) / 10
    level = losses[0] - 0.95 * (losses[0] - end)
    settled = next(k + 1 for k, loss in enumerate(losses) if loss <= level)
    assert measures.settling(trained) == approx({
        "settled": settled if losses[0] - end >= 0.01 else np.nan,
        "loss early": losses[min(EARLY, 40) - 1], "loss at the end": end,
        "right early": right[1::3].mean(), "right at the end": right[1::3].mean(),
    })  # fmt: skip
    # A loss that hardly falls never settles.
    flat = run(Experiment(length=60, epochs=12, learning_rate=0.001))
    assert np.isnan(measures.settling(flat)["settled"])
    opened = (right[0::3].sum() + right[2::3].sum()) / 2000
    assert measures.accuracies(trained) == approx({
        "everywhere": right.mean(), "certain": right[1::3].mean(), "open": opened,
        "best everywhere": 2 / 3, "best certain": 1.0, "steps tested": 1000,
    })  # fmt: skip
    expected = {}
    floors = {"2nd bit": 0.25, "XOR bit": 0.0, "next 1st bit": 0.25}
    for place, (name, floor) in enumerate(floors.items()):
        expected |= {name: squared[place::3].mean(), f"floor at {name}": floor}
    assert measures.position_errors(trained) == approx(expected)


def test_learning_and_resets_by_hand(xor):
    trained, new, first, right, squared = xor
    rights = {
        kept.epoch: right_of(outputs_of(trained, new, epoch=kept.epoch), new)[1::3].mean()
        for kept in trained.snapshots
    }
    after = min((epoch for epoch, share in rights.items() if share > ENOUGH), default=np.nan)
    assert measures.learning(trained) == approx(
        {"certain": rights[40], "error": squared[1::3].mean(), "learned after": after}
    )
    second = outputs_of(trained, new, before=())
    apart = np.abs(first - second)[:, 0]
    assert measures.reset_before_testing(trained) == approx({
        "right reset": right[1::3].mean(), "right not reset": right_of(second, new)[1::3].mean(),
        "first difference": apart[0], "steps": 3000,
        "last step apart": max(np.flatnonzero(apart > 0.05) + 1, default=0),
    })  # fmt: skip
    trained = run(trained.experiment.replace(reset="group"))
    told = outputs_of(trained, new, before=range(0, len(new), 3))
    assert measures.streams(trained) == approx({
        "as trained": right_of(told, new)[1::3].mean(),
        "unbroken": right_of(outputs_of(trained, new), new)[1::3].mean(),
        "error": ((told - new.targets)[1::3] ** 2).mean(),
    })  # fmt: skip


def test_consonants_and_vowels_by_hand():
    trained = run(Experiment(task="letters", length=120, epochs=10, hidden=5))
    new, features = new_sequence(trained.experiment), task_of(trained.experiment).features
    outputs = outputs_of(trained, new)
    consonant = new.targets[:, 0] == 1
    squared, right = (outputs - new.targets) ** 2, right_of(outputs, new)
    floors = dict.fromkeys(features, 0.0) | {"High": 2 / 9, "Back": 2 / 9}
    expected = {"right vowels": right[~consonant].mean()}
    expected |= {"right consonants": right[consonant].mean()}
    for place, name in enumerate(features):
        expected |= {name: squared[consonant, place].mean(), f"floor of {name}": floors[name]}
        expected[f"vowel {name}"] = squared[~consonant, place].mean()
    assert measures.consonants_and_vowels(trained) == approx(expected)


def test_old_and_new_by_hand(xor):
    trained, new, *_ = xor
    expected = {}
    for name, sequence in {"old": trained.sequence, "new": new}.items():
        right = right_of(outputs_of(trained, sequence), sequence)
        expected[f"certain {name}"] = right[1::3].mean()
        expected[f"open {name}"] = np.concatenate([right[::3], right[2::3]]).mean()
    assert measures.old_and_new(trained) == approx(expected)


def test_a_choice_is_decided_by_a_clear_difference():
    def decide(name, **values):
        """For one seed; values of each condition, in order."""
        found = measured(lab := LABS[name], (NAN,))
        for value, numbers in values.items():
            for of_condition, number in zip(found.table.values(), numbers, strict=True):
                of_condition[value] = (number,)
        return lab.prediction.decide(found, 0)

    after = [(100.0, 50.0), (100.0, 90.0), (100.0, 130.0), (NAN, 500.0), (500.0, NAN), (NAN, NAN)]
    decided = [decide("twenty-units", **{"learned after": numbers}) for numbers in after]
    assert decided == ["fewer", "same", "more", "fewer", "more", "neither"]
    apart = [{"last step apart": (last,), "steps": (3000.0,)} for last in (0.0, 1.0, 150.0, 151.0)]
    decided = [decide("before-testing", **values) for values in apart]
    assert decided == ["same", "soon", "soon", "lasting"]
    decided = [decide("three-units", certain=(1.0, n, 1.0)) for n in (0.951, 0.95, 0.6, 0.59)]
    assert decided == ["learns", "partly", "partly", "guesses"]
    decided = [decide("depth", error=(0.1, 0.0, error)) for error in (0.08, 0.095, 0.105, 0.12)]
    assert decided == ["smaller", "same", "same", "larger"]


def test_a_student_s_change_is_studied_and_predictions_are_what_their_form_asks_for():
    lab = LABS["three-units"]
    changed = lab.experiment.replace(hidden=9, epochs=50, seed=7)
    assert lab.studied(changed) == lab.experiment.replace(epochs=50, seed=7)
    assert [one.hidden for one in lab.cases(changed, 2)] == [2, 3, 4, 2, 3, 4]
    assert [one.seed for one in lab.cases(changed, 2)] == [7, 7, 7, 8, 8, 8]
    with pytest.raises(ValueError, match=r"task: allowed is xor in this lab; 'letters' was given"):
        lab.studied(Experiment(task="letters"))
    choice = [None, "", "x", 3, ["learns"], {}, True]
    number = [None, 3, [], [0.1], [0.1, NAN], [0.1, 1.1], [0.1, "1"], [True, 0]]
    for name, message, bad in (
        ("three-units", "one of learns, partly, guesses", choice),
        ("xor-bit", "a list of 2 numbers from 0 to 1", number),
    ):
        for given in bad:
            with pytest.raises(ValueError, match=f"prediction: allowed is {message};"):
                LABS[name].prediction.check(given)


def test_evidence_waits_for_the_student_s_run_and_measuring_tells_how_far_it_is():
    lab, said, notes = tiny(LABS["no-memory"]), [], Notes()
    measure(lab, None, notes, seeds=1)
    found = measure(lab, None, notes, lambda share, so: said.append((share, len(so))), seeds=3)
    assert said[-1] == (1.0, 6)
    assert said == sorted(said)
    assert said[0][0] >= 1 / 3
    assert measure(lab, None, Notes(), should_stop=lambda: True, seeds=2) == {}
    # Complete seeds alone count.
    first, _, _, third, *_ = cases = lab.cases(seeds=3)
    assert set(found) == set(cases)

    def without(case):
        kept = {one: numbers for one, numbers in found.items() if one != case}
        return lab.evidence(None, kept, 3)

    assert without(first) is None
    partly, whole = (e.all("certain", "no memory") for e in (without(third), without(None)))
    assert partly.tolist() == whole[[0, 2]].tolist()
    assert whole[2] == lab.measure(run(with_seed(lab.experiment, 2)))["certain"]


def test_a_network_is_trained_once_for_all_labs_that_ask_for_it(monkeypatch):
    for name, lab in LABS.items():
        monkeypatch.setitem(LABS, name, tiny(lab))
    trained, notes = [], Notes()
    batch = runs.run_batch
    monkeypatch.setattr(
        runs, "run_batch", lambda chosen, *rest: trained.extend(chosen) or batch(chosen, *rest)
    )
    asked = [measure(LABS[name], None, notes, seeds=2) for name in ("passes", "xor-bit", "passes")]
    assert len(trained) == 2
    assert asked[0] == asked[2]
    assert set(asked[0]) == set(asked[1])
    # A lab that compares settings trains only what is new.
    measure(LABS["groups"], None, notes, seeds=2)
    assert len(trained) == len(set(trained)) == 2 + 4
    alone = measure(LABS["xor-bit"], None, Notes(), seeds=2)
    np.testing.assert_equal(asked[1], alone)


@pytest.mark.slow
def test_what_comes_with_the_package_is_what_a_measurement_gives():
    seeds, notes = 2, Notes()
    for lab in LABS.values():
        shown = shipped.evidence_of(lab, None)
        assert shown.seeds == 20
        fresh = lab.evidence(None, measure(lab, None, notes, seeds=seeds), seeds)
        for condition, values in fresh.table.items():
            for value, numbers in values.items():
                given = shown.table[condition][value][:seeds]
                assert given == pytest.approx(numbers, rel=1e-9, abs=1e-12, nan_ok=True), value
        assert shipped.evidence_of(lab, lab.experiment) == shown
        if lab.experiment is not None:
            assert shipped.evidence_of(lab, lab.experiment.replace(seed=9)) is None


SHARE = Quantity("Share", 0, 1, 0.1)


def test_never_is_longer_than_any_number_and_other_missing_ones_are_left_out():
    passes = Quantity("Passes", 0, 10, 1, spec=".0f", unit="passes", missing="never")
    assert spread(passes, [3, NAN, NAN]) == (3, np.inf, np.inf)
    assert words.middle_and_range(passes, [3, NAN, NAN]) == "the median is never, from 3 to never"
    assert spread(SHARE, [0.2, NAN, 0.4]) == (0.2, 0.2, 0.4)
    assert words.middle_and_range(SHARE, [NAN]) == "not measured"
    # Rows without a number say so and stay.
    lab = LABS["twenty-units"]
    rows = words.numbers(lab, measured(lab, (NAN, NAN), (5.0, NAN)), "fewer")["row"].unique()
    assert list(rows) == ["4 hidden units (never: all of 2)", "20 hidden units (never: 1 of 2)"]


@pytest.mark.parametrize(("own", "others", "judged"), [
    # As finely as its slider.
    (0.34, [0.52], {0.2: -1, 0.3: 0, 0.5: 0, 0.6: 1}),
    (0.9, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7], {0.2: -1, 0.3: 0, 0.6: 0, 0.7: 1, 0.8: 1, 0.9: 0}),
])  # fmt: skip
def test_about_right_is_the_middle_half_of_the_seeds_or_ones_own_run(own, others, judged):
    values = np.array([own, *others])
    assert {guess: words.place_of(SHARE, guess, values) for guess in judged} == judged


def test_a_guess_of_what_is_possible_at_best_is_named_as_such():
    lab = LABS["positions"]
    rows, table = lab.prediction.rows, {}
    for row, error, floor in zip(rows, (0.28, 0.08, 0.27), (0.25, 0.0, 0.25), strict=True):
        table |= {row.value: (error, error + 0.01), row.best: (floor, floor)}
    found = Evidence(lab.experiment, {rows[0].condition: table})
    assert words.compared(lab, (0.25, 0.08, 0.25), found) == (
        "Of your 3 guesses 1 is about right. You guessed what is possible at best for: "
        f"{rows[0].label}, {rows[2].label}. {words.ABOUT_RIGHT}"
    )
    assert words.right(lab, (0.25, 0.08, 0.25), found).tolist() == [False, True, False]
    assert "at best" not in words.compared(lab, (0.3, 0.3, 0.3), found)


def test_what_units_tell_by_hand():
    unit, bits = np.array([0.1, 0.4, 0.4, 0.9]), np.array([0.0, 1.0, 0.0, 1.0])
    # At the level between 0.4 and 0.9 three of four are right, whichever side is which.
    assert inside_measures.told_by_unit(unit, bits) == 0.75
    assert inside_measures.told_by_unit(-unit, bits) == 0.75
    assert inside_measures.told_by_unit(np.zeros(4), np.array([0.0, 0.0, 0.0, 1.0])) == 0.75
    assert inside_measures.told_by_unit(unit, unit > 0.2) == 1.0
    states = np.random.default_rng(0).normal(size=(400, 3))
    sums = (states @ [1.0, -2.0, 0.5] > 0).astype(float)
    assert inside_measures.told_by_sum(states, sums) > 0.95
    assert inside_measures.told_by_unit(states[:, 2], sums) < 0.8


def test_what_is_inside_contexts_trees_and_layers(xor):
    trained, new, *_ = xor
    found = inside_measures.held_in_context(trained)
    assert found["from the step before"] == 0.0
    states = played(trained, new, (0,))[1][:300]
    assert found["from the same step"] == approx(np.abs(np.diff(states, axis=0)).max())
    scores = inside_measures.tree_scores(run(Experiment(task="letters", length=120, epochs=1)))
    assert scores["untrained"] == 1.0
    found = inside_measures.last_states("", 3)
    assert [found[f"axis {place}"] for place in range(3)] == [2, 4, 5]
    assert found["full"] == 0.0 < found["padded"]
    assert found == inside_measures.last_states("", 3) != inside_measures.last_states("", 4)
    said = inside_measures.forecasts("tanh", 0)
    assert said["inside"] == pytest.approx(said["right inside"], abs=0.5)
    assert (said["right next"], said["right far"]) == (10.0, 20.0)
