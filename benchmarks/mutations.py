"""Do the tests notice when the library is wrong? Small errors, put in one at a time.

    python benchmarks/mutations.py            all of them: some minutes
    python benchmarks/mutations.py lanes      those whose name or file has this in it

Each mutation replaces a text of one file in a copy of the project and runs the quick tests that
should notice. It is caught if one of them fails. The same tests must pass in the copy as it is,
and the text must be there exactly once, so that a mutation never counts as caught because the
library or the tests have moved on. The exit code is 1 if one was not caught, 2 if one could not
be tried.

`--tree` takes another checkout, such as an older one; `--names` a JSON file that maps the names
of files here to their names there.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("elman", "tests", "pages", "app_pages", ".streamlit", "pyproject.toml", "README.md")
QUICK = "not slow and not page and not browser"


class Mutation(NamedTuple):
    """`old` becomes `new` in `file`; at least one test of the modules `tests` should fail."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def _mutation(name: str, file: str, old: str, new: str, *tests: str) -> Mutation:
    return Mutation(name, f"elman/{file}.py", old, new, tuple(f"tests/test_{t}.py" for t in tests))


MUTATIONS = (
    _mutation(
        "wrong derivative of tanh", "network",
        'return 1.0 - h * h if name == "tanh"', 'return 1.0 - h if name == "tanh"',
        "network",
    ),
    _mutation(
        "reset forgets the start value", "network",
        "np.full(self.n_hidden, self.context_start)", "np.zeros(self.n_hidden)",
        "network",
    ),
    _mutation(
        "sign of a past step's gradient", "network",
        'gradient["W_hh"] -= np.outer(past_delta, past_context)',
        'gradient["W_hh"] += np.outer(past_delta, past_context)',
        "network",
    ),
    _mutation(
        "context overwritten before it is used", "training/kernels",
        "W_hh[i, j] += change * context[0, j]", "W_hh[i, j] += change * hidden[0, j]",
        "kernels",
    ),
    _mutation(
        "momentum not applied to W_ho", "training/kernels",
        "                V_ho[o, i] *= momentum\n", "                V_ho[o, i] = 0.0\n",
        "kernels",
    ),
    _mutation(
        "depth off by one", "training/kernels",
        "lags = min(depth, since_reset + 1)", "lags = max(1, min(depth, since_reset))",
        "kernels",
    ),
    _mutation(
        "output bias not updated in lanes", "training/lanes",
        "store(b_o, o, load(b_o, o) + step)", "store(b_o, o, load(b_o, o))",
        "batches",
    ),
    _mutation(
        "last step's change of W_hh lost in lanes", "training/lanes",
        "            _renewed(W_hh, i * n_hidden + j, late, used, j)\n",
        "            _renewed(W_hh, i * n_hidden + j, fill(0.0), used, j)\n",
        "batches",
    ),
    _mutation(
        "lanes never reset", "training/batches",
        "self._lanes.resets[: len(stage.resets), lane] = stage.resets",
        "self._lanes.resets[: len(stage.resets), lane] = False",
        "batches",
    ),
    _mutation(
        "loss of a shorter lane over the longest", "training/batches",
        "losses = self._ended_squared / self._sizes",
        "losses = self._ended_squared / self._sizes.max()",
        "batches",
    ),
    _mutation(
        "snapshot at the wrong epoch", "training/loop",
        "if s.epoch <= epoch]", "if s.epoch < epoch]",
        "training",
    ),
    _mutation(
        "velocity lost on going on", "training/trainers",
        "            _overwrite(self._velocity, snapshot.velocity)\n", "            pass\n",
        "resume",
    ),
    _mutation(
        "windows begin one group late", "training/resets",
        "np.concatenate([[0], np.cumsum(turns)])", "np.cumsum(turns)",
        "resets",
    ),
    _mutation(
        "wrap-around lost", "tasks/sequence",
        "np.roll(inputs, -1, axis=0)", "np.concatenate([inputs[1:], inputs[-1:]])",
        "tasks",
    ),
    _mutation(
        "wrong floor of letters", "tasks/letters",
        "np.where(consonant_next, 2 / 3, 0.0)", "np.where(consonant_next, 1 / 3, 0.0)",
        "tasks",
    ),
    _mutation(
        "order of the n-gram off by one", "tasks/ngrams",
        "range(1, min(n, len(training) + 1))", "range(1, min(n + 1, len(training) + 1))",
        "ngrams",
    ),
    _mutation(
        "a sentence goes on after its end", "tasks/automaton",
        "if step == 0 or s != self.start}", "if step >= 0}",
        "automaton", "sentences",
    ),
    _mutation(
        "tested on what was trained on", "tasks/own",
        "steps, start=training_length(length, **options)", "steps, start=0",
        "own",
    ),
    _mutation(
        "padding counted", "layers/recurrent",
        "a[self.padding] = 0.0", "a[self.padding] *= 1.0",
        "recurrent",
    ),
    _mutation(
        "scale of dropout", "layers/recurrent",
        "(rng.random(shape) >= rate) / (1.0 - rate)", "(rng.random(shape) >= rate) * 1.0",
        "recurrent",
    ),
    _mutation(
        "wrong gate in the LSTM", "layers/gated",
        "np.multiply(dc, i, out=dg)", "np.multiply(dc, f, out=dg)",
        "recurrent",
    ),
    _mutation(
        "factor of a loss's gradient", "layers/losses",
        "2.0 / error.size * error", "1.0 / error.size * error",
        "losses",
    ),
    _mutation(
        "bias correction of Adam", "layers/optimizers",
        "rate = learning_rate / (1.0 - beta_1**step)", "rate = learning_rate",
        "optimizers",
    ),
    _mutation(
        "last batch weighed as a whole one", "layers/sequential",
        "total += value * counts[rows].sum()", "total += value * batch_size",
        "sequential",
    ),
    _mutation(
        "seed of the sequence ignored", "sweeps/runs",
        "data_seed=(experiment.data_seed + k) % size", "data_seed=experiment.data_seed",
        "sweeps",
    ),
    _mutation(
        "half a row kept", "sweeps/file",
        "        self.dropped = True\n        os.truncate(self.path, size)\n",
        "        self.dropped = True\n",
        "cli_sweep",
    ),
    _mutation(
        "an answer of 0.5 rounds down", "analysis/errors",
        "outputs >= 0.5) != (", "outputs > 0.5) != (",
        "errors",
    ),
    _mutation(
        "Jacobian not transposed", "analysis/gradients",
        '* g) @ trace.weights["W_hh"]', '* g) @ trace.weights["W_hh"].T',
        "gradients",
    ),
    _mutation(
        "ties count in full", "analysis/separation",
        'np.searchsorted(\n                others, nearer, "right"\n            )',
        'np.searchsorted(\n                others, nearer, "left"\n            )',
        "separation",
    ),
    _mutation(
        "epoch of the wrong half of runs", "analysis/outcomes",
        "reached[(len(reached) - 1) // 2]", "reached[len(reached) // 2]",
        "sweeps",
    ),
    _mutation(
        "loss not in units of the sequence", "studies/numbers",
        "history.losses * scaling.scale**2", "history.losses * scaling.scale",
        "numbers",
    ),
    _mutation(
        "bias on another gate", "studies/recall",
        "[hidden : 2 * hidden] += test.gate_bias", "[: hidden] += test.gate_bias",
        "recall",
    ),
    _mutation(
        "another sequence accepted", "saving",
        "if digest != _digest(sequence):", "if not digest:",
        "saving",
    ),
    _mutation(
        "a new task keeps the old sizes", "experiment",
        'dict.fromkeys(TaskDefaults._fields) | {"branch": ""}', '{"branch": ""}',
        "experiment",
    ),
)  # fmt: skip

