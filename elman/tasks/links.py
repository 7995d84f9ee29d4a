"""The experiment that the parameters of a link describe."""

from __future__ import annotations

from collections.abc import Mapping

from elman import tasks
from elman.experiment import Experiment, forgiving_query


def described(query: Mapping[str, str]) -> tuple[Experiment, list[str]]:
    """The experiment of a link, and a sentence for each of its values that is left out.

    Fields that are not given are those of the preset, or the task's defaults where none is named.
    """
    experiment, problems = forgiving_query(query)
    name = query.get("preset")
    if name not in tasks.TASKS[experiment.task].presets:
        return experiment, problems
    return forgiving_query(query, tasks.preset(experiment.task, name).to_query())
