"""Pinned runs in a link, each by what differs from the experiment that the link itself shows.

pin=hidden~8~reset~never       the run with other hidden units and another policy
pin=name~By+chance~seed~3      named by who pinned it
pin=this                       the run of the link itself

A run on another text of the reader's own is in no link, which has room for one text at most.
"""

from __future__ import annotations

import itertools

from elman.experiment import SETTINGS, Experiment
from elman.settings import Setting, refuse
from elman.ui import fields, session

PIN = session.declare("pin", several=True)

# More curves than these could not be told apart.
MOST = 4

NAME = Setting(str, "what a pinned run is called", high=40)

BETWEEN, SAME = "~", "this"

_NAMES = tuple(name for name in SETTINGS if name not in fields.TOGETHER["text"])


def tidy(name: str) -> str:
    """A name in one line, of letters that are seen; without the sign that a link needs itself."""
    seen = (" " if letter == BETWEEN or not letter.isprintable() else letter for letter in name)
    return " ".join("".join(seen).split())


def pack(experiment: Experiment, name: str, shown: Experiment) -> str | None:
    """A pinned run as a link to `shown` has it; None for one on another text."""
    base = shown.replace(task=experiment.task)
    changed = {one: value for one, (value, _) in experiment.differences(base).items()}
    if changed.keys() & {*fields.TOGETHER["text"]}:
        return None
    pairs = [("name", name)] if name else []
    if experiment.task != shown.task:
        pairs.append(("task", experiment.task))
    # A field without a value is one that the others leave without use.
    pairs += [(one, str(value)) for one, value in changed.items() if value is not None]
    return BETWEEN.join(itertools.chain(*pairs)) or SAME


def unpack(packed: str, shown: Experiment) -> tuple[Experiment, str]:
    """The experiment and the name of a run that is pinned in a link to `shown`.

    Raises ValueError naming the field that cannot be used.
    """
    parts = [] if packed == SAME else packed.split(BETWEEN)
    given = dict(zip(parts[::2], parts[1::2], strict=False))
    if 2 * len(given) != len(parts):
        allowed = f"names of settings, each once, and their values, with {BETWEEN} between"
        raise refuse(PIN, allowed, packed, verb="are")
    name = tidy(NAME.check("name", given.pop("name", "")))
    for one in given:
        if one not in _NAMES:
            raise refuse(PIN, "names of settings", one, verb="are")
    return shown.replace(**given), name
