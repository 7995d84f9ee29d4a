"""Step by step in a real browser."""

from playwright.sync_api import expect


def test_one_goes_from_step_to_step_and_from_stage_to_stage(app):
    app.open_page("errors", "epochs=5&length=300")
    # By the menu: whoever comes from another page must be able to move on from its choices.
    app.page.get_by_role("link", name="Step by step").click()
    expect(app.heading()).to_have_text("Step by step")
    expect(app.page.get_by_text("Step 2 of 300 in pass 6")).to_be_visible()
    for number in (3, 4):
        app.page.get_by_role("button", name="Forward").click()
        expect(app.page.get_by_text(f"Step {number} of 300 in pass 6")).to_be_visible()
        app.settle()
        assert app.query()["step"] == str(number)
    app.page.get_by_text("backward", exact=True).click()
    expect(app.page.get_by_text("now show their deltas")).to_be_visible()
    app.settle()
    assert app.query()["stage"] == "backward"


def test_it_fits_a_phone(open_app):
    app = open_app(width=390, color_scheme="dark")
    app.open_page("step", "task=letters&epochs=5&length=300&depth=3")
    expect(app.page.get_by_text("The whole computation")).to_be_visible()
    expect(app.page.locator(".vega-embed").first).to_be_visible()
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
