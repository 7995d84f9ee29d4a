"""Keep and share in a real browser: what is downloaded can be opened again."""

import re
from dataclasses import replace

import numpy as np
from playwright.sync_api import expect

from elman import Experiment, run, saving

EXPERIMENT = Experiment(task="letters", hidden=3, epochs=20, length=300, seed=5)
QUERY = "task=letters&length=300&hidden=3&epochs=20&seed=5"
ASKED = dict(pair.split("=") for pair in QUERY.split("&"))


def open_menu(app):
    app.keyed("keep_open").get_by_role("button", name="Keep and share").click()
    expect(app.page.locator("input[type=file]")).to_be_attached()
    app.settle()


def download(app, label, folder):
    with app.page.expect_download() as waiting:
        app.page.get_by_role("button", name=label).click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_a_run_is_downloaded_and_opened_again_by_somebody_else(open_app, tmp_path):
    app = open_app()
    app.open_page("train", QUERY)
    app.assert_fits_a_phone_in_the_dark()
    open_menu(app)
    box = app.page.get_by_test_id("stPopoverBody").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    app.widen()
    app.settle()
    assert QUERY in app.page.get_by_test_id("stCode").first.inner_text().replace("\n", "")
    file = download(app, "Weights, NPZ", tmp_path)
    assert file.name == "elman-letters-3-units-seed-5.npz"
    saved = saving.load(file)
    assert saved.experiment == EXPERIMENT
    np.testing.assert_array_equal(saved.losses, run(EXPERIMENT).losses)
    picture = download(app, "Loss and errors, PNG", tmp_path).read_bytes()
    assert picture.startswith(b"\x89PNG")

    # Another loss, to tell the file from a run that was trained here.
    saving.save(replace(saved, losses=np.full(20, 0.1234)), file)
    other = open_app()
    other.open_page("errors", "epochs=30&length=300")
    open_menu(other)
    # A bad file is refused, and the menu stays open.
    bad = {"name": "run.npz", "mimeType": "", "buffer": b"no run"}
    other.page.locator("input[type=file]").set_input_files(bad)
    expect(other.text(re.compile("cannot be opened, and what was shown"))).to_be_visible()
    other.expect_link({"epochs": "30", "length": "300"})
    other.page.locator("input[type=file]").set_input_files(file)
    note = other.page.get_by_text("Shown from the saved file")
    expect(note).to_be_visible()
    other.expect_link(ASKED)
    expect(other.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    other.go_to("Train")
    expect(note).to_be_visible()
    expect(other.metric("Loss")).to_have_text("0.1234")
    other.page.get_by_role("button", name="Train anew").click()
    expect(other.metric("Loss")).to_have_text(f"{run(EXPERIMENT).final_loss:.4f}")
    expect(note).to_have_count(0)


def menu_titles(app):
    """What stands in the menu itself."""
    return app.page.get_by_test_id("stTopNavLink").all_inner_texts()


def test_a_link_of_the_form_for_teachers_stays_reduced_over_pages_and_reload(app):
    app.open_page("teach", QUERY)
    code = app.page.get_by_test_id("stCode").first
    for name, there in {
        "Hidden units": "hide=hidden",
        "Seed of the weights": "hidden,seed",
    }.items():
        app.keyed("teach_controls").get_by_role("button", name=name).click()
        expect(code).to_contain_text(there)
        app.settle()
    link = code.inner_text().replace("\n", "")
    assert app.page.get_by_role("link", name="See what students see").get_attribute("href") == link
    app.page.goto(f"{link}&pages=errors,watch")
    note = app.page.get_by_text("This is a reduced view made by your teacher")
    asked = {
        **ASKED, "hide": "hidden,seed", "pages": "watch,train,errors",
    }  # fmt: skip

    def reduced():
        expect(note).to_be_visible()
        app.settle()
        app.expect_link(asked)
        assert app.keyed("hidden").count() == 0
        assert menu_titles(app) == ["Watch it learn", "Train", "Errors"]
        assert app.page.get_by_test_id("stTopNavSection").count() == 0

    reduced()
    expect(app.metric("Loss")).to_have_text(f"{run(EXPERIMENT).final_loss:.4f}")
    app.go_to("Errors")
    reduced()
    app.go_to("Watch it learn")
    app.page.reload()
    reduced()

    app.keyed("show_everything").get_by_role("button").click()
    expect(note).to_have_count(0)
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    app.expect_link(ASKED)
    assert "Hidden states" in menu_titles(app)
    app.page.reload()
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")


def test_a_class_takes_a_lesson_answers_reloads_and_hands_in(open_app, tmp_path):
    teacher = open_app()
    teacher.open_page("teach", f"{QUERY}&make=a+lesson")
    teacher.page.get_by_label("Title of the lesson").fill("Errors")
    teacher.button("Add this run").click()
    teacher.enter(
        teacher.page.get_by_label("Note to your students"),
        "Look at the vowels: <b>bold</b>.",
        "Control+Enter",
    )
    teacher.settle()
    teacher.enter(
        teacher.page.get_by_label("A link of this app"),
        "errors?task=xor&epochs=5&length=300&measure=rms",
    )
    expect(teacher.text("Station to edit, of 2")).to_be_visible()
    teacher.settle()
    kind = teacher.page.get_by_label("A question", exact=True)
    kind.click()
    teacher.page.get_by_role("option", name="For a number").click()
    teacher.enter(teacher.page.get_by_label("What you ask"), "How large is the error?")
    right = teacher.page.get_by_label("The right answer; empty: there is none", exact=True)
    teacher.enter(right, "0.5")
    teacher.settle()
    code = teacher.page.get_by_test_id("stCode").filter(has_text="lesson?lesson=")
    link = code.inner_text().replace("\n", "")

    app = open_app()
    app.page.goto(link)
    expect(app.text("Look at the vowels: <b>bold</b>.")).to_be_visible()
    app.settle()
    app.assert_fits_a_phone_in_the_dark()
    app.widen()
    app.button("Open Train").click()
    app.expect_page("Train")
    app.expect_in_link(**ASKED, station="1")
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "3")
    app.button("Next station").click()
    expect(app.text("Station 2 of 2: Errors")).to_be_visible()
    app.button("Open Errors").click()
    app.expect_page("Errors")
    app.expect_in_link(epochs="5", length="300", measure="rms", station="2")
    # Nothing of the station before stays, in the sidebar neither.
    assert not {"task", "hidden", "seed"} & app.query().keys()
    expect(app.slider("hidden")).to_have_attribute("aria-valuetext", "4")
    expect(app.slider("epochs")).to_have_attribute("aria-valuetext", "5")
    app.button("Station 2 of 2").click()
    answer = app.page.get_by_label("Your answer")
    app.enter(answer, "0.4")
    expect(app.button("Keep my answer")).to_be_enabled()
    app.button("Keep my answer").click()
    expect(app.text("Not right. The right answer: 0.5.")).to_be_visible()
    app.settle()
    app.assert_fits_a_phone_in_the_dark()
    app.widen()

    app.settle()
    app.expect_in_link(epochs="5", length="300", measure="rms", station="2")

    # A reload loses neither the lesson nor the answer.
    app.reload()
    app.button("To the end").click()
    expect(app.text("You answered 1 of 1 questions.")).to_be_visible()
    expect(app.text("Your answer: 0.4")).to_be_visible()
    app.settle()
    text = download(app, "Download the report", tmp_path).read_text(encoding="utf-8")
    assert "How large is the error?" in text
    assert "/errors?length=300&amp;epochs=5&amp;measure=rms" in text
