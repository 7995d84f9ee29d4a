"""How fast the compiled kernel is: ratios of timings made side by side, beside their targets.

    python benchmarks/kernel.py

Two calls that are compared take turns, so that a busy machine slows both. Where the addresses of
the arrays could matter, the comparison is repeated on fresh arrays. A ratio is printed as its
minimum and median over the repeats; the median is held against the target. Absolute times say
little on another machine, so the few that stand here have generous targets. The exit code is
always 0: this is a report.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import elman
from elman.network import initial_weights
from elman.tasks import training_sequence
from elman.training import compiling
from elman.training.kernel_arguments import new_memory, read_only

ROOT = Path(__file__).resolve().parent.parent

COMPILE = ("gcc", "-O3", "-march=native", "-shared", "-fPIC")

# Both sum the same products, in an order and with fused operations of their own.
SAME_WEIGHTS = 1e-9


class Row(NamedTuple):
    """One line of the report; `met` is None where there is no target."""

    measure: str
    measured: str
    target: str
    met: bool | None


def at_most(measure: str, ratios: np.ndarray, target: float) -> Row:
    measured = f"{ratios.min():.2f} min, {np.median(ratios):.2f} median"
    return Row(measure, measured, f"at most {target:.2f}", bool(np.median(ratios) <= target))


def take_turns(rounds: int, *calls: Callable[[], object]) -> np.ndarray:
    """Seconds (calls, rounds) of the calls, made one after the other in every round."""
    seconds = np.empty((len(calls), rounds))
    for turn in range(rounds):
        for index, call in enumerate(calls):
            began = time.perf_counter()
            call()
            seconds[index, turn] = time.perf_counter() - began
    return seconds


def against_reference(rounds: int = 7) -> Iterator[Row]:
    """The textbook's XOR run, complete, against the reference on the same arrays."""
    experiment = elman.Experiment(task="xor", hidden=4, length=3000, epochs=600)
    run = elman.run(experiment)
    stream = np.vstack([run.inputs, run.targets[-1:]])

    def reference() -> np.ndarray:
        rng = np.random.default_rng(experiment.seed)
        return elman.ElmanNetwork(1, experiment.hidden, 1, rng=rng).train_sequence(stream, 1)

    difference = abs(reference()[0] - run.losses[0])
    compiled, plain = take_turns(rounds, lambda: elman.run(experiment), reference)
    ratios = plain * experiment.epochs / compiled
    yield Row(
        "XOR run, 4 hidden, 3,000 bits, 600 passes: times as fast as train_sequence",
        f"{ratios.min():.0f} min, {np.median(ratios):.0f} median",
        "at least 400",
        bool(np.median(ratios) >= 400),
    )
    yield Row(
        "    difference of the first pass's loss",
        f"{difference:.1g}",
        f"at most {SAME_WEIGHTS:g}",
        bool(difference <= SAME_WEIGHTS),
    )


class Case(NamedTuple):
    """A network and a sequence to time; `target` is the largest ratio to the plain C loop."""

    hidden: int
    inputs: np.ndarray
    targets: np.ndarray
    target: float | None

    @property
    def name(self) -> str:
        return f"{self.inputs.shape[1]}-{self.hidden}-{self.targets.shape[1]}"


def cases() -> list[Case]:
    bits = training_sequence(elman.Experiment(task="xor"))
    letters = training_sequence(elman.Experiment(task="letters"))
    words = np.eye(31)[np.random.default_rng(0).integers(0, 31, 301)]
    return [
        Case(2, bits.inputs, bits.targets, None),
        Case(4, bits.inputs, bits.targets, 1.15),
        Case(20, letters.inputs, letters.targets, None),
        Case(150, read_only(words[:-1]), read_only(words[1:]), 0.6),
    ]


class Arrays:
    """Fresh weights and memory of a case, and calls that train a pass on them in place."""

    def __init__(self, case: Case) -> None:
        n_input, n_output = case.inputs.shape[1], case.targets.shape[1]
        rng = np.random.default_rng(0)
        self.weights = initial_weights(n_input, case.hidden, n_output, rng=rng)
        self._case = case
        self._memory = new_memory(case.hidden, n_output, 1, 0.0)[:3]
        self._squared = np.zeros(1)
        self._before = np.zeros(len(case.inputs), dtype=bool)
        self._before[0] = True
        self._train = compiling.kernel("train_elman")

    def kernel(self) -> None:
        case = self._case
        self._train(
            0, len(case.inputs), case.inputs, case.targets, self._before, 0.0, 0.1, 0,
            *self.weights.values(), *self._memory, self._squared,
        )  # fmt: skip

    def plain_loop(self, library: ctypes.CDLL) -> Callable[[], float]:
        case = self._case
        library.train.restype = ctypes.c_double
        sizes = (*case.inputs.shape, case.hidden, case.targets.shape[1])
        arguments = [
            *map(ctypes.c_long, sizes),
            *map(_pointer, (case.inputs, case.targets)),
            *map(ctypes.c_double, (0.1, 0.0)),
            *map(_pointer, (*self.weights.values(), *self._memory)),
        ]
        return lambda: library.train(*arguments)


def _pointer(array: np.ndarray) -> ctypes.c_void_p:
    return array.ctypes.data_as(ctypes.c_void_p)


