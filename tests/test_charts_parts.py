"""What charts share: colours, thinning and the parts, once as they are drawn."""

import altair as alt
import numpy as np
import pandas as pd
import pytest
from drawing import Drawing, stands_out
from hypothesis import given
from hypothesis import strategies as st

from elman.charts import DASHES, ROLES, compare, parts, tree

ODD_NAMES = ["it's", 'so "said"', "a\\b", "שלום", "]</a>"]


def test_every_colour_stands_out_from_both_pages_and_no_two_roles_share_one():
    colours = {*ROLES.values(), *compare.RAMP, *tree.CLASS_COLOURS}
    assert not [colour for colour in colours if not stands_out(colour)]
    assert len({colour.lower() for colour in ROLES.values()}) == len(ROLES)


@given(size=st.integers(0, 5000), most=st.integers(2, 700))
def test_thinning_keeps_both_ends_and_even_gaps(size, most):
    index = parts.thinned(range(size), most)
    assert len(index) == min(size, most)
    if size:
        assert (index[0], index[-1]) == (0, size - 1)
    gaps = np.diff(index)
    assert len(gaps) == 0 or (gaps.min() >= 1 and np.ptp(gaps) <= 1)


def points(axis=alt.Undefined):
    """A chart of points at 0 to 4 on scales from -1 to 5."""
    table = pd.DataFrame({"x": range(5), "y": range(5)})
    x = alt.X("x:Q", title="Across", scale=parts.span(-1, 5), axis=axis)
    y = alt.Y("y:Q", title="Up", scale=parts.span(-1, 5))
    return alt.Chart(table).mark_point().encode(x=x, y=y)


def test_ticks_stand_at_their_places_and_names_have_any_character_and_lines():
    places = [0, 1, 2.5, 3, 4]
    drawing = Drawing(points(axis=parts.named_ticks(dict(zip(places, ODD_NAMES, strict=True)))))
    assert drawing.ticks("X") == ODD_NAMES
    expected = np.interp(places, range(5), [mark.points[0][0] for mark in drawing.of("point")])
    np.testing.assert_allclose([x for _, x, _ in drawing.tick_labels("X")], expected, atol=1)
    axis = parts.named_ticks({0: ["two", "lines"], 3: "one line"})
    assert {"two", "lines", "one line"} <= {*Drawing(points(axis=axis)).texts}


@pytest.mark.parametrize(
    ("upright", "at", "anchor"), [(False, 4, "start"), (False, "width", "end"), (True, 4, "start")]
)
def test_a_rule_goes_across_at_its_value_with_its_name_along_it(upright, at, anchor):
    line = parts.rule(2.0, "baseline", "name", upright=upright, at=at)
    drawing = Drawing(parts.layered(points(), *line, height=200))
    (rule,), (name,) = drawing.of("rule mark"), drawing.of("text mark")
    across, along = (0, 1) if upright else (1, 0)
    assert drawing.values("XY"[across], [rule]) == pytest.approx([2.0], abs=0.05)
    assert rule.points[0][across] == rule.points[1][across]
    ends = sorted(point[along] for point in rule.points)
    assert ends[1] - ends[0] > 150
    # The baseline of a text lies 3 pixels below its middle.
    assert name.points[0][across] == pytest.approx(rule.points[0][across], abs=4)
    assert name.points[0][along] == pytest.approx(ends[at == "width"], abs=8)
    assert name.element.text == "name"
    assert name.element.get("text-anchor", "start") == anchor
    assert rule.colour == name.colour == ROLES["baseline"]
    assert rule.element.get("stroke-dasharray") == ",".join(map(str, DASHES["baseline"]))
    # A title of its own would stand beside that of the axis.
    assert drawing.axes == {"X": "Across", "Y": "Up"}


def test_a_picture_draws_arrows_with_heads_and_words_on_bare_axes():
    ends = [(0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 1, 0), (1, 0, 0, 0)]
    table = pd.DataFrame(ends, columns=["x", "y", "x2", "y2"])
    table = table.assign(role=["input", "hidden", "output", "context"], word=[*"abcd"])
    picture = parts.Picture((-1, 2), (-1, 2))
    picture.arrows(table, parts.tips(("word:N", "Word")), head=60)
    picture.words(table, "word")
    drawing = Drawing(picture.chart(200))
    assert drawing.axes == {}
    arrows, heads = drawing.of("rule mark"), drawing.of("point")
    colours = [ROLES[role] for role in table["role"]]
    assert [mark.colour for mark in arrows] == [mark.colour for mark in heads] == colours
    for arrow, head, word in zip(arrows, heads, drawing.of("text mark"), strict=True):
        assert arrow.says["Word"] == word.element.text
        np.testing.assert_allclose(arrow.points[0], word.points[0], atol=4)
        np.testing.assert_allclose(arrow.points[1], head.points[0])
        # The tip, alone on its side, is where the arrow goes.
        numbers = head.element.get("d").replace("M", "L").replace("Z", "").split("L")[1:]
        corners = [tuple(map(float, corner.split(","))) for corner in numbers]
        *_, (_, beside), (far, tip) = sorted(
            (np.dot(corner, np.subtract(*arrow.points[::-1])), corner) for corner in corners
        )
        assert far > 0
        assert not np.allclose(beside, tip)
