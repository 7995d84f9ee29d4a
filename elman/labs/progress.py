"""What a student has done: predictions and evidence of each lab, and answers to the questions of
lessons; the file that keeps them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from elman.experiment import SETTINGS, Experiment
from elman.labs import LABS, answers
from elman.labs.answers import Answer
from elman.labs.lab import Evidence, Lab, Prediction
from elman.settings import checked_object, refuse, shown

FORMAT, VERSION = "elman labs", 1

# A file of all labs has some ten thousand characters, one of as many answers as are kept ten times
# as many.
MAX_BYTES = 500_000
MAX_SEEDS = 200


@dataclass(frozen=True)
class Entry:
    """A student's work on one lab: what was predicted, or that it was skipped, and what came.

    `recalled` tells whether the lab's question of the quiz was answered right at first; None if it
    was not answered.
    """

    prediction: Prediction | None = None
    skipped: bool = False
    evidence: Evidence | None = None
    recalled: bool | None = None

    @property
    def may_see(self) -> bool:
        """Whether the result may be shown: a prediction was committed or skipped."""
        return self.prediction is not None or self.skipped

    @property
    def done(self) -> bool:
        """Whether the feedback was seen."""
        return self.may_see and self.evidence is not None


Progress = Mapping[str, Entry]


def done(progress: Progress) -> int:
    """How many labs are done."""
    return sum(entry.done for entry in progress.values())


def merged(mine: Progress, other: Progress) -> dict[str, Entry]:
    """Both together; of a lab in both, the other's entry, unless only mine is done."""
    kept = {name for name in mine if mine[name].done and not other.get(name, Entry()).done}
    both = {**mine, **other, **{name: mine[name] for name in kept}}
    return {name: both[name] for name in LABS if name in both}


def to_json(progress: Progress, given: Iterable[Answer] = ()) -> str:
    """The file that keeps `progress`, and the answers given in lessons."""
    labs = {name: _written(entry) for name, entry in progress.items()}
    kept: dict[str, Any] = {"format": FORMAT, "version": VERSION, "labs": labs}
    if listed := answers.to_objects(given):
        kept["answers"] = listed
    return json.dumps(kept)


def _written(entry: Entry) -> dict[str, Any]:
    prediction = entry.prediction
    written: dict[str, Any] = {
        "prediction": list(prediction) if isinstance(prediction, tuple) else prediction,
        "skipped": entry.skipped,
    }
    if entry.recalled is not None:
        written["recalled"] = entry.recalled
    return written if entry.evidence is None else written | evidence_to(entry.evidence)


def evidence_to(evidence: Evidence) -> dict[str, Any]:
    """Evidence as a file keeps it."""
    experiment = evidence.experiment
    return {
        "experiment": None if experiment is None else experiment.to_dict(),
        "results": {
            condition: {
                value: [number if math.isfinite(number) else None for number in numbers]
                for value, numbers in values.items()
            }
            for condition, values in evidence.table.items()
        },
    }


def from_json(data: bytes | str) -> dict[str, Entry]:
    """The progress that a file keeps; ValueError says what of it cannot be read."""
    entries = {}
    for name, written in checked_object("labs", _file(data).get("labs")).items():
        if name not in LABS:
            raise refuse("labs", ", ".join(LABS), name, verb="are")
        try:
            entries[name] = _read(LABS[name], checked_object("entry", written))
        except ValueError as error:
            raise ValueError(f"{name}, {error}") from None
    return entries


def answers_from_json(data: bytes | str) -> tuple[Answer, ...]:
    """The answers that a file of progress keeps; ValueError as for `from_json`."""
    return answers.from_objects(_file(data).get("answers", []))


def _file(data: bytes | str) -> dict[str, Any]:
    if len(data) > MAX_BYTES:
        raise refuse(
            "file", f"{MAX_BYTES:,} bytes at most", verb="are", words=f"{len(data):,} were given"
        )
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise ValueError("file: this is not a JSON file; it may be cut off or damaged.") from None
    found = checked_object("file", found)
    if found.get("format") != FORMAT:
        raise refuse("format", repr(FORMAT), found.get("format"))
    if found.get("version") != VERSION:
        raise refuse("version", str(VERSION), found.get("version"))
    return found


def _read(lab: Lab, written: dict[str, Any]) -> Entry:
    prediction, skipped = written.get("prediction"), written.get("skipped", False)
    if not isinstance(skipped, bool):
        raise refuse("skipped", "true or false", skipped)
    if prediction is not None:
        prediction = lab.prediction.check(prediction)
    recalled = written.get("recalled")
    if not isinstance(recalled, bool | None):
        raise refuse("recalled", "true or false", recalled)
    if "results" not in written:
        return Entry(prediction, skipped, recalled=recalled)
    return Entry(prediction, skipped, evidence_from(lab, written), recalled)


def evidence_from(lab: Lab, written: dict[str, Any]) -> Evidence:
    """The evidence that a file keeps of a lab; ValueError says what of it cannot be read."""
    experiment = None
    if lab.experiment is not None:
        given = checked_object("experiment", written.get("experiment"))
        unknown = [name for name in given if name not in SETTINGS]
        if unknown:
            raise ValueError(f"experiment: there is no field {shown(unknown[0])}.")
        experiment = lab.studied(Experiment(**given))
    return Evidence(experiment, _table(lab, written["results"]))


def _table(lab: Lab, written: Any) -> dict[str, dict[str, tuple[float, ...]]]:
    results = _named("results", written, tuple(lab.conditions))
    table: dict[str, dict[str, tuple[float, ...]]] = {}
    sizes = set()
    for condition in lab.conditions:
        values = _named("results", results[condition], lab.values)
        table[condition] = {name: _numbers(name, values[name]) for name in lab.values}
        sizes |= {len(numbers) for numbers in table[condition].values()}
    if len(sizes) != 1:
        raise ValueError("results: allowed are equally many numbers of each value.")
    return table


def _numbers(name: str, given: Any) -> tuple[float, ...]:
    if (
        isinstance(given, list)
        and 1 <= len(given) <= MAX_SEEDS
        and all(n is None or _is_number(n) for n in given)
    ):
        return tuple(math.nan if n is None else float(n) for n in given)
    raise refuse(name, f"a list of 1 to {MAX_SEEDS} numbers or null", given)


def _is_number(given: Any) -> bool:
    # No lab measures anything beyond 1e9, and a whole number can be too large for a float.
    return isinstance(given, int | float) and not isinstance(given, bool) and abs(given) <= 1e9


def _named(name: str, given: Any, names: tuple[str, ...]) -> dict[str, Any]:
    found = checked_object(name, given)
    missing = [one for one in names if one not in found]
    if missing or len(found) != len(names):
        raise refuse(
            name,
            f"exactly the names {', '.join(map(repr, names))}",
            verb="are",
            words=f"{shown(list(found))} were given",
        )
    return found
