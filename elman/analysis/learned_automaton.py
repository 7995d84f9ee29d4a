"""The finite machine that a network has learned, read off its hidden states.

The hidden states of a long sequence become clusters, each cluster a state of a machine. From a
state a symbol leads where most of its steps lead; what a state expects is what the mean of the
network's answers there says. The machine is minimised (`analysis.machines`), and then has to say
what the network says on new strings.

Clusters come from a tree of some of the states (Ward's method); every other state belongs to the
nearest of the finest clusters. How many clusters there are is chosen on strings of their own: the
smallest number whose agreement with the network is within one standard error of the best. All is
done for several trees, each of other states.

Sources: Cleeremans, Servan-Schreiber and McClelland (1989), Neural Computation 1:372-381; Giles,
Miller, Chen, Chen, Sun and Lee (1992), Neural Computation 4:393-405; critique: Kolen (1994),
"Fool's gold: extracting finite state machines from recurrent network dynamics", NIPS 6, 501-508.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from elman.analysis import machine_clusters, machine_strings, machines
from elman.analysis.machine_clusters import MOST_CLUSTERS
from elman.analysis.machine_strings import STRING_STEPS, STRINGS, Judged, Strings
from elman.analysis.machines import Machine
from elman.analysis.margins import mean_interval
from elman.experiment import Experiment
from elman.tasks import Sequence, new_sequence, task_of, training_sequence
from elman.training import Run
from elman.training import run as train
from elman.training.trainers import Snapshot

# Steps of the sequence whose states are clustered, and trees, each of other states.
STEPS, TREES = 20_000, 5

MACHINES = {
    "learned": "read off the states of this network",
    "rule": "the smallest that knows the rule of the task",
    "smallest": "the smallest found that predicts as well as this network",
    "untrained": "read off the network before training, as a control",
}

CHOSEN_BY = (
    f"The number of clusters is the smallest whose agreement on {STRINGS} strings of their own is "
    f"within one standard error of the best of all numbers up to {MOST_CLUSTERS}"
)

SMALLEST_IS = (
    "It is looked for among the machines of every number of clusters up to "
    f"{MOST_CLUSTERS} and of {TREES} trees, the rule's own, and those that know the last one or "
    "two symbols alone: the one with the fewest states whose squared error on strings of their "
    "own is at most one standard error above the network's"
)

CRITIQUE = (
    "Kolen (1994) objects that the machine depends on who looks: other clusters, other symbols or "
    "another grain give other machines of the same network, and even an untrained one has some "
    "machine. So it describes what the network does on such strings, and is no proof of what it is."
)


class Measured(NamedTuple):
    """A machine, and how it did on the strings that machines are judged by.

    agreement   (strings,)   share of the steps at which it expects what its network expects
    as_rule     share of the steps at which it expects what the rule says; not-a-number where
                nobody knows it
    error       squared error, mean over outputs
    """

    machine: Machine
    agreement: np.ndarray
    as_rule: float
    error: float


class Extracted(NamedTuple):
    """What came of one network.

    learned     of the tree that agreed best while the number of clusters was chosen; its
                agreement is the mean of all trees'
    smallest    the smallest machine that predicts as well, as `SMALLEST_IS` says
    source      where that one comes from, in words
    clusters    how many there are, chosen as `CHOSEN_BY` says
    by_tree     (trees,)   agreement of each tree's machine
    sizes       (trees,)   its states
    as_rule, error   those of the network itself
    split       share of the steps that lead elsewhere than most from there with the same symbol
    choice      a row for each number of clusters: clusters, agreement, error (standard), states
    """

    learned: Measured
    smallest: Measured
    source: str
    clusters: int
    by_tree: np.ndarray
    sizes: np.ndarray
    as_rule: float
    error: float
    split: float
    choice: pd.DataFrame


class Automata(NamedTuple):
    """The machines of a trained network, of the untrained one, and of the task's rule.

    The rule's agreement is with the trained network; it is None where nobody knows the rule, or
    where its machine would be too large.
    """

    trained: Extracted
    untrained: Extracted
    rule: Measured | None


def automata(run: Run, epoch: int | None = None, reset: str = "as trained") -> Automata:
    """What a run's network has learned after `epoch`, by default the last, beside the controls.

    `reset`, one of `analysis.replay.TEST_RESETS`, says how the context is reset meanwhile. Raises
    ValueError where activations overflow or where there are too few symbols.
    """
    long, judged = sequences(run)
    networks = [
        extracted(run.at(at), run, reset, long, judged)
        for at in (run.epochs_done if epoch is None else epoch, 0)
    ]
    (trained, strings), (untrained, _) = networks
    rule, half = machines.of_rule(task_of(run.experiment)), len(strings.symbols) // 2
    if rule is None or strings.rule is None:
        return Automata(trained, untrained, None)
    agreement = (strings.says == strings.rule)[half:].mean(axis=1)
    beside = Measured(rule, agreement, 1.0, float(strings.floor[half:].mean()))
    return Automata(trained, untrained, beside)


def needed_bytes(experiment: Experiment) -> int:
    """About the memory that `automata` takes meanwhile."""
    task = task_of(experiment)
    n_symbols, n_out = task.codes.shape
    likely = n_symbols if task.one_hot else n_symbols * n_out
    return 8 * STEPS * (2 * experiment.hidden + 4 * n_out + 2 * likely + MOST_CLUSTERS)


def sequences(run: Run) -> tuple[Sequence, Sequence]:
    """The sequence to cluster, and the one that strings are cut from."""
    experiment, task = run.experiment, task_of(run.experiment)
    if task.unseen is not None:
        return machine_strings.part_of(training_sequence(experiment), 0, STEPS), new_sequence(
            experiment
        )
    # Streams 0 to 2 make the training and the new sequence and the strings to accept.
    stream = np.random.SeedSequence(experiment.data_seed).spawn(4)[3]
    first, second = (np.random.default_rng(one) for one in stream.spawn(2))
    # Between strings something may be left over.
    return task.generate(STEPS, rng=first), task.generate(3 * STRINGS * STRING_STEPS, rng=second)


def extracted(
    snapshot: Snapshot, run: Run, reset: str, long: Sequence, judged: Sequence
) -> tuple[Extracted, Strings]:
    """The machine of the network of a snapshot, and the strings that it was judged by."""
    task = task_of(run.experiment)
    reading = machine_clusters.read(snapshot, run, reset, long)
    strings = machine_strings.asked(snapshot, run, reset, judged)
    trees = [
        machine_clusters.machines_of_tree(
            reading, task, rng=np.random.default_rng([run.experiment.data_seed, tree])
        )
        for tree in range(TREES)
    ]
    numbers = list(trees[0])
    made = [tree[number] for number in numbers for tree in trees]
    others = machine_strings.others(long, task)
    # What no network made knows no context, and so no reset of it.
    unbroken = strings._replace(fresh=np.zeros_like(strings.fresh))
    results = Judged(
        *map(
            np.concatenate,
            zip(
                machine_strings.judge(made, strings, task),
                machine_strings.judge(list(others.values()), unbroken, task),
                strict=True,
            ),
        )
    )
    half = len(strings.symbols) // 2
    # (numbers, trees, strings), the first half of which the number of clusters is chosen by.
    agreement = results.agrees[: len(made)].mean(axis=2).reshape(len(numbers), TREES, -1)
    sizes = results.sizes[: len(made)].reshape(len(numbers), TREES)
    tried = agreement[:, :, :half].mean(axis=1)
    number = _enough(tried)
    by_tree = agreement[number, :, :half].mean(axis=1)
    tree = min(range(TREES), key=lambda one: (-by_tree[one], sizes[number, one]))
    drawn = number * TREES + tree

    excess = (results.errors - strings.errors)[:, :half].mean(axis=2)
    as_good = [one for one, more in enumerate(excess) if more.mean() <= _standard_error(more)]
    small = min(as_good or [drawn], key=lambda one: (results.sizes[one], excess[one].mean()))
    sources = [f"read off {_count(n, 'cluster')}" for n in numbers for _ in trees] + list(others)

    def measured(one: int, agrees: np.ndarray) -> Measured:
        machine = machines.minimised([*made, *others.values()][one].machine)
        as_rule, error = results.as_rule[one][half:].mean(), results.errors[one][half:].mean()
        return Measured(machine, agrees, float(as_rule), float(error))

    known = strings.rule is not None
    found = Extracted(
        learned=measured(drawn, agreement[number, :, half:].mean(axis=0)),
        smallest=measured(small, results.agrees[small][half:].mean(axis=1)),
        source=sources[small],
        clusters=numbers[number],
        by_tree=agreement[number, :, half:].mean(axis=1),
        sizes=sizes[number],
        as_rule=float((strings.says == strings.rule)[half:].mean()) if known else math.nan,
        error=float(strings.errors[half:].mean()),
        split=made[drawn].split / len(reading.states),
        choice=pd.DataFrame(
            {
                "clusters": numbers,
                "agreement": tried.mean(axis=1),
                "error": [_standard_error(one) for one in tried],
                "states": np.median(sizes, axis=1),
            }
        ).replace(np.inf, np.nan),
    )
    return found, strings


def _enough(tried: np.ndarray) -> int:
    """The first row (numbers, strings) whose mean is within one standard error of the best."""
    means = tried.mean(axis=1)
    return int((means >= means.max() - _standard_error(tried[means.argmax()])).argmax())


def _standard_error(values: np.ndarray) -> float:
    """That of the mean of these (n,); infinite for fewer than two."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.inf


