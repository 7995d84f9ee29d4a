"""What only a real browser shows: the URL, the keyboard, colours, widths, and live runs."""

import base64
import re
import signal
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

SHORT = "epochs=30&length=300"

# Minutes on any machine; the tests stop it.
LONG = "task=letters&epochs=50000"

PAGES = {"": "Train", "errors": "Errors", "about": "About"}

SHARE_OF_WHITE = """async (png) => {
    const picture = new Image();
    picture.src = "data:image/png;base64," + png;
    await picture.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [picture.width, picture.height];
    const pen = canvas.getContext("2d");
    pen.drawImage(picture, 0, 0);
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    let white = 0;
    for (let i = 0; i < pixels.length; i += 4)
        white += Math.min(pixels[i], pixels[i + 1], pixels[i + 2]) > 230;
    return white / (pixels.length / 4);
}"""


def test_a_slider_moved_by_keyboard_trains_anew_and_changes_the_link(app):
    app.open_page("", SHORT)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "4")
    loss = app.metric("Loss").inner_text()

    app.press("hidden", "ArrowRight")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "5")
    expect(app.metric("Loss")).not_to_have_text(loss)
    assert app.query() == {"epochs": "30", "length": "300", "hidden": "5"}

    app.press("hidden", "ArrowLeft")
    expect(app.metric("Loss")).to_have_text(loss)
    assert app.query() == {"epochs": "30", "length": "300"}


def test_reload_and_the_back_button_restore(app):
    app.open_page("", SHORT)
    app.press("hidden", "ArrowRight", "ArrowRight")
    loss = app.metric("Loss").inner_text()

    def restored():
        expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "6")
        expect(app.metric("Loss")).to_have_text(loss)
        app.settle()
        assert app.query() == {"epochs": "30", "length": "300", "hidden": "6"}

    app.page.reload()
    restored()
    app.page.get_by_role("button", name="Half the hidden units").click()
    expect(app.metric("Loss")).not_to_have_text(loss)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    app.page.go_back()
    restored()
    app.go_to("Errors")
    app.page.go_back()
    restored()


def test_the_experiment_and_the_view_stay_when_the_page_changes(app):
    app.open_page("", f"{SHORT}&hidden=3&reset=never&sequence=training&epoch=3")
    loss = app.metric("Loss").inner_text()
    asked = app.query()

    app.go_to("Errors")
    assert app.page.url.split("?")[0].endswith("/errors")
    assert app.query() == asked
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "3")

    app.go_to("About")
    app.go_to("Train")
    assert app.query() == asked
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    expect(app.metric("Loss")).to_have_text(loss)


HOSTILE = "**b**+[a](http://x.example)+http://y.example+:smile:+<script>alert(1)</script>"


def test_a_link_with_bad_values_says_what_it_could_not_use(app):
    app.open_page("errors", f"{SHORT}&hidden=0&reset=every&measure={HOSTILE}&preset=mine")
    note = app.page.get_by_test_id("stAlert").filter(has_text="Part of this link")
    expect(note).to_have_count(1)
    words = note.inner_text()
    assert "hidden: allowed is a whole number from 1 to 500; '0' was given." in words
    assert "reset_every: " in words
    assert "preset: allowed is one of textbook, paper; 'mine' was given." in words
    assert HOSTILE.replace("+", " ")[:50] in words
    assert note.locator("a, img, strong, script").count() == 0
    # What it does use stands in the URL now.
    assert app.query().get("hidden", "4") == "4"
    assert app.query().get("reset", "epoch") == "epoch"
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "4")

    app.press("hidden", "ArrowRight")
    expect(note).to_have_count(0)


def epochs_done(app):
    """Epochs that the progress of a live run tells of."""
    words = app.page.get_by_test_id("stProgress").inner_text()
    return int(re.search(r"Epoch (\d+) of 50000", words).group(1))


