"""Lesson: the stations that a teacher chose, with a note and maybe a question at each."""

from elman.ui import menu, page
from elman.ui.views import lesson

menu.hand_over()

page.header("Lesson", "What do you see here, and what do you make of it?")
lesson.draw()
