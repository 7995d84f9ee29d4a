"""Each page in a real browser: one visit sees what is to be seen on it, and does what can be done.

The visits end on a phone in dark colours, where nothing may stick out.
"""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

SHORT = "epochs=5&length=300"

# Twenty networks of full size, on a machine that may be busy.
MINUTES = 300_000


@pytest.mark.parametrize(("path", "charts"), [("train", 3), ("errors", 1)])
def test_the_result_is_on_the_first_screen_in_both_colours(small_app, path, charts):
    app = small_app
    app.open_page(path, f"{SHORT}&task=letters")
    app.assert_on_first_screen("It has", below_figure=False)
    assert app.assert_charts_can_be_read_aloud() >= charts
    assert app.lightness() > 700
    assert app.share_of_white() > 0.5
    app.assert_fits_a_phone_in_the_dark()
    assert app.share_of_white() < 0.5


def test_hidden_states_from_view_to_view(app):
    app.open_page("states", f"{SHORT}&task=letters&hidden=4")
    # A heat map of a few units has rows that can be seen.
    cell = app.charts().first.locator("g.mark-rect path").first
    expect(cell).to_be_visible()
    app.eventually(lambda: cell.bounding_box()["height"] > 15)
    app.assert_fits_a_phone_in_the_dark()
    for view in ("components", "state space", "automaton", "surgery", "tree"):
        app.keyed("view").get_by_text(view, exact=True).click()
        app.expect_in_link(view=view)
        expect(app.charts().first).to_be_visible()
        app.assert_fits_a_phone_in_the_dark()

    # What is opened stays open in the link.
    before = app.charts().count()
    app.text("Not averaged: single occurrences").click()
    expect(app.text("of these occurrences have one")).to_be_visible()
    app.expect_in_link(tokens="true")
    app.page.reload()
    expect(app.text("of these occurrences have one")).to_be_visible()
    expect(app.charts()).to_have_count(before + 1)


def test_watch_plays_through_the_epochs_to_the_end_in_the_chosen_lens(app):
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
    app.expect_in_link(lens="through a text")
    app.assert_fits_a_phone_in_the_dark()


@pytest.mark.parametrize("page", ["train", "errors"])
@pytest.mark.parametrize("unusual", ["test_reset=never", "sequence=training"])
def test_testing_as_trained_again_takes_the_choices_and_the_link_back(app, page, unusual):
    app.open_page(page, f"task=letters&{SHORT}&{unusual}")
    app.button("Test as trained").click()
    expect(app.button("Test as trained")).to_have_count(0)
    expect(app.keyed("test_reset").get_by_role("combobox")).to_have_value("as trained")
    expect(app.page.get_by_role("radio", name="new", exact=True)).to_be_checked()
    app.eventually(lambda: not {"test_reset", "sequence"} & {*app.query()}, app.query)


def test_one_goes_from_step_to_step_also_after_a_look_at_another_page(app):
    def forward(to):
        app.button("Later").click()
        expect(app.text(f"Step {to} of 300 in pass 6")).to_be_visible()
        app.expect_in_link(step=str(to))

    app.open_page("step", f"task=letters&{SHORT}&depth=3")
    expect(app.text("Step 2 of 300 in pass 6")).to_be_visible()
    forward(to=3)
    app.go_to("Errors")
    app.go_to("Inside one step")
    expect(app.text("Step 3 of 300 in pass 6")).to_be_visible()
    forward(to=4)
    app.page.get_by_role("radio", name="backward").click()
    expect(app.text("now show their deltas")).to_be_visible()
    app.expect_in_link(stage="backward")
    expect(app.text("The whole computation")).to_be_visible()
    app.assert_fits_a_phone_in_the_dark()


def test_a_point_of_compare_that_is_clicked_is_opened_on_every_page(app):
    app.open_page("compare", "epochs=30&length=300&c_hidden=2,+3&c_seeds=5&c_level=0.1")
    expect(app.text("Every run is a point")).to_be_visible()
    expect(app.text("None of the 10 runs learned the rule")).to_be_visible()
    app.settle()

    # With 2 hidden units and with 3.
    points = app.page.locator("[aria-roledescription=point][aria-label*='Seed: 4;']")
    expect(points).to_have_count(2)
    points.nth(1).click()
    expect(app.text("Opened: 3 hidden units, seed 4")).to_be_visible()
    app.settle()
    # The comparison stays as it was.
    expect(app.text("None of the 10 runs learned the rule")).to_be_visible()
    app.expect_in_link(hidden="3", seed="4")
    app.assert_fits_a_phone_in_the_dark()

    app.page.get_by_role("link", name="Look at it on Train").click()
    app.expect_page("Train")
    app.expect_in_link(hidden="3", seed="4")


