"""The grid over what the paper leaves open: its settings, stored numbers, maps and sentences."""

import datetime

import numpy as np
import pytest
from drawing import Drawing

from elman import reproduction
from elman.charts.paper import grid_chart
from elman.reproduction import maps, measure
from elman.reproduction.grid import FIRST_SEED, GRIDS, OTHER_START, PRESET, cells_of, experiments_of
from elman.reproduction.rules import BY_KEY, CARDS, SEEDS
from elman.training.compiling import available

MAPPED = [card for card in CARDS if maps.has_map(card)]
STORED = reproduction.load_grid()


def test_every_figure_that_trains_has_a_map_over_fresh_seeds_and_the_preset_lies_in_it():
    assert [card.key for card in MAPPED] == [c.key for c in CARDS if c.title.startswith("Figure")]
    assert max(SEEDS.values()) < FIRST_SEED
    for task in GRIDS:
        assert PRESET in GRIDS[task].cells()
        first = experiments_of(task, PRESET)[0]
        assert first == measure.experiment_of(task, FIRST_SEED)
        assert experiments_of(task, OTHER_START)[0] == first.replace(context_start=0.0)


def test_stored_are_all_settings_of_the_grid_with_every_check_at_every_seed_and_its_date():
    for stored in (reproduction.load(), STORED):
        assert stored["version"]
        assert datetime.date.fromisoformat(stored["date"])
        assert stored["seconds"] > 0
    assert list(STORED["tasks"]) == list(GRIDS)
    for task, cells in STORED["tasks"].items():
        assert [cell["settings"] for cell in cells] == cells_of(task)
    for card in MAPPED:
        for cell in STORED["tasks"][card.seeds]:
            kept = cell["values"][card.key]
            assert list(kept) == [check.name for check in card.checks]
            assert {len(values) for values in kept.values()} == {GRIDS[card.seeds].seeds}


@pytest.mark.skipif(not available(), reason="minutes on the reference")
def test_networks_trained_side_by_side_measure_what_they_do_alone():
    experiments = experiments_of("words", PRESET)[:6] + experiments_of("words", OTHER_START)[:1]
    experiments += [experiments[0].replace(momentum=0.5)]
    together = measure.measured_runs("words", experiments)
    assert together[0] == measure.measured_runs("words", experiments[:1])[0]
    assert together[-1] == measure.measured_runs("words", experiments[-1:])[0]
    stored = next(c for c in STORED["tasks"]["words"] if c["settings"] == PRESET)["values"]
    for name, values in stored["figure_6"].items():
        assert [one["figure_6"][name] for one in together[:6]] == values[:6]


def hand_made(holding):
    """A grid for Figure 5a in which `holding(setting)` says which of its two checks hold."""
    cells = []
    for setting in cells_of("letters"):
        known, height = holding(setting)
        values = {"known": [float(known)] * 4, "largest": [0.1 if height else 0.0] * 4}
        cells.append({"settings": setting, "values": {"figure_5a": values}})
    return {"version": "1", "date": "2000-01-01", "seconds": 1, "tasks": {"letters": cells}}


@pytest.mark.parametrize(("holding", "said"), [
    (lambda s: (s["momentum"] == 0.0, s["weight_scale"] == 3.0 and s["learning_rate"] > 0.5),
     "In 20 of 40 settings the main check holds; all 2 hold together, in 1 (uniform ±3 at "
     "rate 1). Our preset keeps 1; 1 if its context starts at 0, not at 0.5."),
    (lambda s: (s["context_start"] == 0.5, False),
     "In 40 of 40 settings the main check holds; at most 1 of 2 hold together, in 40 (such "
     "as normal 0.1 at rate 0.03; normal 0.1 at rate 0.1). Our preset keeps 1; 0 if its "
     "context starts at 0, not at 0.5. Nowhere holds: “largest of these errors”."),
])  # fmt: skip
def test_the_sentence_counts_the_settings(holding, said):
    assert maps.sentence(BY_KEY["figure_5a"], hand_made(holding)) == said


def test_the_map_has_a_square_for_each_setting_and_check_full_where_it_holds():
    grid = hand_made(lambda s: (s["learning_rate"] < 0.2, False))
    squares = maps.squares(BY_KEY["figure_5a"], grid)
    assert len(squares) == 2 * 40
    assert (squares["preset"].sum(), (squares["holds"] == "yes").sum()) == (2, 20)
    drawing = Drawing(grid_chart(squares))
    rectangles = drawing.of("rect mark")
    full = [mark for mark in rectangles if mark.opacity == 1]
    assert (len(rectangles), len(full)) == (80, 20)
    assert {"momentum 0", "momentum 0.9", "±3", "largest of these errors"} <= set(drawing.texts)


@pytest.mark.parametrize("card", MAPPED, ids=lambda card: card.key)
def test_the_table_has_a_row_a_setting_and_counts_what_the_map_shows(card):
    table, squares = maps.settings_table(card, STORED), maps.squares(card, STORED)
    assert len(table) == len(GRIDS[card.seeds].cells())
    assert table["held"].sum() == (squares["holds"] == "yes").sum()
    assert np.isfinite(table["rate"]).all()
    assert maps.sentence(card, STORED).endswith(".")
