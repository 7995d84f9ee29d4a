"""Charts on a page: made once for all who see the same, and never another than asked for."""

import json

import altair as alt
import pandas as pd
import pytest
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest
from visitor import visit

from elman.charts.parts import layered, rule
from elman.ui import show

made = []


def chart(frame, height, name=None):
    made.append(height)
    points = alt.Chart(frame).mark_point().encode(x=alt.X("x:Q"), y=alt.Y("y:Q"))
    return layered(points, *rule(0.5, "floor", "floor"), height=height)


def page(first, height, name=None):
    from functools import partial

    import pandas as pd
    from test_show import chart

    from elman.ui.show import figure

    figure(partial(chart, pd.DataFrame({"x": [first], "y": [2.0]}), height, name), "A point.")


def drawn(*given, page=page):
    visitor = AppTest.from_function(page, args=given).run()
    assert not visitor.exception
    (found,) = visitor.get("vega_lite_chart")
    return found.proto


@pytest.fixture(autouse=True)
def nothing_made(allow):
    allow()
    made.clear()


def test_the_same_chart_is_made_once_and_another_anew():
    first, again = drawn(1.0, 100), drawn(1.0, 100)
    assert made == [100]
    assert (first.spec, first.datasets) == (again.spec, again.datasets)
    assert json.loads(drawn(1.0, 200).spec)["height"] == 200
    assert drawn(1.5, 100).datasets != first.datasets
    assert made == [100, 200, 100]


def test_what_cannot_be_compared_is_made_each_time():
    for _ in range(2):
        drawn(1.0, 100, lambda: None)
    assert made == [100, 100]


def test_its_specification_is_the_charts_own_with_the_tables_apart():
    given = chart(pd.DataFrame({"x": [1.0], "y": [2.0]}), 100)
    found = show._Drawn(show._packed(given)).to_dict()
    tables = found.pop("datasets")
    with alt.theme.enable("none"):
        wanted = given.to_dict()
    assert len(wanted.pop("datasets")) == len(tables) == 2
    names = [layer["data"].pop("name") for layer in found["layer"]]
    assert set(names) == set(tables)
    for layer in wanted["layer"]:
        layer["data"].pop("name")
    assert found == wanted


def mark_at(height, table):
    made.append(height)
    return alt.Chart(table).mark_rule().encode(x=alt.X("x:Q")).properties(height=height)


def page_that_moves(at, height):
    from functools import partial

    import pandas as pd
    from test_show import mark_at

    from elman.ui.show import figure

    figure(partial(mark_at, height), "A line.", moving=[pd.DataFrame({"x": [at]})])


def test_a_chart_whose_table_alone_moves_is_made_once_and_shows_each_table():
    first, second = (drawn(at, 100, page=page_that_moves) for at in (1.0, 2.0))
    assert made == [100]
    assert first.spec == second.spec
    for proto, at in ((first, 1.0), (second, 2.0)):
        (table,) = proto.datasets
        assert table.name == json.loads(proto.spec)["data"]["name"]
        assert convert_arrow_bytes_to_pandas_df(table.data.data)["x"].tolist() == [at]
    drawn(1.0, 200, page=page_that_moves)
    assert made == [100, 200]


@pytest.mark.parametrize(("key", "value"), [("epoch", 115), ("hidden", 3)])
def test_on_train_a_moved_slider_moves_tables_alone_so_that_the_browser_keeps_the_figures(
    key, value
):
    """A browser draws a figure anew for another text alternative as for another specification."""
    visitor = visit()
    before = [found.proto for found in visitor.get("vega_lite_chart")]
    visitor.choose(key, value)
    after = [found.proto for found in visitor.get("vega_lite_chart")]
    assert len(before) == 3
    assert [kept(figure) for figure in after] == [kept(figure) for figure in before]
    assert [figure.datasets for figure in after] != [figure.datasets for figure in before]


def kept(figure):
    """The text alternative and the specification, but for what tables are called."""
    words = figure.spec
    for place, table in enumerate(figure.datasets):
        words = words.replace(f'"{table.name}"', f'"table {place}"')
    return figure.alt, words
