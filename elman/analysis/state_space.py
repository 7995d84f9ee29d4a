"""The space of hidden states: where each symbol takes a state, and where states come to rest.

With a symbol a the network maps the state h to F_a(h) = f(W_ih x_a + W_hh h + b_h). A fixed point
is a state that F_a leaves where it is. Near it a small difference is multiplied at each step by
the Jacobian J = diag(f'(F_a(h))) W_hh: it dies out if all eigenvalues of J are inside the unit
circle (an attractor), grows if all are outside (a repeller), and does both, in different
directions, at a saddle. Complex eigenvalues turn the difference, negative ones throw it from side
to side.

With more than two units all this is looked at in a plane: of the first two principal components of
the states that the network was in.

Fixed points are found by Newton's method from many starts, the same every time: a grid over the
plane, states that were visited, and where F_a takes these after many steps. So none that lies far
from all of these is sure to be found. Source: Strogatz (1994), "Nonlinear dynamics and chaos", for
networks like these Rodriguez, Wiles and Elman (1999), Connection Science 11:5-40.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.replay import Tested
from elman.analysis.states import Components, evenly, principal_components
from elman.network import Weights, activate, slope
from elman.settings import refuse
from elman.tasks import Task
from elman.training.trainers import Snapshot

# Arrows along each axis, and starts for Newton's method along each axis of the plane.
ARROWS, STARTS = 13, 9
# States among the starts: fewer for wide networks, whose Jacobians take long.
MOST_VISITED, VISITED_WORK = 60, 4e6

NEWTON_STEPS, SETTLING_STEPS = 40, 300
# How far F_a may move what counts as a fixed point, and how near two may lie that count as one.
MOVES, SAME = 1e-9, 1e-5

# Of an eigenvalue this small a part beside the real one is rounding.
REAL = 1e-9

KINDS = {
    "attractor": "states near it come to rest there",
    "saddle": "states come near in some directions and leave in others",
    "repeller": "states near it leave",
}


class Maps(NamedTuple):
    """A network's map of its hidden states for each symbol.

    weights, activation   those of the network
    codes                 (n_symbols, n_in) of the symbols
    """

    weights: Weights
    activation: str
    codes: np.ndarray

    def after(self, states: np.ndarray, symbol: int) -> np.ndarray:
        """Where the symbol takes states (n, hidden)."""
        w = self.weights
        net = states @ w["W_hh"].T + w["W_ih"] @ self.codes[symbol] + w["b_h"]
        return activate(self.activation, net)

    def jacobian(self, state: np.ndarray, symbol: int) -> np.ndarray:
        """How F_a (hidden,) depends on the state (hidden,): a matrix (hidden, hidden)."""
        reached = self.after(state[np.newaxis], symbol)[0]
        return slope(self.activation, reached)[:, np.newaxis] * self.weights["W_hh"]


class FixedPoint(NamedTuple):
    """A state (hidden,) that a symbol leaves where it is, and the eigenvalues of its Jacobian."""

    state: np.ndarray
    eigenvalues: np.ndarray

    @property
    def kind(self) -> str:
        """One of `KINDS`."""
        sizes = np.abs(self.eigenvalues)
        if (sizes < 1.0).all():
            return "attractor"
        return "repeller" if (sizes >= 1.0).all() else "saddle"

    @property
    def turning(self) -> float:
        """Degrees by which a step turns a difference along the largest complex pair; 0 if none."""
        turned = self.eigenvalues[np.abs(self.eigenvalues.imag) > REAL]
        if not len(turned):
            return 0.0
        return float(np.degrees(abs(np.angle(turned[np.abs(turned).argmax()]))))

    @property
    def flips(self) -> bool:
        """Whether the largest eigenvalue is negative, so that a step changes the side."""
        largest = self.eigenvalues[np.abs(self.eigenvalues).argmax()]
        return bool(abs(largest.imag) <= REAL and largest.real < 0.0)


def maps_of(snapshot: Snapshot, activation: str, task: Task) -> Maps:
    """The maps of the network of a snapshot."""
    return Maps(snapshot.weights, activation, task.codes)


def fixed_points(maps: Maps, symbol: int, starts: np.ndarray) -> list[FixedPoint]:
    """The fixed points of a symbol's map that Newton's method finds from the starts (n, hidden).

    Those with the smallest largest eigenvalue come first. States that are not finite are left out.
    """
    hidden = starts.shape[1]
    w, eye = maps.weights["W_hh"], np.eye(hidden)
    settled = starts
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(SETTLING_STEPS):
            settled = maps.after(settled, symbol)
        states = np.concatenate([starts, settled])
        states = states[np.isfinite(states).all(axis=1)]
        for _ in range(NEWTON_STEPS):
            reached = maps.after(states, symbol)
            off = reached - states
            going = np.abs(off).max(axis=1) > MOVES / 100
            if not going.any():
                break
            jacobians = slope(maps.activation, reached[going])[:, :, np.newaxis] * w
            # What is nearly singular leads far away, and is drawn back by the map itself.
            steps = _solved(eye - jacobians, off[going])
            length = np.abs(steps).max(axis=1, keepdims=True)
            states[going] += steps / np.maximum(length, 1.0)
        left = np.abs(maps.after(states, symbol) - states).max(axis=1, initial=0.0)
    found: list[FixedPoint] = []
    for state in states[left <= MOVES]:
        if all(np.abs(state - other.state).max() > SAME for other in found):
            found.append(FixedPoint(state, np.linalg.eigvals(maps.jacobian(state, symbol))))
    return sorted(found, key=lambda one: float(np.abs(one.eigenvalues).max()))


def _solved(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Solutions (n, hidden) of as many systems; least squares where one is singular."""
    try:
        return np.linalg.solve(matrices, vectors[:, :, np.newaxis])[:, :, 0]
    except np.linalg.LinAlgError:
        return np.stack(
            [
                np.linalg.lstsq(matrix, vector, rcond=None)[0]
                for matrix, vector in zip(matrices, vectors, strict=True)
            ]
        )