def against_c(folder: Path, allocations: int = 25, rounds: int = 20) -> Iterator[Row]:
    """The kernel against the plain loop in C, both on the same arrays."""
    if shutil.which(COMPILE[0]) is None:
        yield Row("kernel / plain loop in C", "gcc is not installed: left out", "", None)
        return
    file = folder / "plain_loop.so"
    source = ROOT / "benchmarks" / "plain_loop.c"
    command = [*COMPILE, str(source), "-o", str(file), "-lm"]
    compiling = subprocess.run(command, capture_output=True, text=True)
    if compiling.returncode:
        reason = (compiling.stderr.strip().splitlines() or ["no reason given"])[0]
        yield Row("kernel / plain loop in C", f"gcc failed: {reason}", "", None)
        return
    library = ctypes.CDLL(str(file))
    spacing = np.random.default_rng(1)
    for case in cases():
        ratios, kept = [], []
        for _ in range(allocations):
            # Holding on to the old arrays, and a gap between, gives the next ones new addresses.
            kept.append((arrays := Arrays(case), bytes(int(spacing.integers(1, 512)))))
            kernel, plain = take_turns(rounds, arrays.kernel, arrays.plain_loop(library))
            ratios.append(kernel.min() / plain.min())
        measure = f"kernel / plain loop in C, {case.name}"
        row = at_most(measure, np.array(ratios), case.target or np.inf)
        yield row if case.target else row._replace(target="", met=None)

        ours, theirs = Arrays(case), Arrays(case)
        take_turns(3, ours.kernel, theirs.plain_loop(library))
        difference = max(
            np.abs(ours.weights[name] - theirs.weights[name]).max() for name in ours.weights
        )
        yield Row(
            "    largest difference of a weight after 3 passes",
            f"{difference:.1g}",
            f"at most {SAME_WEIGHTS:g}",
            bool(difference <= SAME_WEIGHTS),
        )


def linearity(rounds: int = 7) -> Iterator[Row]:
    """Time per step of whole runs when they get longer."""
    base = elman.Experiment(task="xor", length=3000, epochs=300)
    longer = {
        "epochs": base.replace(epochs=2 * base.epochs),
        "length": base.replace(length=2 * base.length),
    }
    runs = [lambda e=e: elman.run(e) for e in (base, *longer.values())]
    seconds = take_turns(rounds, *runs)
    for name, doubled in zip(longer, seconds[1:], strict=True):
        measure = f"time per step at twice the {name} / at 300 epochs, length 3,000"
        yield at_most(measure, doubled / seconds[0] / 2, 1.1)


def memory() -> Iterator[Row]:
    """What a run holds when its epochs grow tenfold."""
    held, peaks = [], []
    for epochs in (600, 6000):
        experiment = elman.Experiment(task="xor", length=300, epochs=epochs)
        tracemalloc.start()
        run = elman.run(experiment)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        arrays = [a for s in run.snapshots for a in (*s.weights.values(), s.context)]
        held.append(sum(a.nbytes for a in arrays))
        count = len(run.snapshots)
        measured = f"{count} snapshots, {held[-1]:,} bytes"
        target = "at most 64 snapshots"
        yield Row(f"snapshots of 1-4-1 after {epochs:,} epochs", measured, target, count <= 64)
    # The losses are 8 bytes an epoch, twice while they are copied; snapshots differ by a few.
    growth = (peaks[1] - peaks[0] - (held[1] - held[0])) / (6000 - 600)
    yield Row(
        "    growth of a run's peak memory beside its snapshots",
        f"{growth:.0f} bytes an epoch",
        "at most 24 bytes",
        growth <= 24,
    )


FIRST_CALLS = """
import json, time
def seconds(do):
    began = time.perf_counter()
    do()
    return time.perf_counter() - began
took = {"elman": seconds(lambda: __import__("elman"))}
from elman.training import compiling
took["numba"] = seconds(compiling.available)
for name in compiling.KERNELS:
    took[name] = seconds(lambda: compiling.kernel(name))
print(json.dumps(took))
"""


def first_calls(folder: Path, processes: int = 5) -> Iterator[Row]:
    """What a fresh process waits for, before and after the kernels are on disk."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(folder), "PYTHONPATH": str(ROOT)}

    def process() -> dict[str, float]:
        command = [sys.executable, "-c", FIRST_CALLS]
        ended = subprocess.run(command, env=environment, check=True, capture_output=True)
        return json.loads(ended.stdout)

    def files() -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in folder.rglob("*.kernel")}

    empty, first = process(), files()
    filled, later = [process() for _ in range(processes)], files()
    middle = {name: float(np.median([one[name] for one in filled])) for name in empty}
    yield Row("import elman", f"{middle['elman']:.2f} s median", "", None)
    yield Row("    import Numba", f"{middle['numba']:.2f} s median", "", None)
    for name in compiling.KERNELS:
        measured = f"{empty[name]:.2f} s, {middle[name]:.3f} s median"
        yield Row(f"    {name}: compiled, loaded from disk", measured, "", None)
    yield Row(
        "functions compiled by a first process, by later ones",
        f"{len(first)}, {len(later.items() - first.items())}",
        f"{len(compiling.KERNELS)}, 0",
        len(first) == len(compiling.KERNELS) and later == first,
    )


def report(rows: Iterator[Row]) -> None:
    """Print rows as they come, for a reader who watches."""
    for row in rows:
        verdict = {True: "met", False: "MISSED", None: ""}[row.met]
        print(f"{row.measure:<78} {row.measured:<30} {row.target:<22} {verdict}", flush=True)


def main() -> None:
    if not compiling.available():
        print("Numba is not installed, so there is no compiled kernel to time.")
        return
    print(f"{'measure':<78} {'measured':<30} {'target':<22}")
    with tempfile.TemporaryDirectory() as folder:
        report(against_reference())
        report(against_c(Path(folder)))
        report(linearity())
        report(memory())
        report(first_calls(Path(folder)))


if __name__ == "__main__":
    main()
