"""Every page as its readers meet it: its first screen, both themes, the keyboard, no motion."""

from pathlib import Path

import axe_playwright_python
import pytest
from conftest import LAPTOP
from playwright.sync_api import expect

from elman.ui import menu

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

# What is wrong with the page for readers with a disability, as far as a program can tell.
VIOLATIONS = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations
        .filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes.map(node => node.target.join(" ")).join("; ")}`);
}"""

SHORT = "epochs=5&length=300"

# Of each page the link that is opened, the key of a control, and words of its headline.
FIRST_SCREENS = {
    "start": ("", "guess_buttons", "What comes next?"),
    "watch": ("", "play", "It has learned the rule"),
    "labs": ("", "lab_next", "The network reads bits"),
    "train": ("", "hidden", "It has learned the rule"),
    "errors": ("", "error_view", "It has learned the rule"),
    "states": ("", "first", "varies most from step to step"),
    "step": ("", "stage", "The network has read"),
    "compare": (f"{SHORT}&c_seeds=2", "c_seeds", "runs learned the rule"),
    "generate": ("", "g_how", "of what it writes are whole triples"),
    "gradients": ("", "lags", "One step back the gradient is"),
    "memory": ("", "longest_lag", "One sequence at lag 4"),
    "numbers": ("n_epochs=5", "n_units", "After 7, 8, 9 the network says"),
    "table": ("t_epochs=2&t_hidden=3", "t_hidden", "than the best naive forecast"),
    "layers": ("", "l_kind", "This RNN learns 76 numbers"),
    "shapes": ("s_epochs=5", "s_form", "After 5 epochs it answers"),
    "paper": ("", None, "Of 13 figures and tables"),
    "about": ("", None, None),
    "lesson": ("", None, None),
    "teach": ("", "teach_pages", "The link opens Train"),
}


@pytest.mark.parametrize("path", [entry.file for entry in menu.PAGES])
def test_a_page_shows_its_parts_at_once_and_bars_nobody_in_either_theme(small_app, path):
    app = small_app
    query, control, headline = FIRST_SCREENS[path]
    app.open_page("" if path == "start" else path, query)
    seen = [app.heading()] + ([app.text(headline)] if headline else [])
    if control is not None:
        seen += [app.keyed(control).first, *app.charts().all()[:1]]
    for part in seen:
        expect(part).to_be_visible()
        app.eventually(lambda part=part: in_window(part), lambda part=part: part.bounding_box())
    app.page.evaluate(AXE)
    for theme in ("light", "dark"):
        app.show(*LAPTOP, theme)
        app.settle()
        # Colours go over into the other theme's; what is half way may be hard to read.
        app.eventually(lambda: violations(app) == [], lambda: violations(app))
    # The other pages are seen on a phone after all that can be done with them.
    if path in ("start", "about", "paper", "teach"):
        app.assert_fits_a_phone_in_the_dark()


def violations(app):
    return app.page.evaluate(VIOLATIONS)


def in_window(part):
    box = part.bounding_box()
    return box is not None and box["y"] >= 0 and box["y"] + box["height"] <= LAPTOP[1]


def test_from_the_first_guess_to_a_committed_prediction_without_a_mouse(open_app):
    app = open_app(*LAPTOP)
    app.open_page("")
    keyboard = app.page.keyboard
    for number in range(1, 13):
        keyboard.press("01"[number % 2])
        expect(app.main()).to_contain_text(f"Guess {number + 1}")
    expect(app.main()).to_contain_text("The rule:")

    def go(part):
        """Tab on until the keyboard is at this part of the page."""
        for _ in range(80):
            if part.evaluate("part => part.contains(document.activeElement)"):
                return
            keyboard.press("Tab")
        pytest.fail(f"The keyboard does not come to {part}.")

    app.settle()
    go(app.main().get_by_role("link", name="Open the labs"))
    keyboard.press("Enter")
    app.expect_page("Labs")
    go(app.button("Next: predict"))
    keyboard.press("Enter")
    field = app.page.get_by_role("spinbutton").first
    expect(app.button("Commit this prediction")).to_be_disabled()
    go(field)
    keyboard.type("150")
    keyboard.press("Enter")
    expect(app.button("Commit this prediction")).to_be_enabled()
    app.settle()
    go(app.button("Commit this prediction"))
    keyboard.press("Enter")
    go(app.button("See the feedback"))
    keyboard.press("Enter")
    expect(app.text("You guessed 150 passes")).to_be_visible()
    # The menu of pages opens and leads on by keyboard, too.
    app.open_page("about")
    go(app.page.get_by_test_id("stTopNavSection").filter(has_text="Background"))
    keyboard.press("Enter")
    go(app.page.get_by_test_id("stTopNavDropdownLink").filter(has_text="The paper"))
    keyboard.press("Enter")
    expect(app.heading()).to_have_text("The paper")


def test_who_asks_for_no_motion_gets_none(open_app):
    app = open_app()
    app.page.emulate_media(reduced_motion="reduce")
    app.open_page("watch", f"{SHORT}&epoch=2")
    # A press shows one epoch more, and nothing goes on by itself.
    following = app.keyed("play").get_by_role("button", name="Next")
    following.click()
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "3")
    app.settle()
    following.click()
    expect(app.slider("epoch")).to_have_attribute("aria-valuetext", "4")
    # While a run is under way its curve grows, and nothing is animated.
    app.open_live("train", "task=letters&epochs=100000")
    expect(app.button("Stop")).to_be_visible()
    expect(app.charts().first).to_be_visible()
    assert app.page.evaluate("document.getAnimations().length") == 0
    app.button("Stop").click()
    app.settle()