def machines_of(found: Automata) -> dict[str, Machine]:
    """The machines that there are, by their names in `MACHINES`."""
    return {name: one.machine for name, one in _measured(found).items()}


def _measured(found: Automata) -> dict[str, Measured]:
    named = {
        "learned": found.trained.learned,
        "rule": found.rule,
        "smallest": found.trained.smallest,
        "untrained": found.untrained.learned,
    }
    return {name: one for name, one in named.items() if one is not None}


def table(found: Automata) -> pd.DataFrame:
    """The machines side by side, one row each, and in the last row the network itself.

    Columns: machine (of `MACHINES`), states, clusters, agreement with its network (the rule's with
    the trained one) on new strings and the ends of its 95 % interval, `agreement_low` and
    `agreement_high`; as_rule (how often it expects what the rule says) and error (squared, mean
    over outputs).
    """
    clusters = {"learned": found.trained.clusters, "untrained": found.untrained.clusters}
    rows: list[tuple[object, ...]] = [
        (
            name,
            one.machine.size,
            clusters.get(name),
            *mean_interval(one.agreement),
            one.as_rule,
            one.error,
        )
        for name, one in _measured(found).items()
    ]
    own = found.trained
    rows.append(("the network itself", None, None, *[math.nan] * 3, own.as_rule, own.error))
    columns = ["machine", "states", "clusters", "agreement", "agreement_low", "agreement_high"]
    frame = pd.DataFrame(rows, columns=[*columns, "as_rule", "error"])
    return frame.astype({"states": "Int64", "clusters": "Int64"}).dropna(axis=1, how="all")


