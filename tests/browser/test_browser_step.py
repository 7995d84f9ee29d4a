"""Step by step in a real browser."""

from playwright.sync_api import expect


def forward(app, to):
    app.page.get_by_role("button", name="Forward", exact=True).click()
    expect(app.page.get_by_text(f"Step {to} of 300 in pass 6")).to_be_visible()
    app.settle()
    assert app.query()["step"] == str(to)


def test_one_goes_from_step_to_step_also_after_a_look_at_another_page(app):
    app.open_page("step", "epochs=5&length=300")
    expect(app.page.get_by_text("Step 2 of 300 in pass 6")).to_be_visible()
    forward(app, to=3)
    app.go_to("Errors")
    app.go_to("Step by step")
    expect(app.page.get_by_text("Step 3 of 300 in pass 6")).to_be_visible()
    forward(app, to=4)
    forward(app, to=5)
    app.page.get_by_role("radio", name="backward").click()
    expect(app.page.get_by_text("now show their deltas")).to_be_visible()
    app.settle()
    assert app.query()["stage"] == "backward"


def test_it_fits_a_phone(open_app):
    app = open_app(width=390, color_scheme="dark")
    app.open_page("step", "task=letters&epochs=5&length=300&depth=3")
    expect(app.page.get_by_text("The whole computation")).to_be_visible()
    expect(app.page.locator(".vega-embed").first).to_be_visible()
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
