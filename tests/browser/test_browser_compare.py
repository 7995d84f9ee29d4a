"""Compare in a real browser: run a comparison, and open one of its runs by a click."""

import re

from playwright.sync_api import expect


def test_a_point_that_is_clicked_is_opened_on_every_page(app):
    app.open_page("compare", "epochs=30&length=300&c_hidden=2,+3&c_seeds=10&c_level=0.1")
    start = app.page.get_by_role("button", name="Run 20 trainings")
    start.or_(app.page.get_by_text("Every run is a point")).first.wait_for()
    if start.count():
        start.click()
    expect(app.page.get_by_text("Every run is a point")).to_be_visible()
    expect(app.page.get_by_text("None of the 20 runs learned the rule")).to_be_visible()
    app.settle()

    # With 2 hidden units and with 3.
    points = app.page.locator("[aria-roledescription=point][aria-label*='Seed: 4;']")
    expect(points).to_have_count(2)
    points.nth(1).click()
    opened = app.page.get_by_text(re.compile(r"Opened: 3 hidden units, seed \d+"))
    expect(opened).to_be_visible()
    app.settle()
    # The comparison stays as it was.
    expect(app.page.get_by_text("None of the 20 runs learned the rule")).to_be_visible()
    seed = re.search(r"seed (\d+)", opened.inner_text()).group(1)
    assert seed == "4"
    assert (app.query()["hidden"], app.query()["seed"]) == ("3", seed)

    app.page.get_by_role("link", name="Look at it on Train").click()
    expect(app.heading()).to_have_text("Train")
    app.settle()
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    assert app.query().get("seed", "0") == seed
