"""Hidden states: what the network keeps in mind, looked at in several ways."""

from elman.tasks import task_of
from elman.ui import menu, page, sidebar, state
from elman.ui.views import states, view

menu.hand_over()

experiment = sidebar.current()

page.header(
    "Hidden states", "What does the network keep in mind, and how does it sort what it has seen?"
)

run = page.require_run()

shown = view.choose(states.VIEW, view.of_task(states.VIEWS, task_of(experiment)))
page.look_back(run, shown.draw)

if shown.name == "automaton" and experiment.task != "reber":
    touch = (
        "The Reber grammar",
        "Seven states by its rule: are they there?",
        {"task": "reber", "view": "automaton"},
    )
elif shown.name == "state space" and experiment.hidden != 2:
    touch = (
        "Two hidden units",
        "All of the space in one picture.",
        {"hidden": 2, "view": "state space"},
    )
elif shown.name != "surgery":
    touch = (
        "Touch the memory",
        "Set the context to zero and watch the next answers.",
        {"view": "surgery", "operation": "zero"},
    )
elif state.chosen(states.OPERATION) != "swap":
    touch = ("Swap the memory", "Another step's context: who notices?", {"operation": "swap"})
else:
    touch = ("Silence a unit", "One hidden unit at zero: who notices?", {"operation": "silence"})

page.try_next(
    ("Before training", "What do the states of an untrained network look like?", {"epoch": 0}),
    (
        "Sentences" if experiment.task != "sentences" else "Letters",
        "Nouns and verbs from word order alone."
        if experiment.task != "sentences"
        else "Six syllable places, visible in two components.",
        {"task": "sentences", "view": "tree"}
        if experiment.task != "sentences"
        else {"task": "letters", "view": "components"},
    ),
    touch,
)
