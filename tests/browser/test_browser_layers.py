"""The pages on layers and on shapes, in the browser."""

from playwright.sync_api import expect


def test_copied_code_follows_the_controls(app):
    app.open_page("layers", "l_kind=GRU&l_hidden_size=5&l_direction=both+directions")
    code = app.page.get_by_test_id("stCode").first
    expect(code).to_contain_text("nn.GRU(")
    expect(code).to_contain_text("torch.Size([5, 3, 10])")
    app.keyed("l_kind").get_by_text("LSTM", exact=True).click()
    expect(code).to_contain_text("nn.LSTM(")
    app.settle()
    assert app.query()["l_kind"] == "LSTM"
    app.page.get_by_role("tab", name="R: torch").click()
    expect(app.page.get_by_test_id("stCode").nth(1)).to_contain_text("nn_lstm(")


def test_a_phone_shows_layers_and_shapes_without_scrolling_sideways(open_app):
    app = open_app(width=390, height=844, color_scheme="dark")
    for page, link in (
        ("layers", "l_direction=both+directions&l_lengths=5,3,1&l_sequence=3"),
        ("shapes", "s_epochs=5&s_form=many-to-many,+unequal"),
    ):
        app.open_page(page, link)
        expect(app.page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
        assert app.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_another_form_trains_another_network(app):
    app.open_page("shapes", "s_epochs=5")
    expect(app.page.get_by_text("After 5 epochs it answers")).to_be_visible()
    app.keyed("s_form").get_by_text("one-to-one", exact=True).click()
    expect(app.page.get_by_text("Name a blurred letter.")).to_be_visible()
    expect(app.page.get_by_text("After 60 epochs it answers")).to_be_visible()
    app.settle()
    assert app.query()["s_form"] == "one-to-one"
