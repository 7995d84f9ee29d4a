"""The numbers of labs that look inside: contexts, single units, trees, layers and forecasts."""

from __future__ import annotations

import numpy as np

from elman.analysis.learned import ENOUGH
from elman.analysis.replay import replay
from elman.analysis.separation import Classes, run_scores, sentence_groupings
from elman.layers import RNN
from elman.studies.numbers import NumberExperiment
from elman.studies.numbers import run as run_numbers
from elman.tasks import TASKS, new_sequence
from elman.training import Run
from elman.training.trainers import reference_network, set_state

# Bits so many steps back are looked for in the context.
BACK = (1, 2, 3, 4)
# Steps over which contexts are compared with hidden layers.
COMPARED = 300

# Features of the letters that one unit may tell; the others are alike for all letters, or the
# same as, or the opposite of, one of these.
LETTER_FEATURES = ("Vowel", "High", "Back")


def told_by_sum(states: np.ndarray, bits: np.ndarray) -> float:
    """Share of `bits` (steps,) that a weighted sum of all units of `states` (steps, hidden) tells.

    The weights are fitted to the first half by least squares and tested on the second.
    """
    half = len(states) // 2
    rows = np.column_stack([states, np.ones(len(states))])
    weights = np.linalg.lstsq(rows[:half], 2.0 * bits[:half] - 1.0, rcond=None)[0]
    return float(((rows[half:] @ weights > 0) == (bits[half:] > 0.5)).mean())


def told_by_unit(unit: np.ndarray, bits: np.ndarray) -> float:
    """Share of `bits` (steps,) that one unit (steps,) tells at best by being above some level, or
    below it."""
    # Levels lie between different activations, so equal ones are counted together.
    levels, place = np.unique(unit, return_inverse=True)
    ones = np.bincount(place, weights=bits, minlength=len(levels))
    zeros = np.bincount(place, weights=1.0 - bits, minlength=len(levels))
    below = np.append(0.0, np.cumsum(zeros - ones))
    right = (ones.sum() + below) / len(bits)
    return float(max(right.max(), 1.0 - right.min()))


def held_in_context(run: Run) -> dict[str, float]:
    """How far the context of a step is from the hidden layer of the step before and of the same
    step (largest differences), and what share of the bits some steps back the context tells."""
    new = new_sequence(run.experiment)
    network = reference_network(run.experiment, new)
    set_state(network, run.snapshots[-1], new)
    network.reset_context()
    contexts, hidden = [], []
    for x in new.inputs[:COMPARED]:
        contexts.append(network.context.copy())
        hidden.append(network.forward(x)[1])
        network.update_context(hidden[-1])
    before, now = np.array(contexts[1:]), np.array(hidden)
    values = {
        "from the step before": float(np.abs(before - now[:-1]).max()),
        "from the same step": float(np.abs(before - now[1:]).max()),
    }
    states, bits, last = replay(run, new).states, new.symbols.astype(float), max(BACK)
    for back in BACK:
        # The context of step t is the state of step t - 1.
        values[f"{back} back"] = told_by_sum(
            states[last - 1 : -1], bits[last - back : len(bits) - back]
        )
    return values


def telling_units(run: Run) -> dict[str, float]:
    """How many hidden units tell a feature of the letter just read, each by itself, for each of
    `LETTER_FEATURES`; the best one's share; the share of a weighted sum of all; the units."""
    new, task = new_sequence(run.experiment), TASKS["letters"]
    states = replay(run, new).states
    values = {"units": float(states.shape[1])}
    for name in LETTER_FEATURES:
        bits = task.codes[new.symbols, task.features.index(name)]
        shares = np.array([told_by_unit(unit, bits) for unit in states.T])
        values[name] = float((shares > ENOUGH).sum())
        values[f"best {name}"] = float(shares.max())
        values[f"all {name}"] = told_by_sum(states, bits)
    return values


def tree_scores(run: Run) -> dict[str, float]:
    """How often two of a class join first in the tree of mean vectors, before and after training:
    consonants and vowels of the letters, the branches of Figure 7 of the sentences."""
    task = TASKS[run.experiment.task]
    if task.name == "letters":
        vowel = task.codes[:, task.features.index("Vowel")]
        classes: Classes = {
            letter: "vowel" if is_vowel else "consonant"
            for letter, is_vowel in zip(task.symbols, vowel, strict=True)
        }
    else:
        classes = sentence_groupings()["branch of Figure 7"]
    scores = run_scores(run, {"classes": classes}).set_index("network")["cophenetic_auc"]
    return {name: float(scores[name]) for name in ("untrained", "trained")}


BATCH, STEPS, FEATURES, UNITS, LAYERS = 4, 7, 3, 5, 2


def last_states(condition: str, seed: int) -> dict[str, float]:
    """The shape of h_n of a layer with `batch_first`, and largest differences: between the last
    step of its output and h_n, with sequences of full and of different length; and between its
    output and that of the same layer without `batch_first`, its axes exchanged."""

    def layer(batch_first: bool) -> RNN:
        rng = np.random.default_rng(seed)
        return RNN(FEATURES, UNITS, num_layers=LAYERS, batch_first=batch_first, rng=rng)

    rng = np.random.default_rng([seed, 1])
    x = rng.normal(size=(BATCH, STEPS, FEATURES))
    lengths = np.append(STEPS, rng.integers(1, STEPS, size=BATCH - 1))
    output, h_n = layer(True)(x)
    padded, h_n_padded = layer(True)(x, lengths=lengths)
    assert isinstance(h_n, np.ndarray)
    other, _ = layer(False)(x.swapaxes(0, 1))
    return {
        **{f"axis {place}": float(size) for place, size in enumerate(h_n.shape)},
        "full": float(np.abs(output[:, -1] - h_n[-1]).max()),
        "padded": float(np.abs(padded[:, -1] - h_n_padded[-1]).max()),
        "exchanged": float(np.abs(other.swapaxes(0, 1) - output).max()),
    }


# The sequence that is learned, and windows with what comes after them: known, next and far.
LEARNED = tuple(map(float, range(10)))
WINDOWS = {"inside": (4, 5, 6), "next": (7, 8, 9), "far": (17, 18, 19)}


def forecasts(condition: str, seed: int) -> dict[str, float]:
    """What a network that learned 0 to 9 says after each of `WINDOWS`, and what is right; the
    condition is the activation of its hidden units."""
    trained = run_numbers(NumberExperiment(sequence=LEARNED, activation=condition, seed=seed))
    values = {name: trained.next_after(window) for name, window in WINDOWS.items()}
    return values | {f"right {name}": window[-1] + 1.0 for name, window in WINDOWS.items()}
