"""Files uploaded as the text to learn: good ones are read, bad ones refused by name."""

from visitor import visit

from elman.tasks import own_text as texts

SHORT = {"task": "own", "epochs": "2"}


def test_a_file_that_cannot_be_learned_is_refused_and_the_text_stays():
    visitor = visit(**SHORT, text="one two one two one two")
    # Where it is decoded, and where it is made a text.
    refused = {
        b"ab" * 40_001: "a file of at most 80,000 bytes; 80,002 were given",
        b"a" * 400: "8 to 20,000 characters of 2 to 100 different kinds; 1 kind was given",
    }
    for data, told in refused.items():
        visitor.upload("text_file", data)
        assert visitor.refusal.startswith("`mine.txt`: text: allowed is ")
        assert told in visitor.refusal
        assert visitor.shown.text == "one two one two one two"
        assert visitor.refusal.endswith(" The text before stays.")
        assert visitor.metric, "the run of the text before is still shown"

    # A good file afterwards takes the message away.
    visitor.upload("text_file", b"abcabcabcabc", "good.txt")
    assert not visitor.error
    assert visitor.shown.text == "abcabcabcabc"


def test_a_file_in_any_script_is_read():
    visitor = visit(**SHORT)
    for text in ("שלום עולם שלום לכולם", "مرحبا بالعالم مرحبا", "Ὀδυσσεὺς ὀδυσσεὺς"):
        visitor.upload("text_file", text.encode("utf-16"))
        assert not visitor.error
        assert visitor.notes == ""
        assert visitor.shown.text == texts.normalise(text)
        assert visitor.metric


def test_several_files_are_documents_and_words_of_many_scripts_are_symbols():
    visitor = visit(**SHORT, read_as="words")
    kinds = "".join(map(chr, range(0x4E00, 0x4E00 + 200)))
    files = {"a.txt": "one two\n\nthree one two", "b.txt": f"two one three {kinds} one"}
    visitor.upload("text_file", [(name, text.encode()) for name, text in files.items()])
    assert not visitor.error
    assert visitor.shown.text == "one two\nthree one two\n\n" + files["b.txt"]
    assert (visitor.shown.documents, visitor.shown.read_as) == ("paragraphs", "words")
    assert visitor.query_params["documents"] == "paragraphs"
    assert any("10 words of 4 kinds in 2 documents" in one.value for one in visitor.caption)
    visitor.choose("documents", "lines")
    assert any("in 3 documents" in one.value for one in visitor.caption)
    visitor.choose("read_as", "characters")
    assert "of 2 to 100 different kinds" in visitor.refusal


def test_the_uploader_states_the_size_that_is_allowed():
    (uploader,) = visit(**SHORT).get("file_uploader")
    assert f"at most {texts.MAX_BYTES // 1000} kB" in uploader.label
    # In megabytes, of which it knows whole ones only: no more than it must.
    assert uploader.proto.max_upload_size_mb == 1


def test_what_is_pasted_and_too_long_is_told_and_the_link_keeps_what_is_shown():
    visitor = visit(**SHORT, text="one two one two one two").choose("text", "ab" * 10_001)
    assert "at most 20,000 characters; 20,002 were given." in visitor.refusal
    assert visitor.shown.text == "one two one two one two"
    assert visitor.query_params["text"] == "one two one two one two"
    visitor.choose("text", "🧠 " * 200)
    assert not visitor.error
    assert len(visitor.shown.text) == 400