# Numba's cache knows a function by its file's name, time and size; a mutated kernel gets a cache
# of its own, so that nothing compiled before can stand in for it.
COMPILED = ("elman/training/kernels.py", "elman/training/lanes.py")


class Verdict(NamedTuple):
    """What became of a mutation: caught (by which test), not caught or not tried (why)."""

    mutation: Mutation
    result: str
    reason: str


class Copy:
    """A copy of a checkout in `folder`, in which one file at a time is changed and tests are run.

    `names` maps names of files to those that they have in this checkout.
    """

    def __init__(self, tree: Path, folder: Path, names: Mapping[str, str]) -> None:
        self.path, self._caches, self._names = folder / "tree", folder / "numba", names
        ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
        for name in COPIED:
            if (tree / name).is_dir():
                shutil.copytree(tree / name, self.path / name, ignore=ignored)
            elif (tree / name).exists():
                shutil.copy2(tree / name, self.path / name)

    @contextlib.contextmanager
    def mutated(self, mutation: Mutation) -> Iterator[None]:
        """The copy with this mutation; ValueError if its text is not there just once."""
        file = self.path / self._names.get(mutation.file, mutation.file)
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        if text.count(mutation.old) != 1:
            raise ValueError(f"its text stands {text.count(mutation.old)} times in {file.name}")
        times = file.stat()
        file.write_text(text.replace(mutation.old, mutation.new), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(text, encoding="utf-8")
            # What was compiled from this file still counts.
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))

    def failing(self, tests: tuple[str, ...], cache: str) -> str | None:
        """The first failing test of these files; None if all pass, ValueError if they do not run.

        What Numba compiles is kept under the name `cache`.
        """
        files = [self._names.get(test, test) for test in tests]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider",
             "-m", QUICK, *files],
            cwd=self.path,
            env=os.environ
            | {"NUMBA_CACHE_DIR": str(self._caches / cache), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )  # fmt: skip
        if done.returncode == 0:
            return None
        failed = re.search(r"^FAILED tests/(\S+)", done.stdout, re.MULTILINE)
        if done.returncode != 1 or failed is None:
            raise ValueError("the tests do not run: " + "".join(done.stdout.splitlines()[-1:]))
        return failed[1]


