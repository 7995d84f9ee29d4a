"""What a viewer has typed stands on a page as it is: in code, in fields, tables and charts, and
never where Markdown would be read."""

import re

import pytest
from google.protobuf.message import Message
from visitor import EXPERIMENT_PAGES, PAGES, SHORT, visit

from elman.labs import address, lesson
from elman.labs.lesson import Lesson, Question, Station

# Characters that no text of ours has, so that what holds one came from the viewer.
TYPED = "þßæ¤¦"

# Fields of Streamlit's elements that it never reads as Markdown.
PLAIN = re.compile(
    r"(Code\.code_text|^Text\.body|\.alt|\.spec|Text(Area|Input)\.(value|default)"
    r"|(Selectbox|MultiSelect)\.(options|default|raw_value\w*)|Slider\.options|\.id)$"
)

TEXT = "þa þb ßc ßa þb æ¤ ¤¦ " * 6
OWN = SHORT | {"task": "own", "text": TEXT, "boundary": "space", "hidden": "4"}


def strings(message, name):
    for field, value in message.ListFields():
        several = [value] if isinstance(value, str | bytes | Message) else value
        for one in several if hasattr(several, "__iter__") else ():
            if isinstance(one, Message):
                yield from strings(one, f"{name}.{field.name}")
            elif isinstance(one, str):
                yield f"{name}.{field.name}", one


def elements(block):
    for child in block.children.values():
        if getattr(child, "proto", None) is not None:
            yield child.proto
        if hasattr(child, "children"):
            yield from elements(child)


def read_as_markdown(visitor):
    """Where something that was typed stands outside code, by the names of its fields."""
    found = []
    for proto in elements(visitor._tree):
        for name, words in strings(proto, type(proto).__name__):
            outside = re.sub(r"(`+).*?\1", "", words, flags=re.DOTALL)
            if {*TYPED} & {*outside} and not PLAIN.search(name):
                found.append((name, words))
    return found


STATES = ("components", "tree", "surgery", "state space", "automaton")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "link"), [
    *((page, {}) for page in EXPERIMENT_PAGES), ("compare", {"c_field": "Boundary character"}),
    *(("states", {"view": view}) for view in STATES),
    *(("errors", {"error_view": view}) for view in ("step by step", "n-grams")),
])  # fmt: skip
def test_the_symbols_of_an_own_text_are_no_markup(page, link):
    assert read_as_markdown(visit(page, **OWN | {"c_seeds": "1"} | link)) == []


BAD = dict.fromkeys(
    ("hidden", "boundary", "preset", "n_ask", "n_units", "l_lengths", "c_level", "c_hidden", "hide",
     "pages", "lab", "lesson", "station", "draft", "make", "text_packed", "view",
     "error_view", "measure", "steps", "t_data", "t_read", "t_sequence", "t_epochs", "t_layer",
     TYPED), TYPED
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_what_a_link_says_is_no_markup(page):
    link = SHORT | BAD | {"task": "own", "n_sequence": f"1 2 {TYPED}"}
    assert read_as_markdown(visit(page, **link)) == []


@pytest.mark.parametrize(("page", "key"), [
    ("train", "boundary"), ("train", "text"), ("numbers", "n_sequence"), ("numbers", "n_ask"),
    ("layers", "l_lengths"), ("compare", "c_hidden"), ("compare", "c_level"),
    ("table", "t_paste"),
])  # fmt: skip
def test_what_is_typed_into_a_field_is_no_markup(page, key):
    visitor = visit(page, **SHORT, task="own", c_seeds="1").choose(key, TYPED)
    assert visitor.error or visitor.warning
    assert read_as_markdown(visitor) == []


def test_a_message_of_what_a_suggestion_changed_has_typed_words_as_code():
    visitor = visit("numbers").choose("n_sequence", "2 4 6 8 10 12").choose("n_ask", TYPED[:3])
    visitor.press("tanh units")
    assert any(text.value.startswith("Changed: ") for text in visitor.markdown)
    assert read_as_markdown(visitor) == []


@pytest.mark.parametrize(("page", "key", "ending"), [
    ("train", "text_file", ".txt"), ("train", "run_file_0", ".npz"), ("labs", "lab_file", ".json"),
    ("lesson", "lesson_file", ".json"), ("teach", "draft_file", ".json"),
    ("table", "table_file", ".csv"),
])  # fmt: skip
def test_neither_the_name_nor_the_content_of_a_file_is_markup(page, key, ending):
    visitor = visit(page, **SHORT, task="own", make="a lesson")
    visitor.session_state["keep_open"] = True
    visitor.run()
    content = {".json": f'{{"format": "{TYPED}"}}'}.get(ending, f"{TYPED}\0{TYPED}").encode()
    visitor.upload(key, content, TYPED + ending)
    assert visitor.error
    assert read_as_markdown(visitor) == []


def test_names_and_values_of_a_table_are_no_markup():
    names = [f"{TYPED[:3]}{k}" for k in range(4)]
    rows = [f"{k % 5},{k % 3 or ''},{TYPED},{TYPED[k // 30 :][:3]}" for k in range(60)]
    text = "\n".join([",".join(names), *rows])
    few = {"t_epochs": "2", "t_gaps": "carry", "t_hidden": "3"}
    visitor = visit("table", **few).choose("t_paste", text)
    assert not visitor.error
    for key, value in (("t_sequence", names[3]), ("t_predict", names[:2]), ("t_gaps", "refuse"),
                       ("t_sequence", names[0]), ("t_gaps", "drop")):  # fmt: skip
        assert read_as_markdown(visitor.choose(key, value)) == []
    for link in ({"t_read": names[2]}, {"t_sequence": TYPED}, {"t_part": TYPED, "t_shown": TYPED}):
        asked = few | {"t_data": "60x4-0123456789ab", "t_predict": names[:2]} | link
        other = visit("table", **asked)
        assert read_as_markdown(other.choose("t_paste", text)) == []


def test_what_a_teacher_wrote_is_no_markup():
    question = Question(TYPED, choices=(TYPED, f"{TYPED}b"), answer=TYPED)
    station = Station(address.read(f"errors?epochs=5&length=300&zog={TYPED}"), TYPED, question)
    link = lesson.to_link(Lesson(TYPED, (station, station)))
    visitor = visit("lesson", lesson=link).choose("lesson_answer_1", f"{TYPED}b")
    visitor.press("Keep my answer")
    assert f"Not right. The right answer: {TYPED}." in [one.value for one in visitor.text]
    assert read_as_markdown(visitor) == []
    assert read_as_markdown(visitor.go("errors")) == []
    assert read_as_markdown(visit("lesson", lesson=link, station="end")) == []
    assert read_as_markdown(visit("teach", draft=link, make="a lesson")) == []
