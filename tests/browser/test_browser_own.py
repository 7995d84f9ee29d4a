"""The reader's own text in a real browser: several files at once, and the link that they make."""

from urllib.parse import urlencode

from playwright.sync_api import expect


def test_several_files_become_documents_in_text_link_and_figure(open_app):
    app = open_app()
    app.open_page("train", "task=own&epochs=5&read_as=words")
    files = [
        {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
        for name, text in {
            "a.txt": "the rain comes\n\nthe rain goes",
            "b.txt": "the sun comes and goes",
            "c.txt": "the snow comes and stays",
        }.items()
    ]
    app.page.get_by_test_id("stFileUploader").locator("input").set_input_files(files)
    app.settle()
    text = "the rain comes\nthe rain goes\n\nthe sun comes and goes\n\nthe snow comes and stays"
    expect(app.page.get_by_role("textbox", name="Your text")).to_have_value(text)
    app.expect_in_link(documents="paragraphs", read_as="words", text=text)
    expect(app.text("16 words of 8 kinds in 3 documents")).to_be_visible()
    expect(app.text("¶ stands where a document begins")).to_be_visible()

    # Who opens the link sees the same.
    other = open_app()
    other.open_page("errors", urlencode(app.query()))
    expect(other.text("16 words of 8 kinds in 3 documents")).to_be_visible()
