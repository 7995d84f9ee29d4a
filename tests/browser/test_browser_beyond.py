"""The five pages beyond Elman's own network: first screen, links, alternatives, phones."""

import re

import pytest
from playwright.sync_api import expect

# A link that shows a result at once, and how that result begins.
RESULTS = {
    "gradients": ("epochs=5&length=300", "One step back the gradient is"),
    "numbers": ("", "After 7, 8, 9 the network says"),
    "layers": ("", "This RNN learns 76 numbers"),
    "shapes": ("s_epochs=5", "After 5 epochs it answers"),
    "memory": ("", "One sequence at lag 4"),
}


@pytest.mark.parametrize("page", RESULTS)
def test_the_result_in_words_is_on_the_first_screen_below_its_figure(open_app, page):
    app = open_app(width=1280, height=800)
    link, begins = RESULTS[page]
    app.open_page(page, link)
    result = app.page.get_by_text(re.compile("^" + begins)).first
    expect(result).to_be_visible()
    app.settle()

    # Figures may be drawn one after the other, in any order.
    def first_screen():
        box, figure = result.bounding_box(), app.charts().first.bounding_box()
        return figure["y"] < box["y"] and box["y"] + box["height"] <= 800

    app.eventually(first_screen)


@pytest.mark.parametrize("page", RESULTS)
def test_every_picture_can_be_read_aloud_and_a_phone_needs_no_sideways_scrolling(open_app, page):
    app = open_app(width=390, height=844, color_scheme="dark")
    app.open_page(page, RESULTS[page][0])
    expect(app.charts().first).to_be_visible()
    for chart in app.charts().filter(visible=True).all():
        assert len(chart.get_attribute("aria-label")) > 20
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(
    ("page", "link", "slider"),
    [("memory", "", "recall_seeds"), ("shapes", "s_epochs=5", "s_hidden")],
)
def test_a_control_is_in_the_link_and_comes_back_with_its_page(app, page, link, slider):
    app.open_page(page, link)
    before = app.slider(slider).get_attribute("aria-valuetext")
    app.press(slider, "ArrowRight")
    expect(app.slider(slider)).not_to_have_attribute("aria-valuetext", before)
    app.settle()
    after = app.slider(slider).get_attribute("aria-valuetext")
    assert app.query()[slider] == after
    app.page.reload()
    expect(app.slider(slider)).to_have_attribute("aria-valuetext", after)
    app.go_to("Train")
    app.page.go_back()
    expect(app.slider(slider)).to_have_attribute("aria-valuetext", after)
    app.settle()
    assert app.query()[slider] == after


def test_numbers_and_texts_stay_while_the_reader_looks_at_another_page(app):
    app.open_page("numbers", "n_units=7&n_epochs=5&n_sequence=1 2 3 4 5 6")
    units = app.page.get_by_role("spinbutton", name="Hidden units")
    expect(units).to_have_value("7")
    for back in (lambda: app.go_to("Number sequences"), app.page.go_back):
        app.go_to("Train")
        back()
        expect(units).to_have_value("7")
        expect(app.page.get_by_role("textbox", name="Your numbers")).to_have_value("1 2 3 4 5 6")
        expect(app.metric("Right")).to_have_text("7")
