"""The address of what is shown, and what a page would leave out of one before anybody opens it."""

from __future__ import annotations

from elman.labs import address
from elman.labs.address import Address
from elman.settings import Setting, refuse
from elman.ui import menu, reduced, session, sidebar, state, views


def shown() -> Address:
    """The address of what the reader sees; for callbacks, which come after all was drawn."""
    names = [
        (name, value)
        for name, values in sidebar.link().items()
        for value in values
        if name not in address.NOT_OF_A_RUN
    ]
    return Address(menu.current().file, tuple(names))


def problems(given: Address) -> list[str]:
    """A sentence for each part of an address that is unknown or not allowed.

    What depends on a run, such as an epoch, only its page can tell.
    """
    views.load_all()
    several: dict[str, list[str]] = {}
    for name, value in given.query:
        several.setdefault(name, []).append(value)
    _, unknown = reduced.parse(given.values, menu.LISTED)
    found = [
        *address.problems(given),
        *session.wrong_names(several, views.load_all),
        *unknown,
    ]
    for name, value in given.values.items():
        if name in state.CONTROLS and name not in ("at", "preset"):
            found += _of_control(state.CONTROLS[name], value)
    return found


def _of_control(control: state.Control, value: str) -> list[str]:
    options = control.options
    if isinstance(options, Setting):
        try:
            options.check(control.name, value)
        except ValueError as error:
            return [str(error)]
    elif len(options) and value not in map(str, options):
        listed = f"{options[0]} to {options[-1]}" if isinstance(options, range) else ", ".join(
            map(str, options)
        )  # fmt: skip
        return [str(refuse(control.name, f"one of {listed}", value))]
    return []