def tried(copy: Copy, mutation: Mutation, number: int) -> Verdict:
    """Put the mutation in and see whether its tests notice."""
    try:
        with copy.mutated(mutation):
            cache = str(number) if mutation.file in COMPILED else "shared"
            test = copy.failing(mutation.tests, cache)
    except ValueError as error:
        return Verdict(mutation, "not tried", str(error))
    return Verdict(mutation, "caught" if test else "not caught", test or "")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("some", nargs="?", default="", help="part of a name or a file")
    parser.add_argument("--tree", type=Path, default=ROOT, help="another checkout")
    parser.add_argument("--names", type=Path, help="JSON: name of a file here -> its name there")
    asked = parser.parse_args()
    names = json.loads(asked.names.read_text(encoding="utf-8")) if asked.names else {}
    chosen = [m for m in MUTATIONS if asked.some in m.name or asked.some in m.file]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(asked.tree.resolve(), Path(folder), names)
        tests = tuple(dict.fromkeys(test for mutation in chosen for test in mutation.tests))
        print(f"{len(chosen)} mutations; first the tests of the copy as it is ...", flush=True)
        if failed := copy.failing(tests, "shared"):
            print(f"Not tried: {failed} fails already.")
            return 2
        for number, mutation in enumerate(chosen):
            found = tried(copy, mutation, number)
            results.append(found.result)
            where = mutation.file.removeprefix("elman/").removesuffix(".py")
            print(f"{found.result:<10}  {mutation.name} ({where})  {found.reason}", flush=True)
    print(", ".join(f"{results.count(result)} {result}" for result in dict.fromkeys(results)))
    return 2 if "not tried" in results else int("not caught" in results)


if __name__ == "__main__":
    sys.exit(main())