def test_a_lab_is_predicted_run_and_read(app):
    app.open_page("labs", "lab=before-testing&at=predict")
    expect(app.text("What happens if the context is not reset")).to_be_visible()
    app.page.get_by_text("no answer differs", exact=True).click()
    app.button("Commit this prediction").click()
    feedback = app.button("See the feedback")
    feedback.wait_for(timeout=MINUTES)
    app.settle()
    feedback.click()
    expect(app.text("In your run it is")).to_be_visible()
    expect(app.text("1 of 17 done")).to_be_visible()
    app.expect_link({"lab": "before-testing", "at": "feedback"})
    assert app.assert_charts_can_be_read_aloud() == 2
    app.assert_fits_a_phone_in_the_dark()

    # Another session, on another day, knows what this browser kept, and so does Start here.
    app.reload()
    expect(app.text("1 of 17 done")).to_be_visible()
    expect(app.text("In your run it is")).to_be_visible()
    app.open_page("", "")
    expect(app.text("1 of 17 done")).to_be_visible()
    app.open_page("labs", "lab=results")
    with app.page.expect_download() as report:
        app.button("Download the report").click()
    text = Path(report.value.path()).read_text(encoding="utf-8")
    assert "<p>1 lab done" in text
    assert "/labs?lab=before-testing&amp;task=xor" in text
    app.assert_fits_a_phone_in_the_dark()
    app.widen()
    app.open_page("labs", "lab=before-testing&at=feedback")
    app.button("Start this lab over").click()
    expect(app.text("0 of 17 done")).to_be_visible()
    app.settle()
    app.reload()
    expect(app.text("0 of 17 done")).to_be_visible()
    app.page.get_by_role("combobox", name="Lab").click()
    app.page.get_by_role("option", name="9. Resets at group boundaries").click()
    expect(app.text("Does it help to reset the context")).to_be_visible()
    app.expect_link({"lab": "groups", "reset": "group"})


def test_gradients_from_a_trained_network_to_an_exploding_one(small_app):
    app = small_app
    app.open_page("gradients", "epochs=20&length=300&clip_steps=5&fresh_hidden=10")
    said = app.text(re.compile("^One step back the gradient is"))
    app.assert_on_first_screen("One step back the gradient is")
    # What a suggestion sets is in the link.
    app.button("An exploding network").click()
    expect(said).to_contain_text("explodes")
    app.settle()
    asked = {"net": "fresh", "radius": "3.0", "fresh_activation": "relu"}
    assert {name: app.query().get(name) for name in asked} == asked
    words = said.inner_text()
    app.page.reload()
    expect(said).to_have_text(words)

    app.assert_fits_a_phone_in_the_dark()
    for closer in ("check", "jacobians", "depth", "clipping"):
        app.page.get_by_text(closer, exact=True).click()
        app.expect_in_link(closer=closer)
        app.assert_fits_a_phone_in_the_dark()


def test_results_of_memory_come_in_while_it_trains_and_stop_keeps_them(small_app):
    app = small_app
    app.open_page("memory", "recall_seeds=5")
    app.assert_on_first_screen("One sequence at lag 4")
    # The control is in the link, and comes back with its page.
    app.press("recall_seeds", "ArrowRight")
    seeds = app.slider("recall_seeds").get_attribute("aria-valuetext")
    assert seeds != "5"
    app.expect_in_link(recall_seeds=seeds)
    app.widen()
    app.go_to("Train")
    app.go_to("Memory")
    expect(app.slider("recall_seeds")).to_have_attribute("aria-valuetext", seeds)
    app.expect_in_link(recall_seeds=seeds)

    app.button("Train all four").click()
    expect(app.page.locator(".vega-embed").first).to_be_visible()
    app.keyed("recall_stop").get_by_role("button", name="Stop").click()
    expect(app.text("Stopped after")).to_be_visible()
    expect(app.text("Recalled from")).to_be_visible()
    app.settle()
    expect(app.button("Train again")).to_be_visible()
    app.assert_fits_a_phone_in_the_dark()


