"""Fingerprints of many runs, as JSON: alone, in lanes among neighbours, and of every preset.

    python tests/bits.py table      the table of tests/test_bits.py, alone and in lanes
    python tests/bits.py presets    writes tests/data/preset_fingerprints.json anew

The second is a decision: it changes what links mean that people have sent each other.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from elman import Experiment, run
from elman.experiment import ACTIVATIONS
from elman.sweeps import with_seed
from elman.tasks import TASKS, preset
from elman.training.batches import run_batch, shape_of

PRESETS = Path(__file__).parent / "data" / "preset_fingerprints.json"

# Widths on both sides of every threshold: of a vector, two vectors, a block that is worth it.
WIDTHS = (1, 7, 8, 9, 11, 12, 15, 16, 17, 31, 150, 160, 161)


def table():
    """At least forty experiments that share no path through the kernels, by name."""
    short = {"length": 120, "epochs": 4, "weight_scale": 0.5}
    wild = {"activation": "relu", "learning_rate": 10.0, "reset": "never"}
    rows = [{"task": task, "activation": name} for task in TASKS for name in ACTIVATIONS]
    rows += [{"hidden": hidden, "activation": "tanh"} for hidden in WIDTHS]
    rows += [
        {"depth": depth, "momentum": momentum, "hidden": hidden, "reset": reset, "reset_every": n}
        for depth, momentum, hidden, reset, n in (
            (1, 0.9, 4, "epoch", None), (2, 0.0, 7, "never", None), (5, 0.5, 8, "every", 7),
            (9, 0.0, 17, "group", None), (30, 0.9, 20, "growing", None),
            (1, 0.5, 150, "step", None),
        )
    ]  # fmt: skip
    rows += [
        {"task": "words", "codes": "random", "weight_init": "uniform", "weight_scale": 3.0},
        {"task": "reber", "grammar": "embedded", "context_start": 0.5, "hidden": 15},
        {"task": "own", "text": "to be or not to be that is the question", "boundary": "space"},
        {"task": "letters", "reset": "growing", "seed": 2**32 - 1, "data_seed": 7},
        # Beyond all bounds after an epoch or two.
        {"activation": "relu", "learning_rate": 100.0, "length": 3000, "epochs": 10},
        wild | {"task": "letters", "hidden": 20, "weight_scale": 10.0},
        wild | {"momentum": 0.99, "depth": 9, "weight_scale": 5.0},
    ]
    experiments = [Experiment(**short | row) for row in rows]
    return {
        "&".join(f"{name}={value}" for name, value in experiment.to_query().items()): experiment
        for experiment in experiments
    }


def alone(experiments):
    return {name: run(experiment).fingerprint for name, experiment in experiments.items()}


def in_lanes(experiments):
    """Each where it can be a lane, among four neighbours that begin and reset otherwise."""
    found = {}
    for number, (name, experiment) in enumerate(experiments.items()):
        if shape_of(experiment) is not None:
            block = [with_seed(experiment, k).replace(reset="never") for k in range(1, 5)]
            place = number % 5
            block.insert(place, experiment)
            found[name] = run_batch(block)[place].fingerprint
    return found


def presets():
    return {
        f"{task} {name}": run(preset(task, name)).fingerprint
        for task in TASKS
        for name in TASKS[task].presets
    }


if __name__ == "__main__":
    if sys.argv[1:] == ["presets"]:
        PRESETS.write_text(json.dumps(presets(), indent=1) + "\n", encoding="utf-8")
    else:
        experiments = table()
        print(json.dumps({"alone": alone(experiments), "in lanes": in_lanes(experiments)}))
