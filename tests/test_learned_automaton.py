"""The machine read off a network: exactly the rule's where it must be, beside its controls."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from command import as_json, printed
from drawing import Drawing
from hand_made import run_of_network
from scipy.cluster.hierarchy import fcluster, ward
from visitor import SHORT, visit

from elman import Experiment, run, shipped
from elman.analysis import learned_automaton, machines
from elman.analysis.machine_clusters import divisions
from elman.charts.automaton import choice_curve, machine_diagram
from elman.tasks import TASKS, preset, training_sequence
from elman.training.trainers import Snapshot


def knows_xor(steep=20.0):
    """A run whose network knows XOR and its phase, by hand.

    Each unit stands for a place in the triple that a symbol was read at: (nothing yet, 0), (first
    bit 0, then 1), and so on. It is on if the unit before is on and the symbol has come; the two
    that begin a triple are on where none that leads into a triple is.
    """
    places = [("start", 0), ("start", 1), (0, 0), (0, 1), (1, 0), (1, 1), ("is 0", 0), ("is 1", 1)]
    after = np.array([0, 1, "is 0", "is 1", "is 1", "is 0", "start", "start"], dtype=object)
    begins = np.array([place == "start" for place, _ in places])
    symbols = np.array([symbol for _, symbol in places])
    into = np.array([after == place for place, _ in places])
    weights = {
        "W_ih": (2.0 * symbols - 1.0)[:, np.newaxis],
        "W_hh": np.where(begins[:, np.newaxis], -1.0 * (after != "start"), into),
        "W_ho": 1.0 * (after == "is 1")[np.newaxis] - (after == "is 0"),
        "b_h": 0.5 - symbols - ~begins, "b_o": np.zeros(1),
    }  # fmt: skip
    experiment = Experiment(task="xor", hidden=len(places), length=300, epochs=1)
    snapshot = Snapshot(1, {n: steep * w for n, w in weights.items()}, np.zeros(len(places)))
    made = run_of_network(snapshot, experiment, training_sequence(experiment))
    return replace(made, snapshots=(run(experiment).snapshots[0], snapshot))


@pytest.fixture(scope="module")
def of_letters():
    return learned_automaton.automata(shipped.run_of(preset("letters", "textbook")))


@pytest.fixture
def quick(monkeypatch):
    """Fewer states, and one tree of them."""
    monkeypatch.setattr(learned_automaton, "STEPS", 4000)
    monkeypatch.setattr(learned_automaton, "TREES", 1)


@pytest.mark.parametrize("reset", ["as trained", "never", "group", "step"])
def test_the_machine_of_a_network_made_for_xor_is_exactly_the_true_one(reset):
    """At the start of a triple a fresh context means the same as the one that is there."""
    found = learned_automaton.automata(knows_xor(), reset=reset)
    assert (found.trained.by_tree == 1.0).all()
    # The control: a network of tiny weights always says the same.
    assert found.untrained.learned.machine.size == 1
    if reset == "step":
        assert found.trained.learned.machine.size == 1
        return
    for made in (found.trained.learned, found.trained.smallest, found.rule):
        assert machines.same(made.machine, machines.of_rule(TASKS["xor"]))
    assert found.trained.split == 0.0
    assert found.trained.clusters < 20
    assert "It is exactly the machine of the rule." in learned_automaton.describe(found)


def test_a_network_that_learned_letters_makes_the_machine_of_the_rule(of_letters):
    trained, untrained = of_letters.trained, of_letters.untrained.learned
    assert machines.same(trained.learned.machine, machines.of_rule(TASKS["letters"]))
    assert trained.sizes.tolist() == [7] * learned_automaton.TREES
    assert "Other clusters of as many" not in learned_automaton.describe(of_letters)
    several = of_letters._replace(trained=trained._replace(sizes=np.array([5, 7, 7])))
    assert "Other clusters of as many give 5 to 7 states." in learned_automaton.describe(several)
    assert trained.by_tree.min() > 0.97
    assert untrained.machine.size == 1
    assert untrained.as_rule < 0.5 < trained.learned.as_rule
    # As few clusters as agree, but for one standard error, as well as the best.
    choice = trained.choice
    best = choice.loc[choice["agreement"].idxmax()]
    enough = choice[choice["agreement"] >= best["agreement"] - best["error"]]
    assert trained.clusters == enough["clusters"].min()
    assert choice["clusters"].tolist() == list(range(1, learned_automaton.MOST_CLUSTERS + 1))


def test_the_smallest_that_predicts_as_well_may_be_of_no_network():
    """A network without memory is matched by the last symbols alone."""
    trained = run(Experiment(task="letters", length=900, epochs=60, hidden=12, reset="step"))
    found = learned_automaton.automata(trained)
    smallest = found.trained.smallest
    assert smallest.error < found.trained.error * 1.05
    assert smallest.machine.size <= 6


def test_clusters_are_those_of_a_ward_tree():
    states = np.random.default_rng(0).normal(size=(40, 3))
    found = divisions(states, 12)
    assert list(found) == list(range(1, 13))
    for clusters, mine in found.items():
        theirs = fcluster(ward(states), clusters, "maxclust")
        assert len({*zip(mine.tolist(), theirs.tolist(), strict=True)}) == clusters
    assert divisions(states[:1], 12)[1].tolist() == [0]


@pytest.mark.parametrize("text", ["to be or not to be, that is the question", "abcabcabcabc" * 40])
def test_a_text_of_ones_own_has_a_machine_and_no_rule(text):
    trained = run(Experiment(task="own", text=text, epochs=20, hidden=6))
    found = learned_automaton.automata(trained)
    assert found.rule is None
    assert "as_rule" not in learned_automaton.table(found)
    assert "rule" not in learned_automaton.describe(found)
    if text.startswith("abc"):
        assert found.trained.learned.machine.size == 3
        assert found.trained.learned.machine.moves.shape == (3, 3)


def test_a_drawing_has_every_state_and_every_arrow(of_letters):
    task, machine = TASKS["letters"], of_letters.trained.learned.machine
    drawing = Drawing(machine_diagram(machine, task.symbols))
    states = {mark.says["State"]: mark.says["Expects"] for mark in drawing.of("circle")}
    rows = machines.table(machine, task.symbols)
    assert states == dict(zip(rows["state"].astype(str), rows["expects"], strict=True))
    ways = {(m.says["From state"], m.says["To state"]) for m in drawing.of("line mark")}
    assert len(ways) == (machine.moves >= 0).sum()
    assert {*task.symbols} <= {*drawing.words()}
    curve = Drawing(choice_curve(of_letters.trained.choice, of_letters.trained.clusters))
    assert len(curve.of("point")) == len(of_letters.trained.choice)


def test_a_machine_of_many_states_is_drawn_in_part():
    """A ring of 60 states, of which those that are visited most are drawn."""
    ring, expects = np.arange(60), np.tile([True, False], (60, 1))
    for further, labelled in ((np.full(60, -1), True), ((ring + 2) % 60, False)):
        moves = np.column_stack([(ring + 1) % 60, further])
        machine = machines.Machine(moves, expects, expects.astype(float), ring / 1770)
        drawing = Drawing(machine_diagram(machine, ("a", "b")))
        shown = sorted(int(mark.says["State"]) for mark in drawing.of("circle"))
        assert shown == [1, *range(38, 61)]
        # What every state expects; of many arrows none has a label.
        assert (list(drawing.words()).count("a") > len(shown)) == labelled


@pytest.mark.usefixtures("quick")
def test_networks_of_other_seeds_have_machines_of_their_own():
    experiment = Experiment(task="reber", length=2000, epochs=20, seed=3)
    rows = list(learned_automaton.of_seeds(experiment, (3, 4)))
    assert [row["seed"] for row in rows] == [3, 4]
    alone = learned_automaton.automata(run(experiment)).trained
    assert rows[0]["states"] == alone.learned.machine.size
    assert rows[0]["agreement"] == alone.learned.agreement.mean()
    said = learned_automaton.describe_seeds(pd.DataFrame(rows))
    assert said.startswith("Over 2 seeds: machines of ")
    assert f"{sum(row['exactly'] for row in rows)} of 2 are exactly" in said
    asked = iter([False, True])
    stopped = learned_automaton.of_seeds(experiment, range(9), lambda: next(asked, True))
    assert list(stopped) == []


FILE_OPTIONS = ("--length", "300", "--epochs", "30", "--hidden", "8")


@pytest.mark.usefixtures("quick")
def test_the_command_says_what_the_library_says(tmp_path):
    asked = ("automaton", "letters", *FILE_OPTIONS)
    trained = run(Experiment(task="letters", length=300, epochs=30, hidden=8))
    said, rule = as_json(*asked, "--seeds", "2"), machines.of_rule(TASKS["letters"])
    assert [row["seed"] for row in said["seeds"]] == [0, 1]
    assert said["result"] == learned_automaton.describe(learned_automaton.automata(trained))
    assert [row["machine"] for row in said["machines"]][:4] == list(learned_automaton.MACHINES)
    symbols = TASKS["letters"].symbols
    assert said["states"]["rule"] == json.loads(json.dumps(machines.values(rule, symbols)))
    graph, plot, saved = (tmp_path / name for name in ("m.dot", "m.svg", "run.npz"))
    text = printed(*asked, "--machine", "rule", "--dot", graph, "--plot", plot)
    assert "Kolen (1994)" in text
    assert "a to 1" in text
    assert graph.read_text(encoding="utf-8") == machines.dot(rule, symbols)
    assert plot.read_text(encoding="utf-8").startswith("<svg")
    printed("letters", *FILE_OPTIONS, "--save", saved)
    assert as_json("automaton", saved)["result"] == said["result"]


@pytest.mark.usefixtures("quick")
def test_the_page_shows_each_machine_and_how_it_was_found():
    link = SHORT | {"task": "letters", "epochs": "40", "hidden": "8", "view": "automaton"}
    visitor = visit("states", **link)
    visitor.assert_sound("states")
    assert re.search(r"hidden states make a machine of \d+ states?, which expects", visitor.words)
    (numbers,) = visitor.tables
    assert numbers["machine"].tolist()[1] == "rule"
    assert "Kolen" not in visitor.words, "closed, it is not told"
    for machine in learned_automaton.MACHINES:
        visitor.choose("machine", machine)
        visitor.assert_sound("states")
    visitor.press("Train 5 networks")
    visitor.look_until(lambda page: not page.progress)
    assert "Over 5 seeds: machines of" in visitor.words
    opened = visit("states", **link, machine="rule", making="true")
    opened.assert_sound("states")
    assert "Kolen (1994) objects" in opened.words
    assert opened.tables[1]["state"].tolist() == list(range(1, 8))
