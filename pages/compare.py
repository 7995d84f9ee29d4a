"""Compare: the same experiment under variation, over many seeds."""

from elman.ui import kept_runs, menu, page, prose, runs, sidebar
from elman.ui.views import compare, comparison_form

menu.hand_over()

experiment = sidebar.current()

page.header("Compare", "What changes when one setting changes, and is it more than luck?")
prose.say(
    "Each setting is trained from several **seeds**: other first weights, another sequence of the "
    "same rule."
)

if kept_runs.notice_if_opened(experiment):
    prose.caption("That is the sidebar's run; what is compared below is trained here.")
run = runs.run_if_ready(experiment)
if run is not None:
    page.offer_pin(run)

compared = comparison_form.comparison()
found = compare.outcomes_of(compared, run)
if found is not None:
    compare.result(compared, found)

few = min(experiment.hidden, 100)
many = 5 * few
page.try_next(
    (
        "Only the seed of the weights",
        "The same sequence and settings, eight times: how much is luck?",
        comparison_form.changes("seed", seed="0..7"),
    ),
    (
        f"{few} or {many} hidden units",
        "Do more hidden units learn in fewer passes?",
        comparison_form.changes("hidden", hidden=f"{few}, {many}"),
    ),
    (
        "Reset policies side by side",
        "How much memory does the task need?",
        comparison_form.changes("reset", reset=["epoch", "never", "group", "step"]),
    ),
    (
        "Depth and hidden units",
        "Does a gradient through time help small networks more?",
        comparison_form.changes("hidden", "depth", depth="1, 3"),
    ),
)
