"""How every page begins, and how it or a part that runs by itself ends."""

import ast

from streamlit.testing.v1 import AppTest
from visitor import ROOT, visit


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

    page = AppTest.from_function(script).run()
    for _ in range(2):
        assert not page.exception
        assert [text.value for text in page.text] == ["above", "below"]
        page.button[0].click().run()


def test_parts_run_and_pages_begin_and_end_in_our_own_way_alone():
    """A script that ends by `st.stop()` drops what is pressed meanwhile; in a browser that was
    Stop. If pages did not begin so, the first visitor of a fresh server would get a linked one
    without its sidebar."""
    pages = [*(ROOT / "pages").glob("*.py")]
    for path in (*pages, *(ROOT / "elman").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert ("st.fragment" in text, "st.stop()" in text) == (path.name == "ends.py", False), path
        if path in pages:
            lines = [ast.unparse(one) for one in ast.parse(text).body[1:]]
            assert next(a for a in lines if "import" not in a) == "menu.hand_over()", path


def test_a_network_that_overflows_where_it_is_tested_has_its_words_on_every_page():
    link = {"task": "sentences", "length": "300", "activation": "relu"}
    for page in ("watch", "errors", "states", "train"):
        assert "overflow" in visit(page, **link).info[0].value
    visit("step", **link)
    visitor = visit("watch", **link)
    assert visitor.choose("epoch", 0).charts
