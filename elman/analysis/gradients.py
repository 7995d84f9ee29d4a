"""How the error reaches back in time: gradients against lag, and products of Jacobians.

For the error of one step t, with half the summed squared error as in `elman.network`:

    g_0 = W_hoᵀ (output delta at t)               its gradient for h_t         (hidden,)
    J_s = diag(f'(h_s)) W_hh                      how h_s depends on h_{s-1}   (hidden, hidden)
    g_k = J_{t-k+1}ᵀ g_{k-1} = (J_t ... J_{t-k+1})ᵀ g_0     for h_{t-k}, at lag k

A gradient of depth d uses lags 0 to d - 1: Elman's one-step gradient lag 0 alone, truncated
backpropagation through time the first d, full backpropagation all back to the last reset. The
product of the Jacobians stretches no vector by more than (γ σ)^k, with γ the steepest slope of f
and σ the largest singular value of W_hh.

Sources: Elman (1990), Cognitive Science 14:179-211; Williams and Peng (1990), Neural Computation
2:490-501; Bengio, Simard and Frasconi (1994), IEEE Transactions on Neural Networks 5:157-166;
Pascanu, Mikolov and Bengio (2013), ICML, 1310-1318.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis.replay import testing_policy
from elman.analysis.states import evenly
from elman.experiment import Experiment
from elman.network import Weights, slope
from elman.settings import Setting
from elman.tasks import Sequence
from elman.training import predict
from elman.training.resets import reset_before
from elman.training.trainers import Snapshot, first_weights

RADIUS = Setting(float, "spectral radius of W_hh", low=0.0, high=100.0)
LAGS = Setting(int, "steps back in time", low=1, high=1000)
DEPTH = Setting(int, "steps that a truncated gradient uses", low=1, high=1000)

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}

# A gradient this small beside that of lag 0 counts as vanished; its inverse as exploded.
VANISHED = 0.01

# Steps whose error is followed back.
MOST_ENDS = 200
# They have so many behind them if any has, so that a lag gives the same whatever the longest is.
STEPS_BEHIND = 60

# A product of Jacobians and its largest singular value cost about 10 hidden³ at every lag.
JACOBIAN_WORK = 2e9


class NetworkTrace(NamedTuple):
    """A network reading T steps, with what each step used and computed.

    inputs (T, n_in), targets and outputs (T, n_out), contexts and states (T, hidden); reach (T,)
    counts the steps since the last reset, which is how far back a step's error can flow.
    """

    weights: Weights
    activation: str
    inputs: np.ndarray
    targets: np.ndarray
    contexts: np.ndarray
    states: np.ndarray
    outputs: np.ndarray
    reach: np.ndarray

    @property
    def slopes(self) -> np.ndarray:
        """f' (T, hidden) of every hidden unit at every step."""
        return slope(self.activation, self.states)


def trace(
    weights: Weights,
    experiment: Experiment,
    sequence: Sequence,
    *,
    steps: int = 600,
    activation: str | None = None,
) -> NetworkTrace:
    """The first `steps` steps of a sequence, with the resets that the experiment ends with.

    The context starts at its start value. `activation` stands in for the experiment's.
    """
    experiment = experiment.replace(activation=activation or experiment.activation)
    part = sequence.part(slice(steps))
    policy, every = testing_policy(experiment, "as trained")
    resets = reset_before(policy, part.group_starts, every, part.seams)
    resets[0] = True
    start = np.full(len(weights["b_h"]), experiment.context_start)
    outputs, states = predict(
        Snapshot(0, weights, start), part, experiment, policy, every, compiled=False
    )
    places = np.arange(len(part))
    return NetworkTrace(
        weights=weights,
        activation=experiment.activation,
        inputs=part.inputs,
        targets=part.targets,
        contexts=np.where(resets[:, np.newaxis], start, np.roll(states, 1, axis=0)),
        states=states,
        outputs=outputs,
        reach=places - np.maximum.accumulate(np.where(resets, places, 0)),
    )


def spectral_radius(w: np.ndarray) -> float:
    """Size of the largest eigenvalue of a square matrix."""
    return float(np.abs(np.linalg.eigvals(w)).max())


def fresh_weights(
    experiment: Experiment, sequence: Sequence, radius: float, *, rng: np.random.Generator
) -> Weights:
    """The experiment's first weights, with a W_hh drawn from normal(0, 1) and scaled to `radius`.

    Raises ValueError for a spectral radius outside 0 to 100.
    """
    radius = RADIUS.check("radius", radius)
    w_hh = rng.normal(size=(experiment.hidden, experiment.hidden))
    return first_weights(experiment, sequence) | {"W_hh": w_hh * (radius / spectral_radius(w_hh))}


