"""A reduced view: the link of a teacher hides controls of the sidebar and pages of the menu.

`hide` names controls and `pages` the pages that stay, both with commas between. Whatever is hidden
works all the same, with the values that the link gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from elman.experiment import SETTINGS
from elman.settings import refuse
from elman.ui import fields, session

# Controls that a link names together.
GROUPS = {"more": fields.MORE}

HIDE = session.declare("hide", "Hidden controls")
SHOW_PAGES = session.declare("pages", "Pages in the menu")


class Reduced(NamedTuple):
    """Controls that are hidden, and files of the pages that are shown; None for all of them."""

    hide: tuple[str, ...] = ()
    pages: tuple[str, ...] | None = None


# What the session hides, and what of that its link could not say; None before it is read.
_READ: session.Kept[tuple[Reduced, list[str]] | None] = session.Kept("reduced", None)


def read(pages: tuple[str, ...]) -> tuple[Reduced, list[str]]:
    """What the session hides, and a sentence for each name in its link that is unknown.

    The first call reads the link; `pages` are the files there are.
    """
    known = _READ.get()
    if known is None:
        known = parse({name: given[-1] for name, given in session.query().items()}, pages)
        _READ.set(known)
    return known


def parse(link: Mapping[str, str], pages: tuple[str, ...]) -> tuple[Reduced, list[str]]:
    """The view that the parameters of a link describe, and a sentence for each unknown name."""
    problems: list[str] = []

    def names(parameter: str, allowed: tuple[str, ...]) -> list[str]:
        given = [name.strip() for name in link.get(parameter, "").split(",") if name.strip()]
        problems.extend(
            str(refuse(parameter, ", ".join(allowed), name, verb="are"))
            for name in dict.fromkeys(given)
            if name not in allowed
        )
        return [name for name in given if name in allowed]

    controls = fields.controls()
    named = names(HIDE, (*controls, *GROUPS))
    hide = [part for name in named for part in GROUPS.get(name, (name,))]
    shown = names(SHOW_PAGES, pages)
    view = Reduced(
        tuple(name for name in controls if name in hide),
        tuple(file for file in pages if file in (*shown, "train")) if shown else None,
    )
    return (view if view.pages != pages else Reduced(view.hide)), problems


def current() -> Reduced:
    """What this session hides."""
    known = _READ.get()
    return Reduced() if known is None else known[0]


def hides(control: str) -> bool:
    """Whether a control, or the one that a field belongs to, is hidden."""
    return any(control in fields.TOGETHER.get(name, (name,)) for name in current().hide)


def hidden_fields() -> tuple[str, ...]:
    """The fields of `Experiment` whose controls are hidden."""
    parts = [part for name in current().hide for part in fields.TOGETHER.get(name, (name,))]
    return tuple(part for part in parts if part in SETTINGS)


def show_everything() -> None:
    """End the reduced view; for a button."""
    _READ.set((Reduced(), []))


def query(reduced: Reduced) -> dict[str, str]:
    """The parameters of a link to a reduced view."""
    hide = list(reduced.hide)
    for group, parts in GROUPS.items():
        if set(parts) <= set(hide):
            hide = [name for name in hide if name not in parts] + [group]
    asked = {HIDE: ",".join(hide), SHOW_PAGES: ",".join(reduced.pages or ())}
    return {name: value for name, value in asked.items() if value}


def keep_in_link() -> None:
    """Keep the view in the URL, which loses it when the page changes."""
    wanted = query(current())
    for name in (HIDE, SHOW_PAGES):
        session.write(name, wanted.get(name))


def notice(pages: int) -> None:
    """Say that the view of an app with so many pages is reduced, and how to see all of it."""
    view = current()
    hidden_pages = 0 if view.pages is None else pages - len(view.pages)
    if words := summary(len(view.hide), hidden_pages):
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
