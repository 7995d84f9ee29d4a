"""A lab in a real browser."""

from playwright.sync_api import expect

# Twenty networks of full size, on a machine that may be busy.
MINUTES = 300_000


def test_predict_run_and_read_the_feedback_of_a_lab_that_a_link_opens(app):
    app.open_page("labs", "lab=before-testing&at=predict")
    expect(app.page.get_by_text("What happens if the context is not reset")).to_be_visible()
    app.page.get_by_text("no answer differs", exact=True).click()
    app.settle()
    app.page.get_by_role("button", name="Commit this prediction").click()
    app.page.get_by_role("button", name="Run it").click()
    feedback = app.page.get_by_role("button", name="See the feedback")
    feedback.wait_for(timeout=MINUTES)
    app.settle()
    feedback.click()
    expect(app.page.get_by_text("In your run it is")).to_be_visible()
    expect(app.page.get_by_text("1 of 12 done")).to_be_visible()
    app.settle()
    assert app.query() == {"lab": "before-testing", "at": "feedback"}
    assert app.charts().count() == 2

    # A new session follows the link to the same place, and knows nothing of the one before.
    app.page.reload()
    app.settle()
    expect(app.page.get_by_text("0 of 12 done")).to_be_visible()
    expect(app.page.get_by_role("button", name="Skip: no prediction")).to_be_visible()


def test_labs_are_chosen_from_a_list_and_fit_a_phone(open_app):
    app = open_app(width=390, color_scheme="dark")
    app.open_page("labs", "lab=consonants&at=predict")
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
    app.page.get_by_role("combobox", name="Lab").click()
    app.page.get_by_role("option", name="8. Resets at group boundaries").click()
    expect(app.page.get_by_text("Does it help to reset the context")).to_be_visible()
    app.settle()
    assert app.query() == {"lab": "groups"}
