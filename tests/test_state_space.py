"""The space of hidden states: fixed points by hand and beside another root finder, its drawing."""

import numpy as np
import pytest
from command import as_json, printed
from drawing import Drawing
from hand_made import run_of_network
from scipy.optimize import root
from visitor import SHORT, visit

from elman import Experiment, run
from elman.analysis import state_space
from elman.analysis.replay import replay
from elman.analysis.state_space import Maps, fixed_points, half_line, plane_of
from elman.charts.state_space import drawing
from elman.network import logistic
from elman.tasks import TASKS, new_sequence, training_sequence
from elman.training.trainers import Snapshot


def maps(w_hh, bias=0.0, activation="sigmoid", w_ih=None, codes=None):
    if w_ih is None:
        w_ih, codes = np.zeros((len(w_hh), 1)), np.zeros((1, 1))
    weights = {"W_ih": w_ih, "W_hh": np.asarray(w_hh, float), "b_h": np.full(len(w_hh), bias)}
    return Maps(weights, activation, codes)


def grid(low, high, hidden=2, count=9):
    axes = np.meshgrid(*[np.linspace(low, high, count)] * hidden)
    return np.column_stack([axis.ravel() for axis in axes])


@pytest.mark.parametrize(
    ("growth", "degrees"), [(0.8, 30.0), (0.8, 110.0), (1.3, 30.0), (1.3, 110.0), (0.9, 180.0)]
)
def test_a_turning_map_turns_by_its_angle_and_one_of_half_a_turn_changes_sides(growth, degrees):
    """Near 0 tanh is the identity, so that the Jacobian there is the matrix itself."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees)).round(12)
    turn = growth * np.array([[c, -s], [s, c]])
    found = fixed_points(maps(turn, activation="tanh"), 0, grid(-1, 1))
    (point,) = [one for one in found if growth < 1 or np.abs(one.state).max() < 1e-9]
    assert point.kind == ("attractor" if growth < 1 else "repeller")
    assert point.flips == (degrees == 180)
    assert point.turning == pytest.approx(0.0 if point.flips else degrees)
    np.testing.assert_allclose(np.abs(point.eigenvalues), growth)


@pytest.mark.parametrize("hidden", [2, 3, 6])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_the_fixed_points_are_those_of_another_root_finder(hidden, activation):
    rng = np.random.default_rng(hidden)
    low = 0.0 if activation == "sigmoid" else -1.0
    for _ in range(4):
        w_hh = rng.normal(0, 4.0 if activation == "sigmoid" else 1.5, (hidden, hidden))
        made = maps(w_hh, rng.normal(), activation)
        starts = rng.uniform(low, 1.0, (150, hidden))
        mine = np.array([point.state for point in fixed_points(made, 0, starts)])
        others = [
            root(lambda state, made=made: made.after(state[np.newaxis], 0)[0] - state, start)
            for start in rng.uniform(low, 1.0, (150, hidden))
        ]
        theirs = np.array([one.x for one in others if one.success and np.abs(one.fun).max() < 1e-9])
        apart = np.abs(mine[:, np.newaxis] - theirs).max(axis=2)
        assert apart.min(axis=0).max() < 1e-6, "one of theirs is missing"
        assert apart.min(axis=1).max() < 1e-6, "one of mine is none"
    # Units that only grow never rest.
    assert fixed_points(maps(np.eye(hidden), 1.0, "relu"), 0, grid(0, 2, hidden, 3)) == []


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu"])
def test_the_jacobian_is_that_of_central_differences(activation):
    rng = np.random.default_rng(3)
    made = maps(rng.normal(size=(4, 4)), 0.3, activation, rng.normal(size=(4, 2)), np.eye(2))
    state, small = rng.random(4), 1e-6
    ends = [np.stack([state + small * one, state - small * one]) for one in np.eye(4)]
    numeric = np.stack([np.subtract(*made.after(two, 1)) for two in ends], axis=1) / (2 * small)
    np.testing.assert_allclose(made.jacobian(state, 1), numeric, atol=1e-8)


def test_a_map_says_what_the_network_does():
    trained = run(Experiment(task="letters", length=90, hidden=5, epochs=3))
    tested = replay(trained, trained.sequence)
    made = state_space.maps_of(trained.snapshots[-1], "sigmoid", TASKS["letters"])
    for step, symbol in enumerate(trained.sequence.symbols[1:40], start=1):
        after = made.after(tested.states[step - 1 : step], symbol)
        np.testing.assert_allclose(after[0], tested.states[step], atol=1e-12)


def test_two_units_are_the_whole_square_and_more_a_plane_of_components():
    rng = np.random.default_rng(1)
    square = plane_of(rng.random((50, 2)), "tanh")
    assert (square.low.tolist(), square.high.tolist()) == ([-1, -1], [1, 1])
    states = rng.random((50, 4))
    plane = plane_of(states, "sigmoid")
    places = plane.onto(states)
    np.testing.assert_allclose(plane.onto(plane.states(places)), places, atol=1e-12)
    assert ((plane.low < places) & (places < plane.high)).all()
    with pytest.raises(ValueError, match="hidden: allowed is at least 2 units"):
        plane_of(states[:, :1], "sigmoid")


def test_on_the_line_the_output_is_one_half():
    rng = np.random.default_rng(2)
    plane, crossed = plane_of(rng.random((60, 3)), "sigmoid"), 0
    for _ in range(30):
        w, b = rng.normal(size=(1, 3)), rng.normal(size=1)
        ends = half_line(plane, {"W_ho": w, "b_o": b}, 0)
        sides = logistic(plane.states(plane.grid(30)) @ w[0] + b) > 0.5
        assert (ends is None) <= (sides.all() or not sides.any())
        if ends is not None:
            crossed += 1
            np.testing.assert_allclose(logistic(plane.states(ends) @ w[0] + b), 0.5, atol=1e-9)
    assert crossed > 5


def test_a_plane_holds_all_of_a_map_that_forgets_and_less_of_one_that_uses_what_it_leaves_out():
    rng = np.random.default_rng(4)
    states = rng.random((80, 3)) * [1.0, 0.9, 0.5]
    plane = plane_of(states, "sigmoid")
    assert state_space.map_held(plane, maps(np.zeros((3, 3))), states) == pytest.approx(1)
    # What leads into the plane comes from what stands upright on it alone.
    uses = 8 * np.outer(plane.axes.sum(axis=0), np.cross(*plane.axes))
    assert state_space.map_held(plane, maps(uses), states) < 0.3
    whole = plane_of(states[:, :2], "sigmoid")
    assert state_space.map_held(whole, maps(rng.normal(size=(2, 2))), states[:, :2]) == 1


def test_two_switches_have_four_attractors_four_saddles_and_a_repeller_which_are_drawn():
    """A network of XOR whose units feed themselves alone, steeply: each rests near 0 and near 1,
    and balances at 0.5, where its slope is 10 times a quarter."""
    weights = {
        "W_ih": np.zeros((2, 1)), "W_hh": 10 * np.eye(2), "W_ho": np.array([[4.0, -4.0]]),
        "b_h": np.full(2, -5.0), "b_o": np.array([1.0]),
    }  # fmt: skip
    experiment = Experiment(task="xor", hidden=2, length=300, epochs=1)
    snapshot = Snapshot(1, weights, np.zeros(2))
    made = run_of_network(snapshot, experiment, training_sequence(experiment))
    switches = replay(made, new_sequence(experiment), 1)
    found = state_space.space(switches, 0)
    kinds = [point.kind for point in found.found]
    assert sorted(kinds) == ["attractor"] * 4 + ["repeller"] + ["saddle"] * 4
    assert kinds[:4] == ["attractor"] * 4, "those that hold states come first"
    middle = found.found[kinds.index("repeller")]
    np.testing.assert_allclose(middle.state, [0.5, 0.5], atol=1e-9)
    np.testing.assert_allclose(middle.eigenvalues, [2.5, 2.5])
    assert found.variance == found.map_held == 1.0
    assert "9 fixed points: an attractor at (0.01, 0.01)" in state_space.describe_points(found, "0")
    drawn = Drawing(drawing(switches, found, "Bit"))
    points = [mark.says for mark in drawn.marks if "Eigenvalues" in mark.says]
    assert sorted(says["It is"] for says in points) == sorted(kinds)
    arrows = [mark for mark in drawn.of("rule mark") if "To, up" in mark.says]
    assert len(arrows) == state_space.ARROWS**2
    # Where an arrow says it leads is where the map leads.
    for mark in arrows[::10]:
        sides = [f"{side}, {way}" for side in ("From", "To") for way in ("across", "up")]
        start, end = np.reshape([float(mark.says[side]) for side in sides], (2, 2))
        np.testing.assert_allclose(end, logistic(10 * start - 5), atol=0.05)
    assert any(mark.says.get("Line") == "Bit is one half" for mark in drawn.marks)
    assert drawn.axes == {"X": "Unit 1", "Y": "Unit 2"}


def test_the_command_says_what_the_library_says(tmp_path):
    settings = ("letters", "--length", "300", "--epochs", "5", "--hidden", "4")
    said = as_json("space", *settings)
    trained = run(Experiment(task="letters", length=300, epochs=5, hidden=4))
    tested = replay(trained, new_sequence(trained.experiment))
    for number, symbol in enumerate(TASKS["letters"].symbols):
        found = state_space.space(tested, number)
        states = [row["state"] for row in said["fixed_points"][symbol]]
        np.testing.assert_allclose(states, [point.state for point in found.found])
    plot = tmp_path / "space.svg"
    text = printed("space", *settings, "--symbol", "d", "--output", "High", "--plot", plot)
    assert "Reading d again and again has 1 fixed point: an attractor" in " ".join(text.split())
    assert "Reading b" not in text
    assert plot.read_text(encoding="utf-8").startswith("<svg")


def test_the_page_says_the_fixed_points_of_the_chosen_symbol():
    link = SHORT | {"task": "letters", "hidden": "6", "view": "state space"}
    visitor = visit("states", **link, map_symbol="g", half_output="Back", fixed_points="true")
    visitor.assert_sound("states")
    trained = run(visitor.shown)
    found = state_space.space(replay(trained, new_sequence(trained.experiment)), 2, 4)
    said = state_space.describe_points(found, "g")
    assert said.replace("Reading g", "Reading `g`") in visitor.words
    assert said in visitor.alternatives[0]
    assert "the output `Back` is one half" in visitor.words
    assert visitor.tables[0]["kind"].tolist() == [point.kind for point in found.found]
    visitor.choose("map_symbol", "a")
    assert "Reading `a` again and again" in visitor.words
    # A single unit has no plane.
    alone = visit("states", **link | {"hidden": "1"})
    assert any("take two or more" in note.value for note in alone.info)
