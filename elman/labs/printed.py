"""A page to print: one HTML file that needs no script and no other file."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from html import escape

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1c1c1c; background: #fff; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
section { break-inside: avoid; border-top: 1px solid #bbb; }
dt { font-weight: 600; } dd { margin: 0 0 .5rem 0; } svg { display: block; max-width: 100%; }
.bare { color: #555; font-size: .9rem; } a { color: #0b57a4; overflow-wrap: anywhere; }
.typed { white-space: pre-wrap; overflow-wrap: anywhere; }
@media print { body { margin: 0; } }
"""


def document(title: str, parts: Iterable[str]) -> str:
    """A whole page of HTML from the parts of its body."""
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *parts,
            "</body></html>\n",
        ]
    )


def link(words: str, to: str) -> str:
    """A line with a link, its address printed."""
    return f'<p class="bare">{escape(words)}: <a href="{escape(to)}">{escape(to)}</a></p>'


def typed(text: str) -> str:
    """What somebody typed, with its line ends."""
    return f'<p class="typed">{escape(text)}</p>' if text else ""


def terms(listed: dict[str, str]) -> str:
    """Terms and what is said of each, as HTML."""
    inner = "".join(f"<dt>{escape(term)}</dt><dd>{words}</dd>" for term, words in listed.items())
    return f"<dl>{inner}</dl>"


def day(when: datetime.date) -> str:
    """A date in words: 1 May 2026."""
    return f"{when:%d %B %Y}".lstrip("0")
