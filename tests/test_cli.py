"""`python -m elman`: its flags, its tables and its JSON."""

import numpy as np
import pytest
from command import SMALL, as_json, flags, other_value, printed, words

from elman import Experiment, run
from elman.analysis.replay import replay
from elman.experiment import SETTINGS
from elman.tasks import TASKS, new_sequence, preset, task_of

# The table that only one task has: its key in JSON, and how it is headed.
OWN_TABLES = {
    "words": ("errors_by_place_in_word", "Error by place in the word"),
    "sentences": ("likelihoods", "Difference between answer and what can be expected"),
    "reber": ("acceptance", "Strings accepted"),
}
# The headings where an answer is a bit, and where 31 outputs would be too many.
TABLES = {
    "xor": "step input output rounded expected match certain",
    "sentences": "step input answer output expected its output match",
}


def of_library(experiment, reset="as trained", on="new"):
    """Run, test sequence and outputs of the library."""
    trained = run(experiment)
    sequence = trained.sequence if on == "training" else new_sequence(experiment)
    return trained, sequence, replay(trained, sequence, reset=reset).outputs


@pytest.mark.parametrize("field", [name for name in SETTINGS if name != "task"])
def test_every_field_has_a_flag_that_reaches_the_experiment(field):
    setting = SETTINGS[field]
    settings = {"length": "60", "epochs": "2"} | dict([setting.only_with or ("task", "xor")])
    settings[field] = other_value(field, setting)
    expected = Experiment(**settings)
    assert field in expected.differences(Experiment(task=expected.task))
    assert as_json(expected.task, *flags(settings))["experiment"] == expected.to_dict()


def test_a_preset_gives_its_settings_and_a_flag_changes_them():
    for task in TASKS:
        for name in TASKS[task].presets:
            expected = preset(task, name).replace(length=60, epochs=2, reset="group", hidden=3)
            argv = ("--preset", name, "--reset", "group", *SMALL)
            assert as_json(task, *argv)["experiment"] == expected.to_dict()


@pytest.mark.parametrize("task", TASKS)
def test_json_and_tables_hold_the_run_of_the_library(task):
    settings = {"length": 300, "epochs": 6, "seed": 3, "hidden": 5}
    experiment = Experiment(task=task, **settings)
    text, answer = printed(task, *flags(settings)), as_json(task, *flags(settings))
    trained, test, outputs = of_library(experiment)
    expected = {
        "experiment": experiment.to_dict(), "losses": trained.losses.tolist(),
        "final_loss": trained.losses[-1], "status": "finished", "compiled": trained.compiled,
        "positions": list(TASKS[task].positions),
    }  # fmt: skip
    assert {name: answer[name] for name in expected} == expected
    assert answer["seconds"] > 0
    squared = (outputs - test.targets) ** 2
    by_position = [squared[test.position == k].mean() for k, _ in enumerate(answer["positions"])]
    np.testing.assert_allclose(answer["errors_by_position"], by_position)
    right = ((outputs >= 0.5) == (test.targets >= 0.5)).all(axis=1)
    if task in ("sentences", "reber", "own"):
        right = outputs.argmax(axis=1) == test.targets.argmax(axis=1)
    assert answer["accuracy"]["everywhere"] == pytest.approx(right.mean())
    sure = None if task in ("sentences", "own") else right[test.predictable].mean()
    assert answer["accuracy"]["predictable"] == pytest.approx(sure)
    said = answer["result"].startswith("It has learned the rule")
    assert answer["learned"] is (None if sure is None else said)
    assert (answer["floor"] is None) == (task == "own")
    assert (answer["accuracy"]["ceiling"] is None) == (task == "own")
    assert list(answer["baselines"])[-1] == ("trigram" if task == "own" else "bigram")
    by_feature = dict(zip(TASKS[task].features, squared.mean(axis=0), strict=False))
    wanted = by_feature if task in ("letters", "words") else {}
    assert answer.get("errors_by_feature", {}) == pytest.approx(wanted)

    assert text.startswith(TASKS[task].title + ": 5 hidden units, 6 epochs of ")
    assert max(map(len, text.splitlines())) <= 80
    assert "nan" not in text.lower().split()
    for owner, (key, heading) in OWN_TABLES.items():
        assert (key in answer) == (heading in text) == (owner == task)


def test_both_gives_each_task_under_its_name_and_json_has_the_tables_of_one_task():
    both = as_json("both", *SMALL)
    assert list(both) == ["xor", "letters"]
    for word, task in {"xor": "xor", "cv": "letters"}.items():
        assert both[task] | {"seconds": 0} == as_json(word, *SMALL) | {"seconds": 0}
    text = printed("both", *SMALL)
    assert text.index("XOR in time: 3 hidden") < text.index("Letters: 3 hidden")
    assert both["xor"]["floors_by_position"] == [0.25, 0, 0.25]
    assert both["letters"]["floors_by_position"] == pytest.approx([2 / 27, 0, 0, 0])
    argv = ("--length", "150", "--epochs", "1", "--hidden", "2")
    first, between, last = as_json("words", *argv)["errors_by_place_in_word"]
    assert first["steps"] == last["steps"] < first["steps"] + between["steps"]
    compared = as_json("sentences", *argv)["likelihoods"]
    assert [row["against"] for row in compared][:2] == ["the word that came", "counted likelihoods"]
    strings = as_json("reber", *argv, "--grammar", "embedded")["acceptance"]
    assert [row["strings"] for row in strings] == ["grammatical", "random", "wrong end"]
    assert strings[0]["grammatical"] == strings[0]["number"]
    assert strings[2]["grammatical"] == 0


