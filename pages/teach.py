"""For teachers: a link to a part of this app, or a lesson, made by small forms."""

from elman.ui import menu, page, prose, state
from elman.ui.views import lesson_form, teaching

menu.hand_over()

page.header(
    "For teachers", "What should your students see first, and what would only distract?", keep=False
)
if state.choose(lesson_form.MAKE, label_visibility="collapsed") == "a lesson":
    prose.say(
        "A lesson leads through up to 20 **stations**: pages of this app, each with its run, a "
        "note from you and, if you like, a question. Students take it by one link or file."
    )
    lesson_form.draw()
else:
    prose.say(
        "Set the **experiment** in the sidebar, choose the rest here, and give the link to your "
        "students. What is hidden still works, with the values that the link gives, and one press "
        "shows everything."
    )
    teaching.draw()
