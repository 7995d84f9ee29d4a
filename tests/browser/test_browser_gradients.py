"""Gradients and Memory in a real browser."""

import re

from playwright.sync_api import expect


def test_the_switch_brings_the_bug_and_the_check_finds_it(app):
    app.open_page("gradients", "epochs=20&length=300&closer=check")
    expect(app.heading()).to_have_text("Gradients")
    expect(app.page.get_by_text("All 19 weights agree")).to_be_visible()
    app.page.get_by_text("overwritten", exact=True).click()
    expect(app.page.get_by_text("are wrong, all in W_hh")).to_be_visible()
    app.settle()
    assert app.query()["order_of_work"] == "overwritten"


def test_every_closer_look_fits_a_phone(open_app):
    app = open_app(width=390, color_scheme="dark")
    app.open_page("gradients", "epochs=5&length=300&net=fresh&fresh_hidden=10&clip_steps=5")
    for closer in ("jacobians", "depth", "check", "clipping"):
        app.page.get_by_text(closer, exact=True).click()
        app.settle()
        assert app.query()["closer"] == closer
        assert app.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_results_come_in_while_it_trains_and_stop_keeps_them(app):
    app.open_page("memory", "recall_seeds=10")
    app.page.get_by_role("button", name="Train all four").click()
    expect(app.page.locator(".vega-embed").first).to_be_visible()
    app.keyed("recall_stop").get_by_role("button", name="Stop").click()
    expect(app.page.get_by_text("Stopped after")).to_be_visible()
    expect(app.page.get_by_text("Recalled from")).to_be_visible()
    app.settle()
    expect(app.page.get_by_role("button", name="Train again")).to_be_visible()


def test_what_a_suggestion_sets_is_in_the_link(app):
    app.open_page("gradients", "epochs=5&length=300")
    app.page.get_by_role("button", name="An exploding network").click()
    said = app.page.get_by_text(re.compile("^One step back the gradient is")).first
    expect(said).to_contain_text("explodes")
    app.settle()
    asked = {"net": "fresh", "radius": "3.0", "fresh_activation": "relu"}
    assert {name: app.query().get(name) for name in asked} == asked
    words = said.inner_text()
    app.page.reload()
    expect(said).to_have_text(words)