@pytest.mark.parametrize("steps", [1, 40])
@pytest.mark.parametrize("task", TABLES)
def test_the_table_of_predictions_marks_those_that_match(task, steps):
    argv = (task, *SMALL, "--steps", steps, "--test-reset", "never")
    lines = [line.split() for line in printed(*argv).splitlines()]
    assert TABLES[task].split() in lines
    rows = lines[lines.index(TABLES[task].split()) + 1 : lines.index(["Accuracy"]) - 1]
    predicted = as_json(*argv)["predictions"]
    assert [row["step"] for row in predicted] == list(range(1, steps + 1))
    for line, row in zip(rows, predicted, strict=True):
        if task == "xor":
            assert int(row["rounded"]) == (row["output"] >= 0.5)
            assert row["predictable"] == (row["step"] % 3 == 2)
            row["predictable"] = "yes" if row["predictable"] else "no"
        assert row["match"] == (row["expected"] == row.get("answer", row.get("rounded")))
        row["match"] = "✓" if row["match"] else "✗"
        assert line == [f"{v:.3f}" if isinstance(v, float) else str(v) for v in row.values()]


def test_the_tables_of_the_letters_have_the_numbers_of_the_json():
    argv = ("letters", "--length", "300", "--epochs", "20", "--reset", "every")
    argv += ("--reset-every", "5", "--momentum", "0.5", "--hidden", "1")
    lines = [" ".join(line.split()) for line in printed(*argv).splitlines()]
    answer, told = as_json(*argv), " ".join(lines)
    assert "Letters: 1 hidden unit, 20 epochs of 300 steps, context reset: every 5 steps" in told
    assert "steps, momentum 0.5. " in told
    errors = dict(zip(answer["positions"], answer["errors_by_position"], strict=True))
    floors = dict(zip(answer["positions"], answer["floors_by_position"], strict=True))
    floors |= answer["floors_by_feature"]
    for name, error in (errors | answer["errors_by_feature"]).items():
        row = next(line for line in lines if line.startswith(f"{name} "))
        assert f"{error:.4f} {floors[name]:.4f}" in row
    right = answer["accuracy"]
    assert f"everywhere {right['everywhere']:.1%} (at best {right['ceiling']:.1%}" in told
    assert f"at the vowels {right['predictable']:.1%}" in told
    assert answer["result"] in told
    assert f"Final loss {answer['final_loss']:.4f}, floor {answer['floor']:.4f}." in told


def test_several_text_files_are_documents_and_words_are_written_from_a_prompt(tmp_path):
    files = [tmp_path / name for name in ("one.txt", "two.txt", "three.txt")]
    for file, sun in zip(files, ("rain", "sun", "snow"), strict=True):
        file.write_text(f"The {sun} comes.\n\nThe {sun} goes and the {sun} comes.\n")
    argv = ("--epochs", "2", "--read-as", "words", "--text-file", *files)
    experiment = as_json("own", *argv)["experiment"]
    assert experiment["documents"] == "paragraphs"
    assert experiment["text"].count("\n\n") == 2
    told = words("own", *argv)
    assert "read as words, documents paragraphs" in told
    assert "kinds in 3 documents, each between two marks" in told
    wrote = as_json("generate", "own", *argv, "--prompt", "¶ The rain", "--steps", "5")
    assert wrote["read"] == "¶ the rain"
    assert {*wrote["text"].split()} <= {*task_of(Experiment(**experiment)).symbols}
    assert "pairs of words that occur in the text" in wrote["result"]


def test_a_text_file_is_the_text_whose_rule_nobody_knows(tmp_path):
    path = tmp_path / "text.txt"
    written = "ab\u00e9\u05e9\u05dc \u5b57 " * 5
    path.write_text(written, encoding="utf-8")
    argv = ("own", "--epochs", "2", "--boundary", "space")
    answer = as_json(*argv, "--text-file", path)
    assert answer["experiment"]["text"] == written
    assert answer | {"seconds": 0} == as_json(*argv, "--text", written) | {"seconds": 0}
    told = words(*argv, "--text-file", path)
    assert "text of 40 characters, boundary 'space'" in told
    assert "at best" not in told
    assert "nan" not in told.lower().split()
    # Once, to say that there is none.
    assert told.count("floor") == told.count("so there is no floor") == 1
    assert "whose largest output is that of the next symbol" in told


def test_a_position_that_a_short_sequence_never_reaches_is_null():
    # The only syllable is dii.
    answer = as_json("letters", "--length", "4", "--epochs", "1", "--on", "training")
    assert [step["input"] for step in answer["predictions"]] == ["d", "i", "i"]
    *reached, last = answer["errors_by_position"]
    assert last is None
    assert all(0 < error < 1 for error in reached)


@pytest.mark.parametrize(("on", "name"), [
    ("new", "as-trained"), ("training", "as trained"), ("new", "once"), ("training", "never"),
    ("new", "group"), ("training", "step"),
])  # fmt: skip
def test_the_test_has_the_sequence_and_the_reset_that_were_asked_for(on, name):
    settings = {"length": 60, "epochs": 20, "weight_scale": 1.0, "reset": "every", "reset_every": 7}
    reset = name.replace("-", " ")
    _, test, outputs = of_library(Experiment(**settings), reset, on)
    answer = as_json("xor", *flags(settings), "--on", on, "--test-reset", name, "--steps", "50")
    assert (answer["tested_on"], answer["test_reset"]) == (on, reset)
    library = {"input": test.symbols, "output": outputs[:, 0], "expected": test.targets[:, 0]}
    for name, values in library.items():
        assert [float(step[name]) for step in answer["predictions"]] == values[:50].tolist()
