"""Files that were good once: 500 mutations of each kind are read, or refused with a reason."""

import random
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
from hostile import MARKUP, mutated, mutated_archive
from same import assert_same, loaded, saved
from tiny_labs import measured
from visitor import SHORT, visit

from elman import Experiment, run, saving
from elman.labs import LABS, address, lesson
from elman.labs.answers import Answer
from elman.labs.lesson import Lesson, Question, Station
from elman.labs.progress import Entry, answers_from_json, from_json, to_json
from elman.studies import own_table
from elman.studies.table_experiment import TableExperiment
from elman.studies.table_rows import prepare
from elman.tasks import own, own_text

COUNT = 500

MOST_BYTES, MOST_MEMORY = 10**6, 10**7


def read_run(data):
    found = loaded(data, max_bytes=MOST_BYTES, max_memory=MOST_MEMORY)
    assert saving.size(found) < MOST_MEMORY
    return found


def read_same_run(data):
    assert_same(read_run(data), RUN)


def read_lesson(data):
    try:
        lesson.from_json(data, address.problems)
    except lesson.Refused as error:
        # Each sentence by itself is one of those that are looked at below.
        raise ValueError(max(error.problems, key=len)) from None


def read_text(data):
    text = own_text.normalise(own_text.decode(data))
    assert len(own.task(text).symbols) <= own_text.MAX_SYMBOLS


def read_table(data, name="t.csv"):
    prepare(TableExperiment(gaps="drop"), own_table.read_bytes(data, name))


def read_progress(data):
    from_json(data)
    answers_from_json(data)


RUN = run(Experiment(length=24, hidden=3, epochs=9, momentum=0.5, depth=4))
SAVED = saved(RUN)
ANSWERED = Answer("T", 1, "How?", 0.5, "errors?task=xor", "2026-05-01T10:00:00+02:00", "1", False)
PROGRESS = to_json(
    {name: Entry(skipped=True, evidence=measured(LABS[name], (0.5, 0.4))) for name in LABS},
    [ANSWERED] * 9,
).encode()
ASKED = (Question("?", answer=1.0), Question("?", choices=("a", "b")), None)
SHOWN = address.read("errors?task=xor&hidden=3")
STATIONS = tuple(Station(SHOWN, "Look.", question) for question in ASKED)
LESSON = lesson.to_json(Lesson("T", STATIONS)).encode()
ROWS = own_table.example(60, rng=np.random.default_rng(0)).frame
CSV = ROWS.to_csv(index=False).encode()
TEXT = ("the rain runs down the hill. שלום e\u0301 🧠\r\n\t" * 9).encode()

# Kind -> a good file, how to spoil it, how to read it.
KINDS = {
    "saved run": (SAVED, mutated, read_same_run),
    "arrays of a saved run": (SAVED, mutated_archive, read_run),
    "progress in the labs": (PROGRESS, mutated, read_progress),
    "lesson": (LESSON, mutated, read_lesson),
    "own text": (TEXT, mutated, read_text),
    "own table": (CSV, mutated, read_table),
}
if find_spec("pyarrow"):
    read_parquet = partial(read_table, name="t.parquet")
    KINDS["own table in Parquet"] = (ROWS.to_parquet(), mutated, read_parquet)


@pytest.mark.parametrize("kind", KINDS)
def test_a_mutated_file_is_read_or_refused_in_one_sentence_that_names_what_is_wrong(kind):
    good, spoil, read = KINDS[kind]
    read(good)
    draw, refused = random.Random(kind), 0
    for _ in range(COUNT):
        try:
            read(spoil(draw, good))
        except ValueError as error:
            refused += 1
            told = str(error)
            assert (": allowed " if "saved run" in kind else ": ") in told
            assert "Traceback" not in told
            assert len(told) < 1000
            assert "\n" not in told
    assert refused > COUNT / 10


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "page", "key", "ending"), [
    ("arrays of a saved run", "train", "run_file", ".npz"),
    ("progress in the labs", "labs", "lab_file", ".json"),
    ("lesson", "lesson", "lesson_file", ".json"), ("lesson", "teach", "draft_file", ".json"),
    ("own text", "train", "text_file", ".txt"), ("own table", "table", "table_file", ".csv"),
])  # fmt: skip
def test_the_page_refuses_a_mutated_file_and_stays(kind, page, key, ending):
    good, spoil, _ = KINDS[kind]
    draw = random.Random(key)
    visitor = visit(page, **SHORT, task="own", make="a lesson", t_epochs="2")
    for _ in range(20):
        if key == "run_file":
            # It closes with every file that is read.
            visitor.session_state["keep_open"] = True
            visitor.run()
        if not [one for one in visitor.file_uploader if one.key.startswith(key)]:
            # A lesson that was opened has no place for another.
            visitor.press("Leave the lesson")
        name = draw.choice(MARKUP).replace("/", "") + ending
        visitor.upload(key, spoil(draw, good), name)
        assert len(visitor.header) == 1
