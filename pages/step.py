"""Inside one step: one training step of the run under a magnifying glass."""

from elman.tasks import TASKS, task_of
from elman.ui import menu, page, sidebar
from elman.ui.views import step

menu.hand_over()

experiment = sidebar.current()
task = task_of(experiment)

page.header("Inside one step", "What does the network do in one single step of training?")

run = page.require_run()
step.show(run, task)

other = TASKS["letters" if task.name == "xor" else "xor"]
page.try_next(
    (
        "Before training",
        "Untrained, all outputs are near one half: which weights move first?",
        {"epoch": 0, "stage": "update"},
    ),
    (
        "Gradient depth 3" if experiment.depth == 1 else "Gradient depth 1",
        "With depth 3 the deltas flow on to the steps before; with 1, Elman's, they do not.",
        {"depth": 3 if experiment.depth == 1 else 1, "stage": "backward"},
    ),
    (
        "The letters" if other.name == "letters" else other.title,
        "The same step of another task.",
        {"task": other.name},
    ),
)
