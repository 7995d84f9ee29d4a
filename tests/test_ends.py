"""A page, or a part that runs by itself, ends quietly where it has nothing more to show."""

from streamlit.testing.v1 import AppTest
from visitor import ROOT, act, charts, choose, visit


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


def test_every_part_that_runs_by_itself_is_one_of_ours():
    sources = [*(ROOT / "pages").glob("*.py"), *(ROOT / "elman").rglob("*.py")]
    found = [path.name for path in sources if "st.fragment" in path.read_text(encoding="utf-8")]
    assert found == ["ends.py"]


def test_a_network_that_overflows_where_it_is_tested_has_its_words_on_every_page():
    link = {"task": "sentences", "length": "300", "activation": "relu"}
    for page in ("watch", "errors", "states", "train", "step"):
        visitor = visit(page, **link)
        assert page == "step" or "overflow" in visitor.info[0].value
    visitor = visit("watch", **link)
    assert charts(choose(visitor, "epoch", 0))
