"""Measure every figure and table again, over all seeds, and write the results.

python -m elman.reproduction [--output FILE]
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from elman.reproduction import RESULTS, Results
from elman.reproduction.measure import experiment_of, measured
from elman.reproduction.rules import CARDS, SEEDS

AT_ONCE = 2


def measure_all() -> Results:
    """Every group at all of its seeds: settings, and for each card its values by seed."""
    cards: dict[str, dict[str, list]] = {}
    # The kernels release the GIL.
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for group, count in SEEDS.items():
            print(f"{group}: {count} seeds", flush=True)
            for one in pool.map(measured, [group] * count, range(count)):
                for key, values in one.items():
                    for name, value in values.items():
                        cards.setdefault(key, {}).setdefault(name, []).append(value)
    tasks = dict.fromkeys(card.task for card in CARDS)
    settings = {task: experiment_of(task, 0).to_query() for task in tasks}
    return {"seeds": SEEDS, "settings": settings, "cards": cards}


def main() -> None:
    """Measure, write, and print the verdicts."""
    parser = argparse.ArgumentParser(prog="python -m elman.reproduction", description=__doc__)
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the results go")
    output = parser.parse_args().output
    results = measure_all()
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(results) + "\n", encoding="utf-8")
    for card in CARDS:
        values = results["cards"][card.key]
        print(f"\n{card.title}: {card.verdict(values)}")
        for check in card.checks:
            mark = "holds" if check.holds(values[check.name]) else "does not hold"
            print(f"  {check.words}: {check.statistic(values[check.name]):.4g}", end=" ")
            print(f"(allowed {check.allowed}) {mark}")


if __name__ == "__main__":
    main()
