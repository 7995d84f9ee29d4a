"""The small tasks: their rules, their ideal answers, training and scores, and the pictures."""

import itertools

import numpy as np
import pandas as pd
import pytest
from drawing import Drawing
from same import assert_same

from elman.charts import shapes as charts
from elman.studies import alignment_training, alignments
from elman.studies.alignment_training import AlignmentSetting, Score, score, train, train_seeds
from elman.studies.alignments import TASKS, letter_chances
from elman.tasks import letters

RULES = {
    "one-to-one": lambda text: text,
    "one-to-many": lambda text: {"b": "a.", "d": "ii.", "g": "uuu."}[text],
    "many-to-one": lambda text: "1" if text.count("1") >= 5 else "0",
    "many-to-many, equal": lambda text: "".join("c" if c in "bdg" else "v" for c in text),
    "many-to-many, unequal": lambda text: text[::-1] + ".",
}
every_task = pytest.mark.parametrize("task", TASKS.values(), ids=list(TASKS))


def draw(task, seed):
    return task.draw(np.random.default_rng(seed))


@every_task
def test_answers_follow_the_rule_and_unseen_samples_are_unseen(task):
    (seen, unseen), (again, _), (other, _) = (draw(task, seed) for seed in (5, 5, 6))
    for samples in (seen, unseen):
        assert list(samples.answers) == [RULES[task.name](text) for text in samples.questions]
        assert (samples.y.sum(axis=-1) == 1.0).all()
        spelled = ["".join(task.symbols[k] for k in row) for row in samples.y.argmax(axis=-1)]
        for text, answer in zip(spelled, samples.answers, strict=True):
            assert text.startswith(answer)
            assert set(text[len(answer) :]) <= {"."}
    assert not {sample.tobytes() for sample in seen.x} & {sample.tobytes() for sample in unseen.x}
    assert len(unseen) >= 25
    assert_same(seen, again)
    assert seen.questions != other.questions or not np.array_equal(seen.x, other.x)


def test_tagged_letters_are_whole_syllables_and_the_longest_form_has_room_for_its_answer():
    stream = "".join(draw(TASKS["many-to-many, equal"], 0)[0].questions)
    for syllable in ("ba", "dii", "guuu"):
        stream = stream.replace(syllable, "|")
    # But for the ends.
    assert set(stream.rstrip("bdgaiu")) == {"|"}
    samples, _ = draw(TASKS["many-to-many, unequal"], 0)
    assert samples.y.shape[1] == alignments.LONGEST_REVERSED + 1


def test_chances_of_letters_by_hand():
    # Between b and d only High differs: at 0.5 both are as likely, at 1 it is d by e^(1/2σ²).
    x = letters.CODES[0].copy()
    x[letters.FEATURES.index("High")] = 0.5
    np.testing.assert_allclose(letter_chances(x, 0.5, {"b": 1.0, "d": 1.0}), [0.5, 0.5])
    np.testing.assert_allclose(letter_chances(x, 0.5, {"b": 1.0, "d": 3.0}), [0.25, 0.75])
    ratio = letter_chances(letters.CODES[1], 0.5, {"b": 1.0, "d": 1.0})
    np.testing.assert_allclose(ratio[1] / ratio[0], np.exp(2.0))


@pytest.mark.parametrize("name", ["one-to-one", "one-to-many", "many-to-many, equal"])
def test_no_other_rule_by_letters_beats_the_reference(name):
    # Bayes's answer against the nearest code, which ignores how often letters come.
    _, unseen = draw(TASKS[name], 1)
    allowed = "bdg" if name == "one-to-many" else "bdgaiu"
    codes = letters.CODES[[letters.LETTERS.index(c) for c in allowed]]
    places = unseen.x[:, : len(unseen.questions[0])]
    nearest = ((places[:, :, np.newaxis] - codes) ** 2).sum(axis=-1).argmin(axis=-1)
    texts = ("".join(allowed[k] for k in row) for row in nearest)
    plain = score(tuple(RULES[name](text) for text in texts), unseen.answers)
    best = score(unseen.reference, unseen.answers)
    assert best.symbols >= plain.symbols - 0.01
    assert best.symbols > 0.8


def test_scores_and_guessing_by_hand():
    assert score(("ab.", "b.", "abc."), ("ab.", "a.", "ab.")) == Score(1 / 3, (3 + 1 + 2) / 8)
    assert score(("",), ("ab",)) == Score(0.0, 0.0)
    task = TASKS["many-to-one"]
    seen, unseen = draw(task, 2)
    guess, loss = alignment_training.guessing(seen, unseen, task)
    ones = np.mean([answer == "1" for answer in seen.answers])
    common = "1" if ones > 0.5 else "0"
    expected = np.mean([answer == common for answer in unseen.answers])
    assert guess == Score(expected, expected)
    assert loss == pytest.approx(-ones * np.log(ones) - (1 - ones) * np.log(1 - ones))