def stretch_limit(trace: NetworkTrace) -> float:
    """γ σ: no Jacobian of this network stretches a vector by more. Below 1 gradients must vanish.

    Source: Pascanu, Mikolov and Bengio (2013), section 2.1.
    """
    sigma = float(np.linalg.norm(trace.weights["W_hh"], 2))
    return STEEPEST[trace.activation] * sigma


def ends(trace: NetworkTrace, lags: int, most: int = MOST_ENDS) -> np.ndarray:
    """At most `most` evenly spaced steps, as indices, from which an error flows back `lags` steps.

    Up to `STEPS_BEHIND` lags they are the same where resets leave any with so many behind them.
    Where resets leave none with `lags`, they are taken from all steps.
    """
    lags = LAGS.check("lags", lags)
    farthest = trace.reach.max()
    behind = next(n for n in (max(lags, STEPS_BEHIND), lags, 0) if n <= farthest)
    steps = np.flatnonzero(trace.reach >= behind)
    return steps[evenly(len(steps), most)]


def output_deltas(trace: NetworkTrace, at: np.ndarray) -> np.ndarray:
    """Gradients (n, n_out) of half the summed squared error of steps `at` for W_ho h + b_o."""
    y = trace.outputs[at]
    return (y - trace.targets[at]) * y * (1.0 - y)


def reaching_back(
    trace: NetworkTrace, at: np.ndarray, lags: int, *, rng: np.random.Generator | None = None
) -> np.ndarray:
    """g_k (lags + 1, n, hidden) for the errors of steps `at` (n,); zero beyond a reset.

    With `rng`, g_0 is a random direction of length 1 instead of what the output layer hands down:
    the outputs of a network whose states grow are saturated, and hand down nothing.
    """
    if rng is None:
        g = output_deltas(trace, at) @ trace.weights["W_ho"]
    else:
        g = rng.normal(size=(len(at), trace.states.shape[1]))
        g /= np.linalg.norm(g, axis=1, keepdims=True)
    found = np.zeros((lags + 1, *g.shape))
    found[0] = g
    slopes = trace.slopes
    for k in range(1, lags + 1):
        live = trace.reach[at] >= k
        g = (slopes[np.maximum(at - k + 1, 0)] * g) @ trace.weights["W_hh"]
        g = np.where(live[:, np.newaxis], g, 0.0)
        found[k] = g
    return found


def by_lag(
    trace: NetworkTrace, lags: int, depth: int, *, rng: np.random.Generator | None = None
) -> pd.DataFrame:
    """How strong the gradient is that arrives k steps back, in three ways of computing it.

    One row for every lag k from 0 to `lags`: `steps` (how many of the followed steps have k steps
    behind them since the last reset), `full` (median of the norm of g_k over those; not-a-number
    where there are none), `one_step` and `truncated` (the same up to lag 0 and up to lag
    `depth` - 1, and 0 beyond), `relative` (median of ‖g_k‖/‖g_0‖) and its `low` and `high` tenths.
    `rng` as for `reaching_back`. ValueError for lags or a depth outside 1 to 1000.
    """
    lags, depth = LAGS.check("lags", lags), DEPTH.check("depth", depth)
    at = ends(trace, lags)
    norms = np.linalg.norm(reaching_back(trace, at, lags, rng=rng), axis=-1)
    rows = []
    for k, norm in enumerate(norms):
        reached = trace.reach[at] >= k
        live = reached & (norms[0] > 0.0)
        ratios = norm[live] / norms[0][live]
        low, middle, high = (
            np.quantile(ratios, (0.1, 0.5, 0.9)) if len(ratios) else np.full(3, np.nan)
        )
        full = float(np.median(norm[reached])) if reached.any() else np.nan
        rows.append(
            {
                "lag": k,
                "steps": int(reached.sum()),
                # Not-a-number stays: no gradient reaches so far, so that none is cut off.
                "one_step": full if k == 0 else 0.0 * full,
                "truncated": full if k < depth else 0.0 * full,
                "full": full,
                "relative": middle,
                "low": low,
                "high": high,
            }
        )
    return pd.DataFrame(rows)


