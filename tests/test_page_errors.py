"""The Errors and Train pages of tasks with one-hot codes, words, or no known rule."""

import json

import numpy as np
import pytest
from hand_made import ideal
from visitor import SHORT, visit

from elman import Experiment, run
from elman.analysis import acceptance, errors, likelihood
from elman.analysis.references import references
from elman.analysis.replay import replay
from elman.tasks import new_sequence, task_of, training_sequence, words
from elman.ui.views import word_boundaries


def views(visitor):
    return visitor.get_by_key("error_view").options


def test_rows_of_a_text_end_with_whole_words():
    passage = words.paper_passage()
    table = errors.by_step(ideal(passage, "words"), 60)[:-1]
    parts = word_boundaries.rows(table)
    assert ["".join(part["expected"]) for part in parts] == [
        "anyyearsagoaboyandgirllived",
        "bytheseatheyplayedhappily",
    ]
    # Without a place to break, a row is simply full.
    long = table.assign(begins=False)
    assert [len(part) for part in word_boundaries.rows(long)] == [28, 24]


def test_the_error_goes_through_the_papers_passage_or_the_test_sequence():
    experiment = Experiment(task="words", epochs=5, length=600)
    link = experiment.to_query() | {"error_view": "through a text", "letters": "true"}
    visitor = visit("errors", **link)
    done = run(experiment)
    passage = words.paper_passage()
    tested = replay(done, passage)
    wanted = errors.by_step(tested, 60)[:-1]
    (shown,) = [t for t in visitor.tables if "begins" in t]
    np.testing.assert_allclose(shown["squared"], wanted["squared"])
    assert "".join(shown["expected"]) == words.PAPER_PASSAGE.replace(" ", "")[1:]
    rows = [text for text in visitor.alternatives if "at each letter" in text]
    assert len(rows) == 2
    assert "| y " in rows[0]

    visitor.choose("passage", "test")
    sequence = new_sequence(experiment)
    (shown,) = [t for t in visitor.tables if "begins" in t]
    letters = [task_of(experiment).symbols[symbol] for symbol in sequence.symbols[1:61]]
    assert shown["expected"].tolist() == letters


def test_word_initial_stands_beside_word_final():
    experiment = Experiment(task="words", epochs=5, length=600, codes="random")
    visitor = visit("errors", error_view="through a text", **experiment.to_query())
    sequence = new_sequence(experiment)
    tested = replay(run(experiment), sequence)
    by_place = errors.by_place_in_word(tested)
    (shown,) = [t for t in visitor.tables if "part" in t]
    np.testing.assert_allclose(shown["squared"], by_place["squared"])
    assert f"{by_place['squared'][0]:.3f} at the first letter of a word" in visitor.words
    assert "fourteen of our fifteen words" in visitor.words


def test_sentences_are_compared_with_likelihoods_and_with_the_paper():
    experiment = Experiment(task="sentences", epochs=2, length=600, hidden=8)
    visitor = visit("errors", error_view="likelihoods", **experiment.to_query())
    sequence = new_sequence(experiment)
    tested = replay(run(experiment), sequence)
    wanted = likelihood.table(tested)
    (shown,) = [t for t in visitor.tables if "squares" in t]
    for name in likelihood.MEASURES:
        numbers = [
            f"{mean:.3f} ({sd:.3f})"
            for mean, sd in zip(wanted[name], wanted[f"{name}_sd"], strict=True)
        ]
        assert shown[name].tolist() == numbers
    for number in ("0.88", "0.053", "0.916", "15.5"):
        assert number in visitor.words
    assert likelihood.describe_likelihoods(wanted) in visitor.words


@pytest.mark.parametrize("grammar", ["plain", "embedded"])
def test_accepted_strings_are_counted_beside_the_grammar(grammar):
    experiment = Experiment(task="reber", epochs=3, length=600, grammar=grammar)
    visitor = visit("errors", error_view="accepted strings", **experiment.to_query())
    wanted = acceptance.table(acceptance.judged(run(experiment), acceptance.strings(experiment)))
    (shown,) = [t for t in visitor.tables if "strings" in t]
    columns = ["strings", "number", "grammatical", "accepted", "missed", "wrong"]
    assert shown[columns].to_dict("list") == wanted[columns].to_dict("list")
    np.testing.assert_allclose(shown["right"], wanted["right"] * 100)
    assert acceptance.describe_acceptance(wanted) in visitor.words
    assert ("remembers that letter" in visitor.words) == (grammar == "embedded")


def test_a_text_without_groups_shows_the_n_grams_and_with_groups_its_positions():
    visitor = visit("errors", task="own", epochs="20")
    assert "best memoryless guess" in visitor.alternatives[0]
    assert "boundary character" in visitor.words
    assert "features" not in views(visitor)
    visitor = visit("errors", task="own", epochs="20", boundary="space")
    assert visitor.alternatives[0].startswith("Squared error by predicted position: 1st, ")
    assert "nan" not in " ".join(visitor.alternatives).lower()


def test_another_task_brings_its_own_views():
    visitor = visit("errors", **SHORT, task="words", error_view="through a text")
    assert views(visitor)[3] == "through a text"
    visitor.choose("task", "xor")
    assert visitor.get_by_key("error_view").value == "by position"
    # Nor has a code of one bit features.
    assert not {"through a text", "features"} & {*views(visitor)}
    assert visitor.notes == ""


@pytest.mark.parametrize("task", ["sentences", "reber", "own"])
def test_train_names_the_likeliest_symbol_and_what_counts_as_right(task):
    experiment = Experiment(task=task, epochs=5, length=300, hidden=5)
    visitor = visit(**experiment.to_query())
    (table,) = visitor.tables
    assert "answer_output" in table
    assert len(table.columns) <= 8
    everywhere = visitor.metric[2]
    assert "largest output" in everywhere.help
    assert (everywhere.delta == "") == (task == "own")
    lines = references(training_sequence(experiment), task_of(experiment))
    for line in lines:
        assert line.name in visitor.words
        assert line.name in " ".join(visitor.alternatives)


def test_letters_written_right_to_left_are_said_to_run_left_to_right():
    visitor = visit(task="own", text="שלום עולם שלום לכולם", epochs="5", boundary="space")
    assert "from left to right" in visitor.words
    assert "Gaps stand between groups." in visitor.words
    assert "from left to right" not in visit(task="own", epochs="5").words


@pytest.mark.parametrize(
    ("task", "count", "title"),
    [
        ("letters", 6, "Squared error at the consonants"),
        ("words", 5, "Squared error where the rule leaves it open"),
    ],
)
def test_an_average_over_all_letters_says_so_and_where_each_kind_stands(task, count, title):
    visitor = visit("errors", **SHORT, task=task, error_view="features")
    assert sum("letter by letter" in text for text in visitor.alternatives) == count
    kinds = f"{task_of(Experiment(task=task)).open_words} together"
    assert any(text.endswith(kinds) for text in visitor.texts)
    configured = json.loads(visitor.dataframe[0].proto.columns).values()
    assert title in [column.get("label") for column in configured]