def test_numbers_are_asked_kept_and_compared(small_app):
    app = small_app
    app.open_page("numbers", "n_networks=5")
    app.assert_on_first_screen("After 7, 8, 9 the network says")
    expect(app.metric("Network")).to_have_text("10.16")
    app.enter(app.page.get_by_role("textbox", name="Ask for the number after"), "97 98 99")
    expect(app.metric("Right")).to_have_text("100")
    app.expect_in_link(n_ask="97 98 99")

    # Numbers and texts stay while the reader looks at another page.
    app.widen()
    app.open_page("numbers", "n_networks=5&n_units=7&n_epochs=5&n_sequence=1 2 3 4 5 6")
    for back in (lambda: app.go_to("Number sequences"), app.page.go_back):
        app.go_to("Train")
        back()
        expect(app.page.get_by_role("spinbutton", name="Hidden units")).to_have_value("7")
        expect(app.page.get_by_role("textbox", name="Your numbers")).to_have_value("1 2 3 4 5 6")
        expect(app.metric("Right")).to_have_text("7")

    app.button("Train 20 networks").click()
    expect(app.text("Right is 7.")).to_be_visible()
    app.assert_fits_a_phone_in_the_dark()


def test_code_of_layers_follows_the_controls(small_app):
    app = small_app
    app.open_page("layers")
    app.assert_on_first_screen("This RNN learns 76 numbers")
    app.open_page("layers", "l_kind=GRU&l_hidden_size=5&l_direction=both+directions&l_sequence=3")
    code = app.page.get_by_test_id("stCode").first
    expect(code).to_contain_text("nn.GRU(")
    expect(code).to_contain_text("torch.Size([5, 3, 10])")
    app.keyed("l_kind").get_by_text("LSTM", exact=True).click()
    expect(code).to_contain_text("nn.LSTM(")
    app.expect_in_link(l_kind="LSTM")
    app.page.get_by_role("tab", name="R: torch").click()
    expect(app.page.get_by_test_id("stCode").nth(1)).to_contain_text("nn_lstm(")
    app.button("Three lengths").click()
    expect(code).to_contain_text("packed")
    app.assert_fits_a_phone_in_the_dark()


def test_another_form_of_shapes_trains_another_network(small_app):
    app = small_app
    app.open_page("shapes", "s_epochs=5")
    app.assert_on_first_screen("After 5 epochs it answers")
    app.keyed("s_form").get_by_text("one-to-one", exact=True).click()
    expect(app.text("Name a blurred letter.")).to_be_visible()
    expect(app.text("After 60 epochs it answers")).to_be_visible()
    app.expect_in_link(s_form="one-to-one")
    # The control is in the link, and comes back with its page.
    app.press("s_hidden", "ArrowRight")
    hidden = app.slider("s_hidden").get_attribute("aria-valuetext")
    app.expect_in_link(s_hidden=hidden)
    app.page.reload()
    expect(app.slider("s_hidden")).to_have_attribute("aria-valuetext", hidden)
    app.keyed("s_form").get_by_text("many-to-many, unequal", exact=True).click()
    expect(app.slider("s_hidden")).not_to_have_attribute("aria-valuetext", hidden)
    app.settle()
    app.assert_fits_a_phone_in_the_dark()


def test_files_become_the_text_and_a_bad_one_is_refused_by_name(app):
    def upload(**files):
        app.keyed("text_file").locator("input[type=file]").set_input_files([
            {"name": f"{name}.txt", "mimeType": "text/plain", "buffer": data}
            for name, data in files.items()
        ])  # fmt: skip

    text = app.keyed("text").get_by_role("textbox")
    app.open_page("train", f"{SHORT}&task=own&read_as=words")
    upload(
        a=b"the rain comes\n\nthe rain goes", b=b"the sun comes and goes", c=b"snow comes and stays"
    )
    documents = "the rain comes\nthe rain goes\n\nthe sun comes and goes\n\nsnow comes and stays"
    expect(text).to_have_value(documents)
    app.expect_in_link(documents="paragraphs", read_as="words", text=documents)
    expect(app.text("15 words of 8 kinds in 3 documents")).to_be_visible()
    expect(app.text("¶ stands where a document begins")).to_be_visible()

    app.open_page("train", f"{SHORT}&task=own")
    upload(hebrew="שלום עולם שלום לכולם".encode())
    expect(text).to_have_value("שלום עולם שלום לכולם")
    expect(app.text("from left to right")).to_be_visible()
    app.settle()
    loss = app.metric("Loss").inner_text()
    upload(picture=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    refused = app.page.get_by_test_id("stAlert").filter(has_text="picture.txt")
    expect(refused).to_contain_text("allowed is plain text in UTF-8")
    app.settle()
    # What worked before stays.
    expect(app.metric("Loss")).to_have_text(loss)
    upload(book=b"to be or not to be " * 100_000)
    expect(app.text(re.compile("must be 1.*MB or smaller"))).to_be_visible()
