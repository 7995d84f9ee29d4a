"""Number sequences in a real browser."""

from playwright.sync_api import expect


def test_the_exercise_is_there_at_once_and_any_window_can_be_asked(app):
    app.open_page("numbers")
    expect(app.heading()).to_have_text("Number sequences")
    expect(app.metric("Network")).to_have_text("10.16")
    question = app.page.get_by_role("textbox", name="Ask for the number after")
    question.fill("97 98 99")
    question.press("Enter")
    expect(app.metric("Right")).to_have_text("100")
    app.settle()
    assert app.query()["n_ask"] == "97 98 99"


def test_a_bad_sequence_is_explained_beside_the_last_good_one(app):
    app.open_page("numbers", "n_sequence=1 2 3 4 5")
    sequence = app.page.get_by_role("textbox", name="Your numbers")
    sequence.fill("1, 2, three")
    sequence.press("Enter")
    expect(app.main().get_by_test_id("stAlert")).to_contain_text("'three' was given")
    expect(app.metric("Right")).to_have_text("6")


def test_many_networks_train_and_are_compared_on_a_phone(open_app):
    app = open_app(width=390, color_scheme="dark")
    app.open_page("numbers", "n_networks=5&n_units=5&n_epochs=20")
    app.page.get_by_role("button", name="Train 20 networks").click()
    expect(app.page.get_by_text("Right is 10.").first).to_be_visible()
    app.settle()
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