def describe(found: Automata) -> str:
    """The machines of `automata` in a few sentences."""
    trained, untrained = found.trained, found.untrained
    learned, control = trained.learned, untrained.learned
    words = (
        f"The hidden states make a machine of {_count(learned.machine.size, 'state')}, which "
        f"expects what the network expects at {_share(learned.agreement)} of new strings."
    )
    smallest, largest = trained.sizes.min(), trained.sizes.max()
    if smallest < largest:
        words += f" Other clusters of as many give {smallest} to {largest} states."
    if found.rule is not None:
        exactly = machines.same(learned.machine, found.rule.machine)
        words += (
            " It is exactly the machine of the rule."
            if exactly
            else f" The rule's has {found.rule.machine.size}."
        )
    words += (
        f" The smallest found that predicts as well has {trained.smallest.machine.size} "
        f"({trained.source}). Before training the network makes a machine of "
        f"{_count(control.machine.size, 'state')}"
    )
    if not math.isnan(control.as_rule):
        words += (
            f", which expects what the rule says at {control.as_rule:.0%} of the steps; the "
            f"trained one's does at {learned.as_rule:.0%}"
        )
    return f"{words}."


def of_seeds(
    experiment: Experiment,
    seeds: Iterable[int],
    should_stop: Callable[[], bool] | None = None,
) -> Iterator[dict[str, object]]:
    """The machines of networks with other first weights: a row for each of the seeds.

    seed, states, clusters and agreement of its machine; where the rule's is known, as_rule (how
    often it expects what the rule says) and exactly (whether it is the rule's); `untrained_states`
    of the network before training. Ends where `should_stop` says so.
    """
    for seed in seeds:
        trained = train(experiment.replace(seed=seed), should_stop=should_stop)
        if trained.status == "stopped":
            return
        found = automata(trained)
        learned, rule = found.trained.learned, found.rule
        row: dict[str, object] = {
            "seed": seed,
            "states": learned.machine.size,
            "clusters": found.trained.clusters,
            "agreement": float(learned.agreement.mean()),
        }
        if not math.isnan(learned.as_rule):
            row["as_rule"] = learned.as_rule
        if rule is not None:
            row["exactly"] = machines.same(learned.machine, rule.machine)
        yield row | {"untrained_states": found.untrained.learned.machine.size}


def describe_seeds(rows: pd.DataFrame) -> str:
    """The rows of `of_seeds` in words."""
    fewest, most = rows["states"].min(), rows["states"].max()
    sizes = _count(fewest, "state") if fewest == most else f"{fewest} to {most} states"
    words = (
        f"Over {_count(len(rows), 'seed')}: machines of {sizes}, which agree with their networks "
        f"at {_share(rows['agreement'].to_numpy())}"
    )
    if "exactly" in rows:
        words += f"; {rows['exactly'].sum()} of {len(rows)} are exactly that of the rule"
    return f"{words}."


def describe_making(one: Extracted) -> str:
    """How a network's machine was made, in numbers."""
    return (
        f"{_count(one.clusters, 'cluster')} of hidden states; {one.split:.1%} of the steps lead "
        "elsewhere than most steps from there with the same symbol, and are outvoted."
    )


def _share(agreement: np.ndarray) -> str:
    """A mean of shares with its interval, where there is one."""
    mean, low, high = mean_interval(agreement)
    interval = f" (95% interval {low:.1%} to {high:.1%})" if low < high else ""
    return f"{mean:.1%} of the steps{interval}"


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'' if number == 1 else 's'}"
