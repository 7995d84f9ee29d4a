"""The numbers of every lab's own experiment, which come with the package.

    python -m elman.labs

measures them anew. Each is what a measurement gives on any machine, so that a student need not
wait for twenty networks.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from elman.experiment import Experiment
from elman.labs import LABS
from elman.labs.lab import Evidence, Lab
from elman.labs.measuring import Notes, measure
from elman.labs.progress import evidence_from, evidence_to

FILE = Path(__file__).parent / "measured.json"


def evidence_of(lab: Lab, experiment: Experiment | None) -> Evidence | None:
    """What comes with the package for a student's experiment: that of the lab's own, else None.

    A file that is missing or damaged is as none.
    """
    try:
        if lab.studied(experiment) != lab.experiment:
            return None
        found = evidence_from(lab, _file()[lab.name])
    except (KeyError, ValueError):
        return None
    return found if found.experiment == lab.experiment else None


@functools.cache
def _file() -> dict[str, Any]:
    try:
        return json.loads(FILE.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def measured() -> str:
    """The file as a measurement of all labs gives it now."""
    notes, written = Notes(), {}
    for name, lab in LABS.items():
        evidence = lab.evidence(None, measure(lab, None, notes))
        assert evidence is not None
        written[name] = evidence_to(evidence)
    lines = (f'"{name}": {json.dumps(lab)}' for name, lab in written.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
