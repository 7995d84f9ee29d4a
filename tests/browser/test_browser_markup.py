"""Nothing that a viewer types becomes markup or script: on pages, in charts and their tooltips."""

from urllib.parse import urlencode

import pytest
from hostile import MARKUP

HOSTILE = "<img src=x onerror=hacked()><b>zz</b>[zz](javascript:hacked())$z^9$**zz**:red[zz]"
# In lines, so that each is a group with a label of its own, as it is and as Markdown.
TEXT = "\n".join([HOSTILE, "**zz**", "$z^9$ $z^9$", "<b>zz</b>", "[zz](javascript:hacked())"] * 3)

SMALL = {"epochs": "3", "length": "200", "hidden": "4", "c_seeds": "1"}
OWN = SMALL | {"task": "own", "text": TEXT, "boundary": "newline"}

# What would be there if any of it had been read as markup.
READ_AS_MARKUP = """() => [
    ...document.querySelectorAll(
        "img[src='x'], a[href^='javascript'], [onerror], :is(b, strong, em, a, h1) :is(img)"),
    ...[...document.querySelectorAll("b, strong, em, a, .katex, span[style*=color]")]
        .filter(part => /^(zz|z\\^?9.*)$/.test(part.textContent.trim())),
].map(part => part.outerHTML.slice(0, 200)).concat(window.hackedBy ?? [])"""


@pytest.fixture
def hostile_app(app):
    app.page.add_init_script("window.hacked = () => { window.hackedBy = ['a script ran']; };")

    def look():
        app.settle()
        assert app.page.evaluate(READ_AS_MARKUP) == []

    app.look = look
    return app


def hover_over_charts(app):
    """Move over every chart, so that its tooltips show; how many did."""
    shown = 0
    for chart in app.charts().filter(visible=True).all()[:2]:
        chart.scroll_into_view_if_needed()
        marks = chart.locator("svg .mark-symbol path, svg .mark-rect path, svg .mark-text text")
        for mark in marks.all()[:40:4]:
            mark.hover(force=True)
            # It comes a moment later; where the mark has none, nothing does.
            app.page.wait_for_timeout(30)
            tip = app.page.locator("#vg-tooltip-element.visible")
            shown += tip.count()
            assert app.page.evaluate(READ_AS_MARKUP) == []
    return shown


@pytest.mark.slow
def test_a_text_of_markup_is_shown_as_it_is(hostile_app):
    app, shown = hostile_app, 0
    app.open_page("", urlencode(OWN))
    app.look()
    # A link that begins at a page with figures, and pages that one comes to afterwards.
    app.open_page(
        "train",
        urlencode(OWN | {"pin": f"name~{HOSTILE[:40]}~seed~3", "error_view": "step by step"}),
    )
    for title in (None, "Errors", "Inside one step", "For teachers", "Hidden states"):
        if title:
            app.go_to(title)
        app.look()
        shown += hover_over_charts(app)
    for view in ("components", "tree", "state space", "automaton"):
        app.keyed("view").get_by_text(view, exact=True).click()
        app.expect_in_link(view=view)
        app.look()
        shown += hover_over_charts(app)
    assert shown > 10


@pytest.mark.slow
@pytest.mark.parametrize("page", ["", "numbers", "layers", "compare"])
def test_what_is_typed_or_linked_is_shown_as_it_is(hostile_app, page):
    names = ("hidden", "boundary", "preset", "hide", "pages", "n_sequence", "n_ask", "l_lengths",
             "c_hidden", "c_level", "text_packed", HOSTILE)  # fmt: skip
    hostile_app.open_page(page, urlencode(SMALL | {"task": "own"} | dict.fromkeys(names, HOSTILE)))
    hostile_app.look()
    fields = hostile_app.page.locator("input[type=text], textarea").filter(visible=True)
    typed = 0
    for field in fields.all():
        if not field.is_editable():
            continue
        field.fill(HOSTILE[: int(field.get_attribute("maxlength") or 500)])
        field.press("Control+Enter")
        hostile_app.look()
        typed += 1
    assert typed


@pytest.mark.slow
def test_the_name_of_a_file_is_shown_as_it_is(hostile_app):
    hostile_app.open_page("", urlencode(SMALL | {"task": "own"}))
    for name in MARKUP[:5]:
        file = {"name": f"{name.replace('/', '')}.txt", "mimeType": "text/plain", "buffer": b"\0"}
        hostile_app.keyed("text_file").locator("input[type=file]").set_input_files(file)
        hostile_app.look()
