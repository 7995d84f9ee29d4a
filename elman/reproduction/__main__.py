"""Measure every figure and table again, over all seeds and over the grid, and write the results.

python -m elman.reproduction [measured] [grid]
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import time
from importlib import metadata
from typing import Any

from elman.reproduction import GRID_RESULTS, RESULTS, GridResults, Made, Results
from elman.reproduction.grid import GRIDS, cells_of, experiments_of, names_of
from elman.reproduction.measure import DRAWN, experiment_of, measured, measured_runs
from elman.reproduction.rules import CARDS, SEEDS

AT_ONCE = 2


def measure_all() -> Results:
    """Every group at all of its seeds: settings, and for each card its values by seed."""
    began = time.perf_counter()
    cards: dict[str, dict[str, list]] = {}
    for group, count in SEEDS.items():
        print(f"{group}: {count} seeds", flush=True)
        if group in DRAWN:
            found = [measured(group, seed) for seed in range(count)]
        else:
            experiments = [experiment_of(group, seed) for seed in range(count)]
            found = measured_runs(group, experiments, AT_ONCE)
        for one in found:
            for key, values in one.items():
                for name, value in values.items():
                    cards.setdefault(key, {}).setdefault(name, []).append(value)
    tasks = dict.fromkeys(card.task for card in CARDS)
    settings = {task: experiment_of(task, 0).to_query() for task in tasks}
    return Results(**_made(began), seeds=SEEDS, settings=settings, cards=cards)


def measure_grid() -> GridResults:
    """Every cell of the grid at all of its seeds."""
    began = time.perf_counter()
    tasks = {task: measure_cells(task) for task in GRIDS}
    return GridResults(**_made(began), tasks=tasks)


def measure_cells(task: str) -> list[dict[str, Any]]:
    """The cells of a task: the settings of each, and of every check its value at each seed."""
    cells, seeds = cells_of(task), GRIDS[task].seeds
    print(f"{task}: {len(cells)} settings of {seeds} seeds", flush=True)
    experiments = [one for cell in cells for one in experiments_of(task, cell)]
    found = measured_runs(task, experiments, AT_ONCE)
    measured_cells = []
    for place, cell in enumerate(cells):
        of_seeds = found[place * seeds : (place + 1) * seeds]
        values = {
            key: {name: [one[key][name] for one in of_seeds] for name in names}
            for key, names in names_of(task).items()
        }
        measured_cells.append({"settings": cell, "values": values})
    return measured_cells


def _made(began: float) -> Made:
    return {
        "version": _version(),
        "date": datetime.date.today().isoformat(),
        "seconds": round(time.perf_counter() - began),
    }


def _version() -> str:
    """The commit measured with, or, outside a repository, the installed version."""
    command = ["git", "-C", str(RESULTS.parent), "describe", "--always", "--dirty", "--abbrev=10"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, check=True)
        return f"commit {asked.stdout.strip()}"
    except (OSError, subprocess.CalledProcessError):
        return metadata.version("elman")


def main() -> None:
    """Measure, write, and print the verdicts."""
    parser = argparse.ArgumentParser(prog="python -m elman.reproduction", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=["measured", "grid", []], help="else both")
    parts = parser.parse_args().parts or ["measured", "grid"]
    if "measured" in parts:
        results = measure_all()
        RESULTS.write_text(json.dumps(results) + "\n", encoding="utf-8")
        _print_verdicts(results)
        print(f"\nMeasured in {results['seconds']} s.")
    if "grid" in parts:
        over_grid = measure_grid()
        GRID_RESULTS.write_text(json.dumps(over_grid) + "\n", encoding="utf-8")
        print(f"\nGrid measured in {over_grid['seconds']} s.")


def _print_verdicts(results: Results) -> None:
    for card in CARDS:
        values = results["cards"][card.key]
        print(f"\n{card.title}: {card.verdict(values)}")
        for check in card.checks:
            outcome = check.outcome(values[check.name])
            mark = {"yes": "holds", "no": "does not hold"}.get(outcome, outcome)
            print(f"  {check.words}: {check.statistic(values[check.name]):.4g}", end=" ")
            print(f"(allowed {check.allowed}) {mark}" if check.allowed else mark)


if __name__ == "__main__":
    main()
