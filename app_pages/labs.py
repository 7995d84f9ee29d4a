"""Labs: guided exercises that ask for a prediction before they show what happens."""

import streamlit as st

from elman.labs import LABS
from elman.labs.progress import done
from elman.ui import lab_file, lab_state, lab_steps, page

lab = lab_state.shown()
page.header("Labs", lab.question)
names = list(LABS)
progress = lab_state.progress()


def listed(name: str) -> str:
    """A lab in the list, with a mark if it is done."""
    mark = "✓ " if name in progress and progress[name].done else ""
    return f"{mark}{names.index(name) + 1}. {LABS[name].title}"


# Set anew at each run: the link, the buttons and this list all choose the lab.
st.session_state["lab_list"] = lab.name
left, right = st.columns([3, 2], vertical_alignment="bottom")
left.selectbox(
    "Lab",
    names,
    format_func=listed,
    key="lab_list",
    on_change=lambda: lab_state.show(st.session_state["lab_list"]),
)
right.progress(done(progress) / len(LABS), text=f"{done(progress)} of {len(LABS)} done")

step = lab_state.step()
getattr(lab_steps, step)(lab)

st.space("small")
lab_file.keep_or_restore()
