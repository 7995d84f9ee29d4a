"""A pinned run beside a later one: what differs, and whether their errors can be compared."""

from __future__ import annotations

from elman.analysis.comparison import shown_value
from elman.experiment import Experiment

# Another value of these is another sequence of symbols or codes, with a floor of its own.
_RULE = ("task", "codes", "grammar", "text")


def difference(pinned: Experiment, current: Experiment) -> str:
    """The settings of `pinned` that differ, in a few words; "the same settings" if none does."""
    words = []
    for name, (value, _) in pinned.differences(current).items():
        shown = name.replace("_", " ")
        if name == "text":
            words.append("another text")
        elif value is None or value == "":
            words.append(f"no {shown}")
        elif name == "boundary":
            words.append(f"boundary '{value}'")
        else:
            words.append(f"{shown} {shown_value(value)}")
    return ", ".join(words) or "the same settings"


def why_not(pinned: Experiment, current: Experiment) -> str:
    """Why errors of the two cannot be compared; empty if they can."""
    differ = pinned.differences(current)
    for name in _RULE:
        if name in differ:
            what = "another text" if name == "text" else f"{name} {differ[name][0]}"
            return f"it learned {what}, and errors of different sequences have different floors"
    return ""
