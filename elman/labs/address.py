"""An address of the app: a page and its parameters, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from elman.experiment import SETTINGS
from elman.labs import LABS, STEPS
from elman.settings import refuse
from elman.tasks import links, packed

# The pages that a lesson can lead to, as addresses name them, and their titles.
PAGES = {
    "start": "Start here",
    "watch": "Watch it learn",
    "labs": "Labs",
    "train": "Train",
    "errors": "Errors",
    "states": "Hidden states",
    "step": "Inside one step",
    "compare": "Compare",
    "generate": "Generate",
    "gradients": "Gradients",
    "memory": "Memory",
    "numbers": "Number sequences",
    "table": "Own table",
    "layers": "Layers",
    "shapes": "Inputs and answers",
    "paper": "The paper",
    "about": "About",
}

# The page without a name in addresses, and what it has there for itself.
FIRST, OF_FIRST = "start", {"stream"}

# What a lesson itself and its form have in the address, and what Streamlit has there.
NOT_OF_A_RUN = ("lesson", "station", "draft", "make", "embed", "embed_options")

# What a lab can be opened at, beside the labs: their end.
END = "results"

MAX_CHARACTERS, MAX_PARAMETERS = 8000, 100


class Address(NamedTuple):
    """A page of the app, and name and value of each of its parameters."""

    page: str
    query: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.page + (f"?{urlencode(self.query)}" if self.query else "")

    def below(self, app: str) -> str:
        """The whole address, of an app that is at `app`; its first page has no name there."""
        text = str(self)
        return f"{app.rstrip('/')}/{text.removeprefix(FIRST) if self.page == FIRST else text}"

    @property
    def values(self) -> dict[str, str]:
        """The parameters by name; of one that is there several times, the last."""
        return dict(self.query)


def read(given: Any, app: str = "") -> Address:
    """The address that a text spells; ValueError, naming `link`, for any that is not of this app.

    It is one below `app`, such as "http://127.0.0.1:8501", or has no host at all.
    """
    if not isinstance(given, str) or len(given) > MAX_CHARACTERS:
        words = f"{len(given):,} were given" if isinstance(given, str) else ""
        raise refuse("link", f"at most {MAX_CHARACTERS:,} characters", given, words=words)
    text = given.strip()
    try:
        # Halves of surrogate pairs have no place in an address.
        text.encode()
        parts = urlsplit(text)
        query = parse_qsl(
            parts.query, keep_blank_values=True, max_num_fields=MAX_PARAMETERS, errors="replace"
        )
    except ValueError:
        raise _foreign(given) from None
    path, here = parts.path or "/", urlsplit(app)
    if parts.scheme or parts.netloc:
        folder = here.path.rstrip("/") + "/"
        same = (parts.scheme, parts.netloc) == (here.scheme, here.netloc)
        if not app or not same or not path.startswith(folder):
            raise _foreign(given)
        path = path.removeprefix(folder)
    query = [(name, value) for name, value in query if name not in NOT_OF_A_RUN]
    # Links of before Start here name no page and mean Train.
    page = path.removeprefix("/") or ("train" if {*dict(query)} - OF_FIRST else FIRST)
    if page not in PAGES:
        raise refuse("link", f"a page of {', '.join(PAGES)}", page)
    return Address(page, tuple(query))


def _foreign(given: str) -> ValueError:
    return refuse("link", "an address of this app, such as errors?task=xor", given)


def problems(address: Address) -> list[str]:
    """A sentence for each value of a setting, and of a lab, that the page would leave out."""
    values, _, broken = packed.out_of_link(address.values)
    _, wrong = links.described(values)
    found = [*broken, *wrong]
    if address.page == "labs":
        for name, allowed in (("lab", (*LABS, END)), ("at", STEPS)):
            if name in values and values[name] not in allowed:
                found.append(str(refuse(name, f"one of {', '.join(allowed)}", values[name])))
    return found


def of_no_setting(address: Address) -> list[str]:
    """The names that only the app itself can check: those of what its pages show."""
    known = {*SETTINGS, "preset", packed.PACKED, packed.MISSING}
    known |= {"lab", "at"} if address.page == "labs" else set()
    return [name for name in dict.fromkeys(name for name, _ in address.query) if name not in known]
