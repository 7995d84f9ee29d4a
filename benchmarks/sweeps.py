"""How much a sweep gains: runs side by side against single runs, two workers against one.

    python benchmarks/sweeps.py

What is compared takes turns, in pairs; a ratio is printed as its minimum and median over the
pairs, and the median is held against the target. On one thread the processor's time of that
thread is taken, which leaves out what other programs do meanwhile; with two workers it must be
the clock, which says something only on two idle cores. The exit code is always 0.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from kernel import Row, at_most, report

import elman
from elman.analysis.outcomes import scores
from elman.sweeps import sweep, variations
from elman.training import compiling
from elman.training.batches import blocks, run_batch

SEEDS = 32

# One in each width of network, with fewer passes or steps than by default; the last is the
# paper's largest.
CASES = {
    "XOR 1-4-1": elman.Experiment(task="xor", epochs=100),
    "letters 6-20-6": elman.Experiment(task="letters", epochs=20),
    "Reber 7-10-7": elman.Experiment(task="reber", epochs=10),
    "own text": elman.Experiment(task="own", epochs=150),
    "sentences 31-150-31": elman.Experiment(task="sentences", length=2000),
}


def seconds(clock: Callable[[], float], call: Callable[[], object]) -> float:
    began = clock()
    call()
    return clock() - began


def side_by_side(pairs: int = 5) -> Iterator[Row]:
    """A sweep's blocks of 32 seeds against 32 single runs, on one thread."""
    for name, base in CASES.items():
        experiments = variations(base, {}, SEEDS)
        together = [[experiments[index] for index in block] for block in blocks(experiments)]
        found = []
        for pair in range(pairs + 1):
            batched = seconds(time.thread_time, lambda b=together: [run_batch(e) for e in b])
            single = seconds(time.thread_time, lambda e=experiments: [elman.run(x) for x in e])
            if pair:  # The first loads the compiled functions.
                found.append(batched / single)
        yield at_most(f"{SEEDS} runs side by side / singly, {name}", np.array(found), 0.6)
        alone, ours = elman.run(experiments[0]), run_batch(together[0])[0]
        difference = max(np.abs(alone.final[k] - w).max() for k, w in ours.final.items())
        yield Row("    largest difference of a weight", f"{difference:.1g}", "", None)


def workers(pairs: int = 7) -> Iterator[Row]:
    """Two workers against one, with all that a sweep does, on two cores."""
    if (os.cpu_count() or 1) < 2:
        yield Row("two workers / one", "one processor only: left out", "", None)
        return
    for name, epochs in (("XOR 1-4-1", 600), ("letters 6-20-6", 60)):
        base = CASES[name].replace(epochs=epochs)
        experiments = variations(base, {}, 2 * SEEDS)
        found = []
        for _ in range(pairs):
            one, two = (
                seconds(time.perf_counter, lambda e=experiments, n=n: sweep(e, scores, workers=n))
                for n in (1, 2)
            )
            found.append(one / two)
        yield Row(
            f"{2 * SEEDS} runs, two workers: times as fast as one, {name}",
            f"{max(found):.2f} max, {np.median(found):.2f} median",
            "at least 1.80",
            bool(np.median(found) >= 1.8),
        )


def main() -> None:
    if not compiling.available():
        print("Numba is not installed, so there is no compiled kernel to time.")
        return
    print(f"{'measure':<78} {'measured':<30} {'target':<22}")
    report(side_by_side())
    report(workers())


if __name__ == "__main__":
    main()
