"""The stored measurements over the grid as tidy frames and sentences, a card at a time."""

from __future__ import annotations

from typing import Any

import pandas as pd

from elman.reproduction import GridResults
from elman.reproduction.cards import main_numbers
from elman.reproduction.grid import GRIDS, OTHER_START, PRESET, Cell
from elman.reproduction.rules import Card, Check

MOST_NAMED = 2


def has_map(card: Card) -> bool:
    """Whether the networks of a card were trained over the grid."""
    return card.seeds in GRIDS


def _checked(card: Card) -> list[Check]:
    return [check for check in card.checks if not check.unknown]


def weights_name(kind: str, scale: float) -> str:
    """The first weights in short: "normal 0.1", or "±0.3" for uniform ones."""
    return f"±{scale:g}" if kind == "uniform" else f"{kind} {scale:g}"


def squares(card: Card, grid: GridResults) -> pd.DataFrame:
    """Each check of a card in each setting of the grid, in the order of both.

    Columns: check (in words), momentum, weights, rate, value (median or number of seeds, in
    words), allowed, holds ("yes" or "no"), preset (whether it is the preset's setting).
    """
    rows = []
    for check in _checked(card):
        for cell in grid["tasks"][card.seeds]:
            setting, values = cell["settings"], cell["values"][card.key][check.name]
            if setting != OTHER_START:
                rows.append(
                    (
                        check.words,
                        setting["momentum"],
                        weights_name(setting["weight_init"], setting["weight_scale"]),
                        setting["learning_rate"],
                        main_numbers(check, values),
                        check.allowed,
                        check.outcome(values),
                        setting == PRESET,
                    )
                )
    columns = ["check", "momentum", "weights", "rate", "value", "allowed", "holds", "preset"]
    return pd.DataFrame(rows, columns=columns)


def settings_table(card: Card, grid: GridResults) -> pd.DataFrame:
    """One row a setting: momentum, weights, rate, held (checks that hold), then every check.

    The columns of the checks have their words as names.
    """
    keys = ["momentum", "weights", "rate"]
    found = squares(card, grid)
    words = found["value"].where(found["holds"] == "yes", found["value"] + " (fails)")
    wide = found.assign(value=words).pivot_table(
        index=keys, columns="check", values="value", aggfunc="first", sort=False
    )
    held = (found["holds"] == "yes").groupby([found[key] for key in keys], sort=False).sum()
    wide.insert(0, "held", held)
    return wide.reset_index()[[*keys, "held", *(check.words for check in _checked(card))]]


def _held(card: Card, cell: dict[str, Any]) -> list[bool]:
    values = cell["values"][card.key]
    return [check.holds(values[check.name]) for check in _checked(card)]


def _setting(cell: Cell) -> str:
    kind = "uniform ±" if cell["weight_init"] == "uniform" else "normal "
    momentum = f", momentum {cell['momentum']:g}" if cell["momentum"] else ""
    return f"{kind}{cell['weight_scale']:g} at rate {cell['learning_rate']:g}{momentum}"


def sentence(card: Card, grid: GridResults) -> str:
    """Where in the grid the checks of a card hold, and what our preset keeps, from the numbers."""
    checks = _checked(card)
    cells = grid["tasks"][card.seeds]
    outcomes = [(cell["settings"], _held(card, cell)) for cell in cells]
    tried = [(setting, held) for setting, held in outcomes if setting != OTHER_START]
    ours = next(held for setting, held in tried if setting == PRESET)
    other = next(held for setting, held in outcomes if setting == OTHER_START)
    most = max(sum(held) for _, held in tried)
    best = [setting for setting, held in tried if sum(held) == most]
    named = "; ".join(_setting(setting) for setting in best[:MOST_NAMED])
    if len(best) > MOST_NAMED:
        named = f"such as {named}"
    all_of = f"all {len(checks)}" if most == len(checks) else f"at most {most} of {len(checks)}"
    said = (
        f"In {sum(held[0] for _, held in tried)} of {len(tried)} settings the main check holds; "
        f"{all_of} hold together, in {len(best)} ({named}). "
        f"Our preset keeps {sum(ours)}; {sum(other)} if its context starts at 0, not at 0.5."
    )
    never = [
        f"“{check.words}”"
        for place, check in enumerate(checks)
        if not any(held[place] for _, held in tried)
    ]
    if never:
        said += f" Nowhere holds: {', '.join(never)}."
    return said + (_cosine(cells) if card.key == "figure_7" else "")


def _cosine(cells: list[dict[str, Any]]) -> str:
    """What the best tree costs in the errors of the text."""

    def median(cell: dict[str, Any], key: str, name: str) -> float:
        return float(pd.Series(cell["values"][key][name]).median())

    best = max(cells, key=lambda cell: median(cell, "figure_7", "branches"))
    ours = next(cell for cell in cells if cell["settings"] == PRESET)
    return (
        f" The best branches, {median(best, 'figure_7', 'branches'):.2f}, come with "
        f"{_setting(best['settings'])}, where the mean cosine is "
        f"{median(best, 'errors', 'cosine'):.3f}; at our preset they are "
        f"{median(ours, 'figure_7', 'branches'):.2f} and {median(ours, 'errors', 'cosine'):.3f}, "
        "in the paper the cosine is 0.916."
    )