def jacobian_products(trace: NetworkTrace, lags: int) -> pd.DataFrame:
    """How far the product of k Jacobians, ∂h_t/∂h_{t-k}, can stretch a vector.

    One row for every lag k from 0 to `lags`: `norm` (median of the largest singular value over
    some steps t, not-a-number where a reset cuts all of them off), its `low` and `high` ends, and
    `limit`, (γ σ)^k.
    """
    lags = LAGS.check("lags", lags)
    hidden = trace.states.shape[1]
    affordable = int(JACOBIAN_WORK / (10.0 * hidden**3 * lags))
    at = ends(trace, lags, most=int(np.clip(affordable, 2, 40)))
    norms = np.full((lags + 1, len(at)), np.nan)
    slopes, w = trace.slopes, trace.weights["W_hh"]
    product = np.broadcast_to(np.eye(hidden), (len(at), hidden, hidden))
    norms[0] = 1.0
    for k in range(1, lags + 1):
        live = trace.reach[at] >= k
        if not live.any():
            break
        product = product @ (slopes[np.maximum(at - k + 1, 0)][:, :, np.newaxis] * w)
        norms[k, live] = _largest_singular_values(product[live])
    reached = [row[~np.isnan(row)] for row in norms]
    limit = stretch_limit(trace)
    return pd.DataFrame(
        {
            "lag": np.arange(lags + 1),
            "steps": [len(row) for row in reached],
            "norm": [np.median(row) if len(row) else np.nan for row in reached],
            "low": [row.min() if len(row) else np.nan for row in reached],
            "high": [row.max() if len(row) else np.nan for row in reached],
            "limit": limit ** np.arange(lags + 1.0),
        }
    )


def _largest_singular_values(products: np.ndarray) -> np.ndarray:
    """Of each (n, n) of a stack; several times faster than a singular value decomposition."""
    # Scaled, since squares of very large or small numbers leave the range of floats.
    scale = np.abs(products).max(axis=(1, 2))
    scaled = products / np.where(scale > 0.0, scale, 1.0)[:, np.newaxis, np.newaxis]
    squares = np.linalg.eigvalsh(scaled @ scaled.transpose(0, 2, 1))[:, -1]
    return scale * np.sqrt(np.maximum(squares, 0.0))


def by_depth(
    trace: NetworkTrace, lags: int, *, rng: np.random.Generator | None = None
) -> pd.DataFrame:
    """What of the gradient for W_ih, W_hh and b_h each depth sees, summed over the steps.

    One row for every depth from 1 to `lags` + 1: `norm`, `share` (its ratio to the norm of the
    deepest), and `cosine` and `angle` (degrees) between the two. `rng` as for `reaching_back`.
    """
    lags = LAGS.check("lags", lags)
    at = ends(trace, lags)
    found = reaching_back(trace, at, lags, rng=rng)
    slopes = trace.slopes
    total, gradients = 0.0, []
    for k in range(lags + 1):
        # Before the first step there is nothing, and g_k is zero.
        then = np.maximum(at - k, 0)
        delta = slopes[then] * found[k]
        seen = np.hstack([trace.inputs[then], trace.contexts[then], np.ones((len(at), 1))])
        total = total + delta.T @ seen
        gradients.append(total.ravel())
    norms = np.array([np.linalg.norm(g) for g in gradients])
    along = np.array([g @ gradients[-1] for g in gradients])
    with np.errstate(invalid="ignore", divide="ignore"):
        cosine = np.clip(along / (norms * norms[-1]), -1.0, 1.0)
        share = norms / norms[-1]
    return pd.DataFrame(
        {
            "depth": np.arange(1, lags + 2),
            "norm": norms,
            "share": share,
            "cosine": cosine,
            "angle": np.degrees(np.arccos(cosine)),
        }
    )


def describe_reach(table: pd.DataFrame, depth: int) -> str:
    """What a table of `by_lag` says, for a reader."""
    relative = table.set_index("lag")["relative"]
    followed = int(table["steps"].iloc[0])
    reached = relative.dropna()
    if len(reached) < 2:
        return "The context is reset before every step, so no error flows back at all."
    gone = reached.index[reached < VANISHED]
    grown = reached.index[reached > 1.0 / VANISHED]
    one = f"One step back the gradient is {_times(reached.iloc[1])} its size at lag 0"
    if len(grown) and (not len(gone) or grown[0] < gone[0]):
        rest = f"{_steps(grown[0])} back it has grown more than 100-fold: it explodes"
    elif len(gone):
        rest = f"{_steps(gone[0])} back less than 1% is left: it vanishes"
    else:
        rest = (
            f"at the longest lag followed, {_steps(reached.index[-1])}, it is "
            f"{_times(reached.iloc[-1])} that size"
        )
    cut = ""
    if len(reached) < len(relative):
        cut = f" Resets end every way back after {_steps(reached.index[-1])}."
    used, other = "lag 0 alone", ""
    if depth > 1:
        used = f"lags 0 to {depth - 1}"
        other = ": to the weights into the hidden layer it gives another gradient, to those into "
        other += "the outputs the same"
    return (
        f"{one}; {rest} (medians over {followed} steps).{cut} The one-step gradient uses lag 0 "
        f"alone, the truncated one {used}{other}."
    )


def _steps(count: int) -> str:
    return "one step" if count == 1 else f"{count} steps"


def _times(ratio: float) -> str:
    """A ratio as a share below 1 and as a multiple above."""
    if ratio < 1e-4:
        return f"{ratio:.1e} of"
    return f"{ratio:.3g} times" if ratio >= 1.0 else f"{100.0 * ratio:.3g}% of"