def test_a_long_run_is_watched_from_two_pages_and_stopped(app):
    app.open_page("", LONG)
    expect(app.page.get_by_text("This run takes")).to_be_visible()
    expect(app.page.get_by_test_id("stProgress")).to_have_count(0)
    app.keyed("train").get_by_role("button").click()

    stop = app.keyed("stop").get_by_role("button", name="Stop")
    expect(stop).to_be_visible()
    expect(app.page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch [1-9]"))
    first = epochs_done(app)
    curve = app.page.get_by_label(re.compile("Loss so far")).first
    expect(curve).to_be_attached()

    # It goes on while the reader changes the page, without any press of a key.
    app.page.get_by_test_id("stTopNavLink").filter(has_text="Errors").click()
    expect(app.heading()).to_have_text("Errors")
    expect(stop).to_be_visible()
    later = re.compile(rf"Epoch (?!{first} )\d+ of 50000")
    expect(app.page.get_by_test_id("stProgress")).to_contain_text(later)
    assert epochs_done(app) > first

    stop.click()
    stopped = app.page.get_by_text(re.compile(r"Stopped after \d+ of 50000 epochs"))
    expect(stopped).to_be_visible()
    app.settle()
    done = int(re.search(r"after (\d+) of", stopped.inner_text()).group(1))
    assert done > first
    expect(app.charts().first).to_be_visible()

    app.go_to("Train")
    expect(app.metric(f"Loss after {done} epochs")).to_have_text(re.compile(r"0\.\d{4}"))
    expect(app.page.get_by_role("button", name="Train again")).to_be_visible()


def test_light_and_dark_colour_the_whole_page(open_app):
    backgrounds = {}
    for scheme in ("light", "dark"):
        app = open_app(color_scheme=scheme)
        app.open_page("errors", f"{SHORT}&task=letters")
        expect(app.charts().first).to_be_visible()
        backgrounds[scheme] = app.page.get_by_test_id("stApp").evaluate(
            "page => getComputedStyle(page).backgroundColor"
        )
        picture = base64.b64encode(app.charts().first.screenshot()).decode()
        white = app.page.evaluate(SHARE_OF_WHITE, picture)
        assert (white > 0.5) == (scheme == "light"), f"{white:.0%} of the {scheme} chart is white"
    lightness = {
        scheme: sum(map(int, re.findall(r"\d+", colour)[:3]))
        for scheme, colour in backgrounds.items()
    }
    assert lightness["dark"] < 200
    assert lightness["light"] > 700


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_needs_no_sideways_scrolling(open_app, path):
    app = open_app(width=390, height=844)
    app.open_page(path, f"{SHORT}&task=letters&hidden={'x' * 300}")
    expect(app.heading()).to_have_text(PAGES[path])
    beyond = """element => Math.max(element.scrollWidth - element.clientWidth,
        ...[...element.querySelectorAll("svg.marks, p, li, img")]
            .map(part => part.getBoundingClientRect().right - innerWidth))"""
    assert app.page.get_by_test_id("stMain").evaluate(beyond) <= 0
    assert app.page.evaluate("document.documentElement.scrollWidth") == 390


def test_every_chart_has_a_text_alternative(app):
    seen = 0
    for path, link in (
        ("", ""),
        ("errors", ""),
        ("errors", "&error_view=features"),
        ("errors", "&error_view=n-grams"),
    ):
        app.open_page(path, f"{SHORT}&task=letters{link}")
        expect(app.charts().first).to_be_visible()
        for chart in app.charts().filter(visible=True).all():
            expect(chart).to_have_attribute("role", re.compile("graphics-document|img"))
            assert len(chart.get_attribute("aria-label")) > 20
            seen += 1
    assert seen >= 3 + 1 + 7 + 1


@pytest.mark.parametrize(
    ("path", "query", "title", "chosen"),
    [
        ("errors", f"{SHORT}&hidden=3&error_view=step+by+step", "Errors", "step by step"),
        ("states", f"{SHORT}&hidden=3&view=tree", "Hidden states", "tree"),
        ("gradients", f"{SHORT}&hidden=3&closer=jacobians", "Gradients", "jacobians"),
    ],
)
def test_a_fresh_server_opens_any_link_as_its_very_first_request(
    start_server, open_app, path, query, title, chosen
):
    address, process, log = start_server()
    app = open_app(address=address)
    app.open_page(path, query)
    expect(app.heading()).to_have_text(title)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    expect(app.page.get_by_role("radio", name=chosen)).to_be_checked()
    assert app.query() == dict(parse_qsl(query))
    process.kill()
    assert "Traceback" not in log.read_text()


def test_the_first_visitor_may_come_by_any_link_and_a_server_ends_when_told(start_server, open_app):
    address, process, log = start_server()
    app = open_app(address=address)
    app.open_page("errors", LONG)
    expect(app.heading()).to_have_text("Errors")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "20")

    app.keyed("train").get_by_role("button").click()
    expect(app.page.get_by_test_id("stProgress")).to_contain_text(re.compile(r"Epoch [1-9]"))
    process.send_signal(signal.SIGINT)
    # Well before the run would be over, which takes minutes.
    process.wait(timeout=60)
    assert "Traceback" not in log.read_text()
