"""Watch it learn: any view at any epoch, by one slider and a play control."""

from elman.tasks import task_of
from elman.ui import menu, page, sidebar
from elman.ui.views import view, watch

menu.hand_over()

experiment = sidebar.current()
task = task_of(experiment)

page.header("Watch it learn", "In what order does the network learn, and when?")

run = page.require_run()

watch.show(run, view.choose(watch.VIEW, watch.views_of(task)))
