"""How often claims in words are luck: of the reader's own text, and of compared settings.

python benchmarks/false_alarms.py
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elman import Experiment, Run
from elman.analysis.errors import squared_errors
from elman.analysis.margins import shares_differ
from elman.analysis.replay import replay
from elman.analysis.verdicts import beaten
from elman.sweeps import sweep
from elman.tasks import new_sequence, ngrams

CHARACTERS = 1000
COIN_TEXTS, OTHER_TEXTS = 200, 20
# Comparisons of settings that do not differ, for each number of settings and of runs.
COMPARISONS = 4000
SETTINGS, RUNS, CHANCES = (2, 3, 4, 6, 8, 10, 12, 16), (5, 10, 20, 40), (0.1, 0.3, 0.5, 0.85)


def coin_text(seed: int, characters: int = CHARACTERS) -> str:
    """Fair coin flips."""
    return "".join(np.random.default_rng(seed).choice(["H", "T"], size=characters))


def pattern_text(seed: int, characters: int = CHARACTERS) -> str:
    """One pattern of five again and again, in which the last symbol alone decides little."""
    pattern = "aabab"
    start = seed % len(pattern)
    return (pattern * characters)[start : start + characters]


def english_text(seed: int, characters: int = CHARACTERS) -> str:
    """A part of this project's documents: letters and single spaces alone."""
    folder = Path(__file__).resolve().parents[1]
    names = ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md")
    documents = " ".join((folder / name).read_text(encoding="utf-8") for name in names)
    kept = "".join(letter if "a" <= letter <= "z" else " " for letter in documents.lower())
    words = " ".join(kept.split())
    start = seed * 977 % (len(words) - characters)
    return words[start : start + characters]


def claimed(run: Run) -> dict[str, float]:
    """How many n-grams the verdict says that a network on its own text does better than."""
    training, tested = run.sequence, replay(run, new_sequence(run.experiment))
    squared = squared_errors(tested).mean(axis=1)
    guesses = {
        n: ngrams.squared_errors(n, training, tested.sequence).mean(axis=1) for n in (1, 2, 3)
    }
    without = sum(squared.mean() < errors.mean() for errors in guesses.values())
    return {"claims": beaten(squared, guesses), "smaller": float(without > 0)}


def claims(make: Callable[[int], str], texts: int, **settings: int) -> np.ndarray:
    """The claims for each of some texts (texts, 2): with the margin, and by any difference."""
    experiments = [
        Experiment(task="own", text=make(seed), seed=seed, **settings) for seed in range(texts)
    ]
    found = sweep(experiments, claimed)
    return np.array([[one.values["claims"], one.values["smaller"]] for one in found])


def false_alarms(settings: int, runs: int, chance: float, comparisons: int, seed: int = 0) -> float:
    """How often best and worst of equal settings are said to differ by more than luck."""
    rng = np.random.default_rng(seed)
    counts = rng.binomial(runs, chance, size=(comparisons, settings))
    pairs, times = np.unique(
        np.stack([counts.max(axis=1), counts.min(axis=1)], axis=1), axis=0, return_counts=True
    )
    said = [
        shares_differ((int(best), runs), (int(worst), runs), chosen_from=settings)
        for best, worst in pairs
    ]
    return float((times * said).sum() / comparisons)


def main() -> None:
    # With 500 passes a network learns 800 characters of English by heart, and does worse than a
    # guess on others.
    kinds = (
        ("coin flips", coin_text, COIN_TEXTS, 500),
        ("period 5", pattern_text, OTHER_TEXTS, 500),
        ("English", english_text, OTHER_TEXTS, 500),
        ("English", english_text, OTHER_TEXTS, 100),
    )
    print(f"Own text of {CHARACTERS:,} characters: texts in which the network is said to do better")
    print(f"{'':<12}{'passes':>8}{'texts':>8}{'than memoryless':>18}{'than bigram':>14}{'any':>8}")
    for name, make, texts, epochs in kinds:
        found = claims(make, texts, epochs=epochs)
        counted = int(found[:, 1].sum())
        memoryless, bigram = ((found[:, 0] >= n).sum() for n in (1, 2))
        print(f"{name:<12}{epochs:>8}{texts:>8}{memoryless:>18}{bigram:>14}{counted:>8}")
    print("\nEqual settings said to differ by more than luck, the worst of all chances of success")
    print(f"{'settings':<12}" + "".join(f"{f'{runs} runs':>12}" for runs in RUNS))
    for settings in SETTINGS:
        rates = [
            max(false_alarms(settings, runs, chance, COMPARISONS) for chance in CHANCES)
            for runs in RUNS
        ]
        print(f"{settings:<12}" + "".join(f"{rate:>12.1%}" for rate in rates))


if __name__ == "__main__":
    main()
