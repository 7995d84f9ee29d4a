"""How every page begins, and how it or a part that runs by itself ends."""

import ast

import pytest
from streamlit.testing.v1 import AppTest
from visitor import PAGES, ROOT, act, charts, choose, visit


def test_a_part_that_ends_leaves_the_rest_of_its_page():
    def script():
        import streamlit as st

        from elman.ui.ends import PageEnds, fragment

        @fragment()
        def part():
            st.button("again")
            st.text("above")
            raise PageEnds

        part()
        st.text("below")

    page = act(AppTest.from_function(script))
    for _ in range(2):
        assert [text.value for text in page.text] == ["above", "below"]
        act(page.button[0].click())


@pytest.mark.parametrize(
    ("call", "files"),
    # A script that ends by `st.stop()` drops what is pressed meanwhile; in a browser that was Stop.
    [("st.fragment", ["ends.py"]), ("st.stop()", [])],
)
def test_parts_run_and_pages_end_in_our_own_way_alone(call, files):
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "elman").rglob("*.py")]
    found = [path.name for path in sources if call in path.read_text(encoding="utf-8")]
    assert found == files


@pytest.mark.parametrize("page", PAGES)
def test_a_page_begins_by_handing_over_to_the_entry_file(page):
    """Else the first visitor of a fresh server would get a linked page without its sidebar."""
    body = ast.parse((ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")).body
    first = next(node for node in body[1:] if not isinstance(node, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == "menu.hand_over()"


def test_a_network_that_overflows_where_it_is_tested_has_its_words_on_every_page():
    link = {"task": "sentences", "length": "300", "activation": "relu"}
    for page in ("watch", "errors", "states", "train", "step"):
        visitor = visit(page, **link)
        assert page == "step" or "overflow" in visitor.info[0].value
    visitor = visit("watch", **link)
    assert charts(choose(visitor, "epoch", 0))
