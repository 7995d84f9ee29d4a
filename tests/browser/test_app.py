"""What only a real browser shows: the URL, the keyboard, colours, widths, and live runs."""

import re
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import expect

SHORT = "epochs=30&length=300"

# Minutes on any machine; the tests stop it.
LONG = "task=letters&epochs=100000"


def test_a_slider_moved_by_keyboard_trains_anew_and_reload_and_back_restore(app):
    app.open_page("train", SHORT)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "4")
    first = app.metric("Loss").inner_text()

    def now(hidden, loss):
        expect(app.slider("hidden")).to_have_attribute("aria-valuetext", hidden)
        expect(app.metric("Loss")).to_have_text(loss)
        app.settle()
        link = {"epochs": "30", "length": "300", "hidden": hidden}
        app.expect_link({name: value for name, value in link.items() if value != "4"})

    app.press("hidden", "ArrowRight", "ArrowRight")
    expect(app.metric("Loss")).not_to_have_text(first)
    loss = app.metric("Loss").inner_text()
    now("6", loss)
    app.page.reload()
    now("6", loss)
    app.press("hidden", "ArrowLeft", "ArrowLeft")
    now("4", first)

    app.press("hidden", "ArrowRight", "ArrowRight")
    app.button("Half the hidden units").click()
    expect(app.metric("Loss")).not_to_have_text(loss)
    # What has changed is in sight, however far down the button was.
    expect(app.heading()).to_be_in_viewport()
    expect(app.main().get_by_text("Changed: Hidden units: 6 → 3.")).to_be_in_viewport()
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    app.page.go_back()
    now("6", loss)
    app.go_to("Errors")
    app.page.go_back()
    now("6", loss)


def test_what_a_suggestion_changed_is_said_until_a_part_of_the_page_changes_it_again(app):
    app.open_page("errors", SHORT)
    # More settings stay open while they count what is changed.
    more = app.keyed("more_settings")
    more.locator("summary").click()
    momentum = app.keyed("momentum").locator("input")
    app.enter(momentum, "0.5")
    expect(more.locator("summary")).to_contain_text("More settings · 1 changed")
    expect(momentum).to_be_visible()
    app.settle()

    app.button("Before training").click()
    changed = app.main().get_by_text("Changed: Look back: 30 → 0.")
    expect(changed).to_be_in_viewport()
    app.settle()
    app.press("epoch", "ArrowRight")
    expect(changed).to_be_hidden()
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "1")


def test_experiment_and_view_stay_when_the_page_changes_back_and_forth_too(app):
    app.open_page("train", f"{SHORT}&hidden=3&reset=never&sequence=training&epoch=3&steps=24")
    asked, loss = app.query(), app.metric("Loss").inner_text()

    def stays(query):
        app.expect_link(query)
        expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
        expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "3")

    app.page.wait_for_function("window.elmanWayBack")
    entries = app.page.evaluate("history.length")
    app.go_to("Errors")
    assert app.page.url.split("?")[0].endswith("/errors")
    here = {name: value for name, value in asked.items() if name != "steps"}
    stays(here)
    app.go_to("Hidden states")
    # However many choices a page restores, it is one entry of the history.
    assert app.page.evaluate("history.length") == entries + 2
    ways = (
        (app.page.go_back, "Errors", here),
        (app.page.go_back, "Train", asked),
        (app.page.go_forward, "Errors", here),
    )
    for go, title, query in ways:
        go()
        app.expect_page(title)
        stays(query)
    app.go_to("About")
    expect(app.keyed("hidden")).not_to_be_in_viewport()
    app.go_to("Train")
    stays(asked)
    expect(app.keyed("hidden")).to_be_in_viewport()
    expect(app.metric("Loss")).to_have_text(loss)

    # A page without the experiment keeps it in its link.
    app.go_to("About")
    app.reload()
    app.expect_link({"epochs": "30", "length": "300", "hidden": "3", "reset": "never"})
    app.go_to("Train")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")


def test_controls_that_move_in_the_sidebar_stay_in_the_link_of_the_next_page(app):
    app.open_page("train", f"{SHORT}&reset=every&reset_every=3&momentum=0.5&seed=5")
    # With the number of steps gone, all below it stands at another place.
    app.keyed("reset").get_by_role("combobox").click()
    app.page.get_by_role("option", name="epoch", exact=True).click()
    expect(app.keyed("reset_every")).to_have_count(0)
    app.settle()
    app.go_to("Errors")
    link = dict(parse_qsl(f"{SHORT}&momentum=0.5&seed=5"))
    app.expect_link(link)
    app.reload()
    app.expect_link(link)


def test_pinned_runs_stay_in_the_link_on_other_pages_after_a_reload_and_on_the_way_back(app):
    def now(*wanted):
        def pinned():
            given = parse_qsl(urlsplit(app.page.url).query)
            return [value for name, value in given if name == "pin"]

        app.eventually(lambda: pinned() == list(wanted), pinned)
        expect(app.button(f"Pinned: {len(wanted)}")).to_be_visible()

    app.open_page("train", f"{SHORT}&pin=hidden~3&pin=name~By+chance~seed~3")
    now("hidden~3", "name~By chance~seed~3")
    expect(app.page.get_by_label(re.compile("Pinned 2, By chance: ends at")).first).to_be_attached()
    app.press("hidden", "ArrowRight")
    now(*(there := ("hidden~3", "name~By chance~hidden~4~seed~3")))
    app.reload()
    now(*there)
    app.go_to("Errors")
    now(*there)
    app.page.go_back()
    app.settle()
    now(*there)
    app.button("Pinned: 2").click()
    app.button("Remove run 1").click()
    now(there[1])


def epoch_of(app):
    """The epoch that the run under way has reached."""
    said = app.page.get_by_test_id("stProgress").inner_text()
    found = re.search(r"Epoch (\d+) of 100000", said)
    return int(found.group(1)) if found else 0


def test_a_long_run_is_watched_from_two_pages_and_stopped(app):
    app.open_live("", LONG)

    stop = app.keyed("stop").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    app.eventually(lambda: epoch_of(app) > 0)
    first = epoch_of(app)
    expect(app.page.get_by_label(re.compile("Loss so far")).first).to_be_attached()

    # It goes on while the reader changes the page, without any press of a key.
    app.page.get_by_test_id("stTopNavLink").filter(has_text="Errors").click()
    expect(app.heading()).to_have_text("Errors")
    expect(stop).to_be_visible()
    app.eventually(lambda: epoch_of(app) > first)

    stop.click()
    stopped = app.text(re.compile(r"Stopped after \d+ of 100000 epochs"))
    expect(stopped).to_be_visible()
    app.settle()
    done = int(re.search(r"after (\d+) of", stopped.inner_text()).group(1))
    assert done > first
    expect(app.charts().first).to_be_visible()

    app.go_to("Train")
    expect(app.metric(f"Loss after {done} epochs")).to_have_text(re.compile(r"0\.\d{4}"))
    expect(app.button("Go on")).to_be_visible()
