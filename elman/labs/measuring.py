"""The numbers of labs: a network is trained once for all labs that ask for it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import partial
from typing import Any, Protocol

from elman.experiment import Experiment
from elman.labs import LABS
from elman.labs.lab import Case, Lab, Values
from elman.sweeps import Outcome, sweep
from elman.training import Run


class Keeper(Protocol):
    """What keeps numbers that were measured once; it may forget some."""

    def get(self, key: Hashable) -> Any | None:
        """What was put under this key."""

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value."""


class Notes(dict[Hashable, Any]):
    """A keeper that forgets nothing."""

    def put(self, key: Hashable, value: Any) -> None:
        """Keep a value."""
        self[key] = value


def measure(
    lab: Lab,
    experiment: Experiment | None,
    keeper: Keeper,
    on_progress: Callable[[float, Mapping[Case, Values]], None] = lambda share, found: None,
    should_stop: Callable[[], bool] = lambda: False,
    *,
    seeds: int | None = None,
    workers: int = -1,
) -> dict[Case, Values]:
    """The numbers of all cases of a lab for a student's experiment, as far as it is not stopped.

    Those that `keeper` has are not measured again; what is new goes there, measured for every lab
    that asks for the same network. The other arguments are as for `sweeps.sweep`.
    """
    cases = lab.cases(experiment) if seeds is None else lab.cases(experiment, seeds)
    found: dict[Case, Values] = {}
    for case in cases:
        known = keeper.get(("lab", case)) or {}
        if lab.measure.__name__ in known:
            found[case] = known[lab.measure.__name__]
    missing = [case for case in cases if case not in found]
    before = len(found)

    def note(case: Case, numbers: Mapping[str, Values]) -> None:
        keeper.put(("lab", case), {**(keeper.get(("lab", case)) or {}), **numbers})
        found[case] = numbers[lab.measure.__name__]

    def report(share: float) -> None:
        on_progress((before + share * len(missing)) / len(cases), dict(found))

    def of_sweep(share: float, outcomes: list[Outcome]) -> None:
        for outcome in outcomes:
            if outcome.experiment not in found:
                note(outcome.experiment, _by_measure(lab, outcome))
        report(share)

    networks = [case for case in missing if isinstance(case, Experiment)]
    if networks:
        every = partial(_all_numbers, lab)
        of_sweep(1.0, sweep(networks, every, of_sweep, should_stop, workers=workers))
    for place, case in enumerate(missing):
        if isinstance(case, tuple) and not should_stop():
            note(case, {lab.measure.__name__: lab.measure(*case)})
            report((place + 1) / len(missing))
    return found


def askers(network: Experiment) -> list[Lab]:
    """The labs that ask for this network, whatever its seeds."""
    found = []
    for lab in LABS.values():
        own = lab.experiment
        if own is not None:
            alike = network.replace(seed=own.seed, data_seed=own.data_seed)
            if alike in lab.cases(seeds=1):
                found.append(lab)
    return found


def _all_numbers(lab: Lab, run: Run) -> Values:
    measures = {one.measure.__name__: one.measure for one in (lab, *askers(run.experiment))}
    return {
        f"{name}: {value}": number
        for name, one in measures.items()
        for value, number in one(run).items()
    }


def _by_measure(lab: Lab, outcome: Outcome) -> Mapping[str, Values]:
    """The numbers of `_all_numbers` by the measure that gave them; none if nothing was measured."""
    numbers: dict[str, dict[str, float]] = {lab.measure.__name__: {}}
    for name, number in outcome.values.items():
        measure_name, _, value = name.partition(": ")
        numbers.setdefault(measure_name, {})[value] = number
    return numbers
