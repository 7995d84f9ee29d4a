"""Which strings of the Reber grammar, and which others, the network accepts."""

from __future__ import annotations

from functools import partial

import pandas as pd

from elman.analysis import acceptance
from elman.analysis.replay import Tested
from elman.charts.errors import weakest_outputs
from elman.tasks import reber
from elman.training import Run
from elman.ui import jobs, kept_runs, page, prose, tables
from elman.ui.work import Work


def _judged(run: Run, epoch: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The counts of all strings, and how their weakest outputs are spread."""

    def judge(*_: object) -> tuple[pd.DataFrame, pd.DataFrame]:
        judged = acceptance.judged(run, acceptance.strings(run.experiment), epoch)
        return acceptance.table(judged), acceptance.histogram(judged)

    work = Work((kept_runs.cache_key(run), epoch), "strings", judge)
    return jobs.answer(work, "Asking the network about 12,000 strings.")


def accepted_strings(tested: Tested) -> None:
    """How many strings of each kind are accepted, beside an independent count."""
    experiment = tested.experiment
    counted, spread = _judged(tested.run, tested.epoch)
    prose.say(
        f"A string is **accepted** if every letter after the first was foreseen: its output was "
        f"above {reber.THRESHOLD} just before it came. Where two letters can follow, the best "
        "output for each is one half. What the strings really are is counted by a recogniser that "
        "knows the grammar and no network."
    )
    page.figure(
        partial(weakest_outputs, spread, reber.THRESHOLD),
        "Smallest output that a letter of a string had before it came. "
        + "; ".join(
            f"{row.strings}: {row.accepted:,} of {row.number:,} above {reber.THRESHOLD}"
            for row in counted.itertuples()
        )
        + ".",
    )
    prose.say(f"**{acceptance.describe_acceptance(counted)}**")
    tables.show_table(counted.assign(right=counted["right"] * 100), "strings")
    first = (
        "The context is reset before each string, as in training."
        if experiment.reset == "group"
        else "The network was trained on an unbroken stream, so that it reads one string of the "
        "grammar before each of these."
    )
    prose.caption(
        f"{first} How Cleeremans and others (1989) drew their random strings is not known to us: "
        "ours have the lengths of grammatical ones, B first, E last, and any letters between."
    )
    if experiment.grammar == "embedded":
        prose.say(
            "Strings with a **wrong end** differ from grammatical ones in one letter alone: the T "
            "or P before the last E does not repeat the one after the first B. Only a network that "
            "remembers that letter through the whole inner string refuses them."
        )
