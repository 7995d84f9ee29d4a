"""How much a run is held up while another session of the same server is busy in Python.

python benchmarks/sharing.py
"""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from elman import Experiment, run
from elman.ui.runs import TURN_SECONDS

ROUNDS = 5


def seconds(experiment: Experiment) -> float:
    """Shortest time of a few runs."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        run(experiment)
        taken.append(time.perf_counter() - began)
    return float(np.min(taken))


def beside_a_busy_session(experiment: Experiment, turn: float) -> tuple[float, float]:
    """Time of a run beside a thread that never rests, and the rounds a second of that thread."""
    ended, rounds = threading.Event(), 0

    def busy() -> None:
        nonlocal rounds
        while not ended.is_set():
            sum(range(100))
            rounds += 1

    before = sys.getswitchinterval()
    sys.setswitchinterval(turn)
    other = threading.Thread(target=busy)
    other.start()
    began = time.perf_counter()
    taken = seconds(experiment)
    rate = rounds / (time.perf_counter() - began)
    ended.set()
    other.join()
    sys.setswitchinterval(before)
    return taken, rate


def main() -> None:
    print(f"{'beside a busy session, time of a run / alone':<46} {'5 ms turns':>12} {'ours':>8}")
    for task in ("xor", "letters"):
        experiment = Experiment(task=task)
        run(experiment)
        alone = seconds(experiment)
        default, rate = beside_a_busy_session(experiment, 0.005)
        ours, our_rate = beside_a_busy_session(experiment, TURN_SECONDS)
        print(f"{task:<46} {default / alone:>12.1f} {ours / alone:>8.1f}")
        print(f"{'    work of the busy session, ours / 5 ms turns':<46} {our_rate / rate:>21.2f}")


if __name__ == "__main__":
    main()
