"""The paper's four simulations at full size, one after the other, with a warm compile cache.

    python benchmarks/simulations.py

Prints the seconds of each, their sum beside the target of 5 seconds on a two-core machine, and
the ratio of the total to the same number of steps by the NumPy reference (timed on a few).
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elman import tasks
from elman.training import run
from elman.training.loop import training_sequence
from elman.training.trainers import ReferenceTrainer

SIMULATIONS = ("xor", "letters", "words", "sentences")
ROUNDS = 3
TARGET_SECONDS = 5.0
REFERENCE_STEPS = 400


def reference_seconds(task: str) -> float:
    """How long the reference would need for the whole run, from its first few steps."""
    experiment = tasks.preset(task, "paper")
    sequence = training_sequence(experiment)
    trainer = ReferenceTrainer(experiment, sequence)
    began = time.perf_counter()
    trainer.train(0, REFERENCE_STEPS, sequence.group_starts)
    elapsed = time.perf_counter() - began
    return elapsed / REFERENCE_STEPS * len(sequence) * experiment.epochs


def main() -> None:
    """Run and print."""
    for task in SIMULATIONS:
        # Loads the kernels from the disk cache, or fills it.
        run(tasks.preset(task, "paper").replace(length=600, epochs=1))
    rounds: dict[str, list[float]] = {task: [] for task in SIMULATIONS}
    for _ in range(ROUNDS):
        for task in SIMULATIONS:
            began = time.perf_counter()
            run(tasks.preset(task, "paper"))
            rounds[task].append(time.perf_counter() - began)
    reference = 0.0
    for task, seconds in rounds.items():
        estimate = reference_seconds(task)
        reference += estimate
        middle = statistics.median(seconds)
        print(f"{task:10} {middle:7.2f} s, {estimate / middle:6.0f} times as fast as the reference")
    totals = [sum(seconds) for seconds in zip(*rounds.values(), strict=True)]
    middle = statistics.median(totals)
    print(f"all four   {middle:7.2f} s (target {TARGET_SECONDS:.0f}), lowest {min(totals):.2f} s,")
    print(f"           {reference / middle:.0f} times as fast as the reference")


if __name__ == "__main__":
    main()
