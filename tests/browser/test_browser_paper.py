"""The pages of the whole paper in a real browser: states, film, cards, and a text of one's own."""

import re

import pytest
from playwright.sync_api import expect

SHORT = "epochs=5&length=300"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_of_the_hidden_states_fits_a_phone_and_is_in_the_link(open_app, scheme):
    app = open_app(width=390, height=844, color_scheme=scheme)
    app.open_page("states", f"{SHORT}&task=letters")
    for view in ("components", "tree", "surgery"):
        app.keyed("view").get_by_text(view, exact=True).click()
        app.settle()
        assert app.query()["view"] == view
        expect(app.charts().first).to_be_visible()
        assert app.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_what_is_opened_stays_open_in_the_link(app):
    app.open_page("states", f"{SHORT}&task=letters&view=tree")
    expect(app.charts().first).to_be_visible()
    before = app.charts().count()
    app.page.get_by_text("Not averaged: single occurrences").click()
    expect(app.page.get_by_text("of these occurrences have one")).to_be_visible()
    app.settle()
    assert app.query()["tokens"] == "true"
    app.page.reload()
    expect(app.page.get_by_text("of these occurrences have one")).to_be_visible()
    expect(app.charts()).to_have_count(before + 1)


def test_play_moves_through_the_epochs_to_the_end_in_the_chosen_lens(app):
    app.open_page("watch", f"{SHORT}&task=words&lens=through+a+text&epoch=2")
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "2")
    seen = [app.charts().first.get_attribute("aria-label")]
    app.keyed("play").get_by_role("button", name="Play").click()
    expect(app.slider("epoch")).not_to_have_attribute("aria-valuetext", "2")
    expect(app.keyed("play").get_by_role("button", name="Play from 0")).to_be_visible()
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "5")
    seen.append(app.charts().first.get_attribute("aria-label"))
    assert "at each letter" in seen[0]
    assert seen[0] != seen[1]
    app.settle()
    assert app.query()["lens"] == "through a text"


def test_a_card_opens_the_run_that_shows_it_whatever_was_looked_at_before(app):
    app.open_page("errors", f"{SHORT}&task=letters&error_view=n-grams&test_reset=step")
    app.go_to("The paper")
    app.keyed("open_figure_3").get_by_role("button").click()
    expect(app.heading()).to_have_text("Errors")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "2")
    expect(app.page.get_by_text("As in Figure 3")).to_be_visible()
    app.settle()
    assert app.query() == {"preset": "paper", "error_view": "step by step"}
    app.page.reload()
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "2")
    expect(app.page.get_by_text("As in Figure 3")).to_be_visible()


def test_a_page_without_the_experiment_keeps_it_in_its_link(app):
    app.open_page("about", f"{SHORT}&hidden=3")
    app.page.reload()
    app.settle()
    assert app.query() == {"epochs": "5", "length": "300", "hidden": "3"}
    expect(app.keyed("hidden")).not_to_be_in_viewport()
    app.go_to("Train")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    expect(app.keyed("hidden")).to_be_in_viewport()


def upload(app, name, data):
    app.keyed("text_file").locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/plain", "buffer": data}
    )


def test_a_file_becomes_the_text_and_a_bad_one_is_refused_by_name(app):
    app.open_page("", f"{SHORT}&task=own")
    upload(app, "hebrew.txt", "שלום עולם שלום לכולם".encode())
    expect(app.keyed("text").get_by_role("textbox")).to_have_value("שלום עולם שלום לכולם")
    expect(app.page.get_by_text("from left to right")).to_be_visible()
    app.settle()
    loss = app.metric("Loss").inner_text()

    upload(app, "picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    refused = app.page.get_by_test_id("stAlert").filter(has_text="picture.txt")
    expect(refused).to_contain_text("allowed is plain text in UTF-8")
    app.settle()
    # What worked before stays.
    expect(app.metric("Loss")).to_have_text(loss)

    upload(app, "book.txt", b"to be or not to be " * 100_000)
    expect(app.page.get_by_text(re.compile("must be 1.*MB or smaller"))).to_be_visible()


def test_the_result_stands_in_the_first_screen_of_a_small_window(open_app):
    app = open_app(width=1280, height=800)
    for path in ("", "errors"):
        app.open_page(path, f"{SHORT}&task=letters")
        verdict = app.page.get_by_text(re.compile("^It has")).first
        box = verdict.bounding_box()
        assert box["y"] + box["height"] <= 800


def test_a_heat_map_of_a_few_units_has_rows_that_can_be_seen(app):
    app.open_page("states", f"{SHORT}&hidden=4")
    cell = app.charts().first.locator("g.mark-rect path").first
    expect(cell).to_be_visible()
    app.settle()
    app.eventually(lambda: cell.bounding_box()["height"] > 15)