@every_task
def test_a_network_is_scored_by_its_own_answers(task):
    setting = AlignmentSetting(task.name, hidden=3, epochs=2)
    run, again = (train(setting, 1) for _ in range(2))
    _, unseen = task.draw(alignment_training.streams(1)[0])
    table = run.table
    assert list(table["reads"]) == list(unseen.questions)
    assert list(table["expected"]) == list(unseen.answers)
    assert list(table["right"]) == list(table["expected"] == table["answers"])
    assert run.score.whole == pytest.approx(table["right"].mean())
    assert len(run.losses) == 2
    np.testing.assert_array_equal(again.losses, run.losses)
    pd.testing.assert_frame_equal(again.table, table)


@every_task
def test_each_task_is_learned_from_its_defaults(task):
    run = train(AlignmentSetting(task.name, hidden=task.hidden, epochs=task.epochs), 0)
    assert run.losses[-1] < 0.3 * run.guess_loss
    assert run.score.whole > (0.9 if run.reference is None else run.reference.whole - 0.06)
    assert run.score.whole > run.guess.whole + 0.3


def test_neighbours_tell_more_than_each_letter_alone_and_both_sides_most():
    task = TASKS["many-to-many, equal"]
    forward, both = (
        train(AlignmentSetting(task.name, "RNN", task.hidden, 30, both), 0)
        for both in (False, True)
    )
    assert forward.reference.whole + 0.05 < forward.score.whole < both.score.whole - 0.03


def test_seeds_make_rows_and_stopping_keeps_the_finished_ones():
    made = AlignmentSetting("many-to-one", hidden=2, epochs=3)
    shares, asked = [], itertools.count(1)
    table = train_seeds(made, [4, 7, 9], lambda share, losses: shares.append(share))
    assert list(table["seed"]) == [4, 7, 9]
    for row in table.itertuples():
        alone = train(made, row.seed)
        assert (row.whole, row.symbols) == (alone.score.whole, alone.score.symbols)
        assert row.guess_whole == alone.guess.whole
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    # Each seed asks after each of 8 batches in 3 epochs.
    stopped = train_seeds(made, [4, 7, 9], None, lambda: next(asked) > 3 * 8 + 3)
    assert list(stopped["seed"]) == [4]
    assert train_seeds(made, [4], None, lambda: True).empty


@pytest.mark.parametrize(("name", "value"), [
    ("form", "many"), ("kind", "rnn"), ("hidden", 0), ("epochs", 1e9), ("both_directions", 1),
    ("both_directions", True),
])  # fmt: skip
def test_bad_settings_are_named(name, value):
    with pytest.raises(ValueError, match=f"^{name}: allowed "):
        AlignmentSetting(**{"form": "many-to-one", name: value})


@every_task
def test_the_picture_reads_and_answers_in_order(task):
    _, unseen = draw(task, 0)
    question, answer = unseen.questions[0], unseen.answers[0]
    marks = Drawing(charts.form_picture(question, answer, task.answers_at)).saying(Here=None)
    found = [mark.says["Here"] for mark in marks]
    answered = [words for words in found if words.startswith("answered")]
    assert "".join(words[-1] for words in found if words.startswith("read")) == question
    assert "".join(words[-1] for words in answered) == answer
    first = {"each": 1, "end": len(question), "after": len(question) + 1}[task.answers_at]
    assert answered[0].startswith(f"answered at step {first}:")


def test_both_directions_every_loss_and_every_seed_are_drawn():
    drawing = Drawing(charts.form_picture("ba", "cv", "each", both_directions=True))
    assert sum(mark.says["Here"].startswith("hidden") for mark in drawing.saying(Here=None)) == 4
    assert {"hidden →", "hidden ←"} <= {*drawing.texts}
    drawing = Drawing(charts.learning_curve(np.array([2.0, 1.0]), 1.5))
    assert drawing.axes == {"X": "Epoch", "Y": "Cross-entropy (nats)"}
    assert "guessing by frequency" in drawing.texts
    (line,) = drawing.of("line mark")
    np.testing.assert_allclose(drawing.along("Y", line), [2.0, 1.0], atol=0.02)
    table = pd.DataFrame({"seed": [0, 1], "whole": [0.5, 0.75], "symbols": [0.5, 0.75]})
    table = table.assign(guess_whole=0.25, guess_symbols=0.25)
    # Single symbols are not shown twice.
    marks = Drawing(charts.seed_scores(table)).saying(Seed=None)
    assert [mark.says["Right"] for mark in marks] == ["50.0%", "75.0%"]
    drawing = Drawing(charts.seed_scores(table.assign(symbols=[0.9, 0.95])))
    assert {"whole answers", "single symbols"} <= {*drawing.texts}
