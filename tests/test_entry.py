"""Every page hands over to the entry file, which draws the menu and the sidebar first."""

import ast

import pytest
from visitor import PAGES, ROOT


@pytest.mark.parametrize("page", PAGES)
def test_a_page_begins_by_handing_over_to_the_entry_file(page):
    """Else the first visitor of a fresh server would get a linked page without its sidebar."""
    body = ast.parse((ROOT / "pages" / f"{page}.py").read_text(encoding="utf-8")).body
    first = next(node for node in body[1:] if not isinstance(node, ast.Import | ast.ImportFrom))
    assert ast.unparse(first) == "menu.hand_over()"
