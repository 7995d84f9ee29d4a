"""How long it takes to read a finite machine off 20,000 hidden states.

    python benchmarks/automaton.py

For each task the machines of the shipped textbook run, with the pass that computes its states: of
the trained network and of the untrained one, its control. Printed are minimum and median over the
rounds, beside the time of the passes alone, since seconds say little on another machine; the median
of both networks together is held against two seconds for each. The exit code is always 0: this is a
report.
"""

from __future__ import annotations

import os

# Read when NumPy and SciPy load their libraries.
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["OMP_NUM_THREADS"] = "1"

from collections.abc import Iterator

import numpy as np
from kernel import Row, report, take_turns

from elman import shipped
from elman.analysis import learned_automaton, machine_clusters
from elman.tasks import preset

ROUNDS = 5
MOST_SECONDS = 2.0
TASKS = ("xor", "letters", "reber", "words", "sentences")


def times() -> Iterator[Row]:
    for task in TASKS:
        run = shipped.run_of(preset(task, "textbook"))
        assert run is not None
        long, _ = learned_automaton.sequences(run)

        def reading(run=run, long=long) -> None:
            for epoch in (run.epochs_done, 0):
                machine_clusters.read(run.at(epoch), run, "as trained", long)

        def all_of_it(run=run) -> None:
            learned_automaton.automata(run)

        all_of_it()
        passes, whole = take_turns(ROUNDS, reading, all_of_it) / 2
        median = np.median(whole)
        yield Row(
            f"{task}: a machine of {len(long):,} states of {run.experiment.hidden} units",
            f"{whole.min():.2f} min, {median:.2f} s (the pass {np.median(passes):.2f})",
            f"at most {MOST_SECONDS:.0f} s",
            bool(median <= MOST_SECONDS),
        )


if __name__ == "__main__":
    report(times())