class Plane(NamedTuple):
    """A plane in the space of states: all of it with two units.

    origin     (hidden,)     a state in it
    axes       (2, hidden)   unit vectors
    low, high  (2,)          the ends of what is drawn of it
    components               the principal components that made it; None with two units
    """

    origin: np.ndarray
    axes: np.ndarray
    low: np.ndarray
    high: np.ndarray
    components: Components | None

    def onto(self, states: np.ndarray) -> np.ndarray:
        """Coordinates (n, 2) of states (n, hidden)."""
        return (states - self.origin) @ self.axes.T

    def states(self, places: np.ndarray) -> np.ndarray:
        """The states (n, hidden) at places (n, 2) of the plane."""
        return self.origin + places @ self.axes

    def grid(self, count: int) -> np.ndarray:
        """Places (count², 2) in the middle of as many fields."""
        middles = (np.arange(count) + 0.5) / count
        across, up = (a.ravel() for a in np.meshgrid(middles, middles))
        return self.low + np.column_stack([across, up]) * (self.high - self.low)


def plane_of(states: np.ndarray, activation: str) -> Plane:
    """The plane in which the states (steps, hidden) of a network are looked at.

    Of two units it is the square of all that they can be; units of relu, which have no largest
    value, are drawn as far as the states go. Fewer than two units raise ValueError.
    """
    hidden = states.shape[1]
    if hidden < 2:
        raise refuse("hidden", "at least 2 units, which make a plane", hidden)
    if hidden == 2:
        low, high = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}.get(
            activation, (0.0, max(1.0, 1.1 * float(states.max())))
        )
        ends = np.full(2, low), np.full(2, high)
        return Plane(np.zeros(2), np.eye(2), *ends, None)
    found = principal_components(states, 2)
    places = found.project(states)
    low, high = places.min(axis=0), places.max(axis=0)
    room = 0.15 * np.maximum(high - low, 1e-6)
    return Plane(found.mean, found.directions, low - room, high + room, found)


def starts_of(plane: Plane, states: np.ndarray) -> np.ndarray:
    """Where Newton's method begins (n, hidden): a grid over the plane, and states visited."""
    hidden = states.shape[1]
    most = int(np.clip(VISITED_WORK / hidden**3, 4, MOST_VISITED))
    grid = plane.states(plane.grid(STARTS))
    grid = grid[evenly(len(grid), len(grid) if hidden <= 20 else most)]
    return np.concatenate([grid, states[evenly(len(states), most)]])


def map_held(plane: Plane, maps: Maps, states: np.ndarray) -> float:
    """How much of the map the plane holds, from 0 to 1: all of it with two units.

    Arrows start from places of the plane. Real states lie beside it, and go elsewhere. This is 1
    minus the squared distance, in the plane, between where a symbol takes a state and where it
    takes the nearest place of the plane, as a share of the variance there of all places to which
    that symbol takes states; for all symbols and at most 500 of the states.
    """
    some = states[evenly(len(states), 500)]
    places = plane.onto(some)
    wrong = spread = 0.0
    for symbol in range(len(maps.codes)):
        real = plane.onto(maps.after(some, symbol))
        wrong += float(((real - plane.onto(maps.after(plane.states(places), symbol))) ** 2).sum())
        spread += float(((real - real.mean(axis=0)) ** 2).sum())
    # A map that forgets every state takes all to one place, but for rounding.
    return max(0.0, 1.0 - wrong / spread) if spread > 1e-20 * len(some) else 1.0


def half_line(plane: Plane, weights: Weights, output: int) -> np.ndarray | None:
    """The two ends (2, 2) of the line in the plane where an output is one half; None if outside."""
    w, b = weights["W_ho"][output], weights["b_o"][output]
    # w (origin + place axes) + b = 0 is a line: along · place = -level.
    along, level = plane.axes @ w, float(w @ plane.origin + b)
    ends = []
    for axis in (0, 1):
        other = 1 - axis
        if along[other] == 0.0:
            continue
        for edge in (plane.low[axis], plane.high[axis]):
            crossing = -(level + along[axis] * edge) / along[other]
            if plane.low[other] <= crossing <= plane.high[other]:
                place = np.empty(2)
                place[axis], place[other] = edge, crossing
                ends.append(place)
    if len(ends) < 2:
        return None
    # Through a corner it crosses two edges at one place.
    first = ends[0]
    last = max(ends, key=lambda place: float(((place - first) ** 2).sum()))
    return np.array([first, last]) if not np.allclose(first, last) else None


