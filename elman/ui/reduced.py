"""A reduced view: the link of a teacher hides controls of the sidebar and pages of the menu.

`hide` names controls and `pages` the pages that stay, both with commas between. Whatever is hidden
works all the same, with the values that the link gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from elman.experiment import SETTINGS

# Controls that stand for several fields, and those that the sidebar folds away together.
TOGETHER = {"reset": ("reset", "reset_every"), "text": ("text", "group_length", "boundary")}
MORE = (
    "context_start", "learning_rate", "momentum", "depth", "activation", "weight_init",
    "weight_scale", "seed", "data_seed",
)  # fmt: skip
GROUPS = {"more": MORE}

# What a link can hide, in the order of the sidebar.
CONTROLS = (
    "task", "preset", "codes", "grammar", "text", "hidden", "epochs", "length", "reset", *MORE,
)  # fmt: skip


class Reduced(NamedTuple):
    """Controls that are hidden, and files of the pages that are shown; None for all of them."""

    hide: tuple[str, ...] = ()
    pages: tuple[str, ...] | None = None


def read(pages: tuple[str, ...]) -> None:
    """Take what the link of a new session hides; `pages` are the files there are."""
    if "reduced" not in st.session_state:
        reduced, problems = parse(st.query_params.to_dict(), pages)
        st.session_state["reduced"] = reduced
        st.session_state["reduced_problems"] = problems
    shown = current().pages
    st.session_state["hidden_pages"] = 0 if shown is None else len(pages) - len(shown)


def parse(link: Mapping[str, str], pages: tuple[str, ...]) -> tuple[Reduced, list[str]]:
    """The view that the parameters of a link describe, and a sentence for each unknown name."""
    problems: list[str] = []

    def names(parameter: str, allowed: tuple[str, ...]) -> list[str]:
        given = [name.strip() for name in link.get(parameter, "").split(",") if name.strip()]
        problems.extend(
            f"{parameter}: allowed are {', '.join(allowed)}; {name[:60]!r} was given."
            for name in dict.fromkeys(given)
            if name not in allowed
        )
        return [name for name in given if name in allowed]

    hide = [
        part for name in names("hide", (*CONTROLS, *GROUPS)) for part in GROUPS.get(name, (name,))
    ]
    shown = names("pages", pages)
    view = Reduced(
        tuple(name for name in CONTROLS if name in hide),
        tuple(file for file in pages if file in (*shown, "train")) if shown else None,
    )
    return (view if view.pages != pages else Reduced(view.hide)), problems


def problems() -> list[str]:
    """A sentence for each name in the link that is unknown; told once."""
    return st.session_state.pop("reduced_problems", [])


def current() -> Reduced:
    """What this session hides."""
    return st.session_state["reduced"]


def hides(control: str) -> bool:
    """Whether a control, or the one that a field belongs to, is hidden."""
    return any(control in TOGETHER.get(name, (name,)) for name in current().hide)


def fields() -> tuple[str, ...]:
    """The fields of `Experiment` whose controls are hidden."""
    parts = [part for name in current().hide for part in TOGETHER.get(name, (name,))]
    return tuple(part for part in parts if part in SETTINGS)


def show_everything() -> None:
    """End the reduced view; for a button."""
    st.session_state["reduced"] = Reduced()


def query(reduced: Reduced) -> dict[str, str]:
    """The parameters of a link to a reduced view."""
    hide = list(reduced.hide)
    for group, parts in GROUPS.items():
        if set(parts) <= set(hide):
            hide = [name for name in hide if name not in parts] + [group]
    asked = {"hide": ",".join(hide), "pages": ",".join(reduced.pages or ())}
    return {name: value for name, value in asked.items() if value}


def keep_in_link() -> None:
    """Keep the view in the URL, which loses it when the page changes."""
    wanted = query(current())
    for name in ("hide", "pages"):
        hold(name, wanted.get(name))


def hold(name: str, value: str | None) -> None:
    """Let the URL have this parameter, which no widget is bound to; None takes it out."""
    if value is None:
        if name in st.query_params:
            del st.query_params[name]
    elif st.query_params.get_all(name) != [value]:
        st.query_params[name] = value


def notice() -> None:
    """Say that the view is reduced, and how to see all; nothing if it is not."""
    if words := summary(len(current().hide), st.session_state["hidden_pages"]):
        left, right = st.columns([4, 1], vertical_alignment="center")
        left.info(f"This is a reduced view made by your teacher: {words} hidden.")
        right.button(
            "Show everything", on_click=show_everything, key="show_everything", width="stretch"
        )


def summary(controls: int, pages: int) -> str:
    """How many of each, with the verb: "1 control and 2 pages are"; empty for none."""
    parts = [
        f"{number} {unit}{'' if number == 1 else 's'}"
        for number, unit in ((controls, "control"), (pages, "page"))
        if number
    ]
    verb = "is" if controls + pages == 1 else "are"
    return f"{' and '.join(parts)} {verb}" if parts else ""