class Space(NamedTuple):
    """What is drawn of the space of states for one symbol and one output.

    arrows   columns x, y (place), x2, y2 (where the symbol takes it), across and up (a part of
             that way that is no longer than the distance of two arrows)
    points   a row for each fixed point: number (from 1), x, y, kind (of `KINDS`), eigenvalues in
             words, largest (size of the largest eigenvalue), off (distance from the plane)
    half     the ends of the line where the output is one half, or None
    variance, map_held   the shares that the plane holds
    """

    plane: Plane
    arrows: pd.DataFrame
    points: pd.DataFrame
    found: list[FixedPoint]
    half: np.ndarray | None
    variance: float
    map_held: float


def space(tested: Tested, symbol: int, output: int = 0) -> Space:
    """The space of the states of a test, as one symbol maps it.

    `output` is the one whose half is drawn. ValueError for fewer than 2 units, and where
    activations overflow.
    """
    if not np.isfinite(tested.states).all():
        raise refuse("run", "one whose activations are finite", words="they overflow")
    snapshot, activation = tested.run.at(tested.epoch), tested.experiment.activation
    maps = maps_of(snapshot, activation, tested.task)
    plane = plane_of(tested.states, activation)
    found = fixed_points(maps, symbol, starts_of(plane, tested.states))
    held = 1.0 if plane.components is None else float(plane.components.ratios.sum())
    return Space(
        plane=plane,
        arrows=_arrows(plane, maps, symbol),
        points=_points(plane, found),
        found=found,
        half=half_line(plane, snapshot.weights, output),
        variance=held,
        map_held=map_held(plane, maps, tested.states),
    )


def _arrows(plane: Plane, maps: Maps, symbol: int) -> pd.DataFrame:
    places = plane.grid(ARROWS)
    ends = plane.onto(maps.after(plane.states(places), symbol))
    size = plane.high - plane.low
    way = (ends - places) / size
    length = np.hypot(*way.T)
    part = np.minimum(1.0, 0.85 / ARROWS / np.maximum(length, 1e-12))[:, np.newaxis]
    short = places + way * part * size
    columns = ["x", "y", "x2", "y2", "across", "up"]
    return pd.DataFrame(np.column_stack([places, ends, short]), columns=columns)


def _points(plane: Plane, found: list[FixedPoint]) -> pd.DataFrame:
    rows = []
    for number, point in enumerate(found, start=1):
        place = plane.onto(point.state[np.newaxis])
        off = float(np.linalg.norm(plane.states(place)[0] - point.state))
        sizes = np.abs(point.eigenvalues)
        rows.append((number, *place[0], point.kind, _eigenvalues(point), sizes.max(), off))
    columns = ["number", "x", "y", "kind", "eigenvalues", "largest", "off"]
    return pd.DataFrame(rows, columns=columns)


def _eigenvalues(point: FixedPoint, most: int = 4) -> str:
    """The largest eigenvalues, complex pairs as one: "0.8 ± 0.3i; -0.1"."""
    ordered = sorted(point.eigenvalues.tolist(), key=lambda one: (-round(abs(one), 12), one.imag))
    words = []
    for value in map(complex, ordered):
        if abs(value.imag) <= REAL:
            words.append(f"{value.real:.3g}")
        elif value.imag > 0.0:
            words.append(f"{value.real:.3g} ± {value.imag:.3g}i")
    return "; ".join(words[:most]) + ("; …" if len(words) > most else "")


def describe_points(found: Space, symbol: str) -> str:
    """The fixed points of a symbol, in words."""
    if not len(found.points):
        return f"No fixed point was found for {symbol}: read again and again, it never rests."
    words = []
    for point, row in zip(found.found, found.points.itertuples(), strict=True):
        place = f"({row.x:.2f}, {row.y:.2f})"
        said = f"{_article(row.kind)} at {place}, largest eigenvalue of size {row.largest:.2g}"
        if point.flips:
            said += ", which changes sides at each step"
        if point.turning:
            said += f", with a pair that turns by {point.turning:.0f}° a step"
        words.append(said)
    some = "1 fixed point" if len(words) == 1 else f"{len(words)} fixed points"
    return f"Reading {symbol} again and again has {some}: {'; '.join(words)}."


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def describe_plane(found: Space, hidden: int) -> str:
    """What the plane holds, in words."""
    if found.plane.components is None:
        return "Two units: this is all of the space."
    return (
        f"The plane of two components holds {found.variance:.1%} of the variance of {hidden} "
        f"units, and {found.map_held:.0%} of the map: so well do its arrows tell where the real "
        "states, which lie beside it, go within it."
    )
