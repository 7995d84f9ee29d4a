"""`python -m elman`: its flags, its tables and its JSON."""

import json
from pathlib import Path

import numpy as np
import pytest

from elman import Experiment, run, training
from elman.analysis.replay import replay
from elman.cli import main, shell
from elman.experiment import SETTINGS
from elman.tasks import TASKS, new_sequence, preset

ROOT = Path(__file__).parents[1]
SMALL = ("--length", "60", "--epochs", "2")

# For every field that has a flag: a good value, a bad one, and what the message allows.
FLAGS = {
    "length": ("90", "3", "a whole number from 4 to 1,000,000"),
    "hidden": ("3", "0", "a whole number from 1 to 500"),
    "epochs": ("5", "2.5", "a whole number from 1 to 100,000"),
    "codes": ("random", "ascii", "one of binary, random"),
    "grammar": ("embedded", "recursive", "one of plain, embedded"),
    "text": ("to be or not to be", "a" * 20_001, "a text of at most 20,000 characters"),
    "group_length": ("6", "1", "a whole number from 2 to 50"),
    "boundary": ("space", "every blank", "a text of at most 10 characters"),
    "reset": ("never", "sometimes", "one of epoch, never, every, group, step, growing"),
    "reset_every": ("7", "0", "a whole number from 1 to 1,000,000"),
    "context_start": ("-0.5", "2", "a number from -1 to 1"),
    "learning_rate": ("0.3", "fast", "a number from 0.000001 to 100"),
    "momentum": ("0.5", "1", "a number from 0 to 0.999"),
    "depth": ("3", "-1", "a whole number from 1 to 100"),
    "activation": ("tanh", "softmax", "one of sigmoid, tanh, relu"),
    "weight_init": ("uniform", "zeros", "one of normal, uniform"),
    "weight_scale": ("0.5", "nan", "a number from 0 to 10"),
    "seed": ("11", "", "a whole number from 0 to 4,294,967,295"),
    "data_seed": ("12", "x", "a whole number from 0 to 4,294,967,295"),
}
OTHER_FLAGS = {
    "steps": ("0", "a whole number from 1 to 1,000,000"),
    "on": ("old", "one of new, training"),
    "test_reset": ("every", "one of as trained, once, never, group, step"),
    "preset": ("best", "one of textbook, paper"),
    "plot": ("curve.gif", "a file name ending in one of .png, .svg, .html"),
}


def flag_of(field):
    return "--" + field.replace("_", "-")


def beside(field):
    """The settings beside which alone a field may be set."""
    needed = SETTINGS[field].only_with if field in SETTINGS else None
    return dict([needed]) if needed else {}


def flags(settings):
    """A command line of these settings, without the task."""
    pairs = ((flag_of(name), str(value)) for name, value in settings.items() if name != "task")
    return [part for pair in pairs for part in pair]


def not_a_number(name):
    raise AssertionError(f"{name} is not JSON")


@pytest.fixture
def printed(capsys):
    """Run the command line and return what it prints on stdout; it must end with `code`."""

    def go(*argv, code=0, stderr=""):
        assert main.main(list(argv)) == code
        out, err = capsys.readouterr()
        assert err == stderr
        return out

    return go


@pytest.fixture
def as_json(printed):
    def go(*argv, **ending):
        return json.loads(printed(*argv, "--json", **ending), parse_constant=not_a_number)

    return go


@pytest.fixture
def refused(capsys):
    """Run the command line, which must refuse with one line on stderr; return the line."""

    def go(*argv, code=2):
        assert main.main(list(argv)) == code
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("elman: ")
        assert err.count("\n") == 1
        return err

    return go


# Flags


def test_the_table_of_this_file_covers_every_field():
    assert {"task", *FLAGS} == set(SETTINGS)


@pytest.mark.parametrize("field", FLAGS)
def test_every_field_has_a_flag_that_reaches_the_experiment(field, as_json):
    settings = {"length": "60", "epochs": "2"} | beside(field) | {field: FLAGS[field][0]}
    expected = Experiment(**settings)
    assert field in expected.differences(Experiment(task=expected.task))
    assert as_json(expected.task, *flags(settings))["experiment"] == expected.to_dict()


@pytest.mark.parametrize("field", [*FLAGS, *OTHER_FLAGS])
@pytest.mark.parametrize("task", ["xor", "both"])
def test_a_bad_value_is_refused_naming_flag_allowed_and_given(task, field, refused):
    bad, allowed = FLAGS[field][1:] if field in FLAGS else OTHER_FLAGS[field]
    needed = beside(field)
    line = refused(needed.get("task", task), *flags(needed), flag_of(field), bad)
    given = repr(bad) if len(bad) < 50 else repr(bad)[:57] + "..."
    assert line == f"elman: {flag_of(field)}: allowed is {allowed}; {given} was given.\n"


@pytest.mark.parametrize(
    ("argv", "named"),
    [
        ((), "TASK"),
        (("sor",), "'sor'"),
        (("xor", "letters"), "letters"),
        (("xor", "--hiden", "3"), "--hiden"),
        (("xor", "--hid", "3"), "--hid"),
        (("xor", "--hidden"), "--hidden"),
        (("xor", "--json=yes"), "--json"),
        (("xor", "--task", "letters"), "--task"),
        (("xor", "--reset", "every"), "--reset-every"),
        (("xor", "--reset-every", "5"), "--reset-every"),
        (("xor", "--preset", "paper", "--reset-every", "5"), "--reset-every"),
        (("xor", "--codes", "random"), "--codes: allowed only with task words"),
        (("both", "--grammar", "embedded"), "--grammar: allowed only with task reber"),
        (("words", "--text", "abcabcabc"), "--text: allowed only with task own"),
        (("own", "--boundary", "#"), "--boundary: allowed is one character of the text"),
        (("own", "--boundary", " ", "--group-length", "3"), "--boundary: allowed is none beside"),
        (("own", "--text", "aaaaaaaaaaaa"), "--text: allowed is 8 to 20,000 characters of 2"),
        (("xor", "--text-file", "text.txt"), "--text-file"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_naming_the_part(argv, named, refused):
    assert named in refused(*argv)


def test_a_sequence_too_short_for_its_task_is_refused_before_training(monkeypatch, refused):
    def generate(length, *, rng):
        raise ValueError(f"length: allowed is at least 50; {length} was given.")

    monkeypatch.setattr(training, "run", None)
    monkeypatch.setattr(shell, "training_sequence", lambda e: generate(e.length, rng=None))
    line = refused("xor", "--length", "40")
    assert line == "elman: --length: allowed is at least 50; 40 was given.\n"


@pytest.mark.parametrize("name", ["textbook", "paper"])
@pytest.mark.parametrize("task", TASKS)
def test_a_preset_gives_its_settings(task, name, as_json):
    if name not in TASKS[task].presets:
        pytest.skip("this task has no such preset")
    expected = preset(task, name).replace(length=60, epochs=2).to_dict()
    assert as_json(task, "--preset", name, *SMALL)["experiment"] == expected


def test_a_flag_changes_its_preset_and_nothing_else(as_json):
    experiment = as_json("xor", "--preset", "paper", "--reset", "group", *SMALL)["experiment"]
    assert experiment["reset"] == "group"
    assert experiment["hidden"] == 2
    assert experiment["context_start"] == 0.5


# What is printed


def run_of(task="xor", **settings):
    return run(Experiment(task=task, **settings))


@pytest.mark.parametrize("task", TASKS)
def test_json_holds_the_run_of_the_library(task, as_json):
    answer = as_json(task, "--length", "300", "--epochs", "6", "--seed", "3", "--hidden", "5")
    expected = run_of(task, length=300, epochs=6, seed=3, hidden=5)
    assert answer["experiment"] == expected.experiment.to_dict()
    assert answer["losses"] == expected.losses.tolist()
    assert answer["final_loss"] == expected.losses[-1]
    assert answer["status"] == "finished"
    assert answer["seconds"] > 0
    assert answer["compiled"] is expected.compiled

    test = new_sequence(expected.experiment)
    outputs = replay(expected, test).outputs
    squared = (outputs - test.targets) ** 2
    by_position = [
        squared[test.position == place].mean() for place in range(len(answer["positions"]))
    ]
    np.testing.assert_allclose(answer["errors_by_position"], by_position)
    assert answer["positions"] == list(TASKS[task].positions)
    right = ((outputs >= 0.5) == (test.targets >= 0.5)).all(axis=1)
    if task in ("sentences", "reber", "own"):
        right = outputs.argmax(axis=1) == test.targets.argmax(axis=1)
    assert answer["accuracy"]["everywhere"] == pytest.approx(right.mean())
    if task in ("sentences", "own"):
        assert answer["accuracy"]["predictable"] is None
    else:
        sure = right[test.predictable].mean()
        assert answer["accuracy"]["predictable"] == pytest.approx(sure)
    assert (answer["floor"] is None) == (task == "own")
    assert (answer["accuracy"]["ceiling"] is None) == (task == "own")
    assert list(answer["baselines"])[-1] == ("trigram" if task == "own" else "bigram")
    if task in ("letters", "words"):
        by_feature = dict(zip(TASKS[task].features, squared.mean(axis=0), strict=True))
        assert answer["errors_by_feature"] == pytest.approx(by_feature)
    else:
        assert "errors_by_feature" not in answer


def test_json_gives_the_floors_of_the_positions(as_json):
    assert as_json("xor", *SMALL)["floors_by_position"] == [0.25, 0, 0.25]
    assert as_json("letters", *SMALL)["floors_by_position"] == pytest.approx([2 / 27, 0, 0, 0])


def test_json_has_the_table_that_only_one_task_has(as_json):
    argv = ("--length", "150", "--epochs", "1", "--hidden", "2")
    keys = {"words": "errors_by_place_in_word", "sentences": "likelihoods", "reber": "acceptance"}
    for task in TASKS:
        answer = as_json(task, *argv)
        wanted = {keys[task]} if task in keys else set()
        assert {*keys.values()} & {*answer} == wanted
    first, between, last = as_json("words", *argv)["errors_by_place_in_word"]
    assert first["steps"] == last["steps"] < first["steps"] + between["steps"]
    compared = as_json("sentences", *argv)["likelihoods"]
    assert [row["against"] for row in compared][:2] == ["the word that came", "counted likelihoods"]
    strings = as_json("reber", *argv, "--grammar", "embedded")["acceptance"]
    assert [row["strings"] for row in strings] == ["grammatical", "random", "wrong end"]
    assert strings[0]["grammatical"] == strings[0]["number"]
    assert strings[2]["grammatical"] == 0


def without_time(answer):
    return {name: value for name, value in answer.items() if name != "seconds"}


def test_cv_is_another_word_for_letters(as_json):
    assert without_time(as_json("cv", *SMALL)) == without_time(as_json("letters", *SMALL))


def test_both_gives_each_task_under_its_name(as_json):
    both = as_json("both", *SMALL)
    assert list(both) == ["xor", "letters"]
    for task, answer in both.items():
        assert without_time(answer) == without_time(as_json(task, *SMALL))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_trained_and_printed(task, printed, as_json):
    argv = (task, "--length", "150", "--epochs", "1", "--hidden", "2")
    text = printed(*argv)
    assert text.startswith(TASKS[task].title + ": 2 hidden units, 1 epoch of ")
    assert max(map(len, text.splitlines())) <= 80
    assert len(as_json(*argv)["losses"]) == 1


@pytest.mark.parametrize(
    ("task", "heading"),
    [
        ("words", "Error by place in the word"),
        ("sentences", "Difference between answer and what can be expected"),
        ("reber", "Strings accepted"),
    ],
)
def test_a_task_s_own_table_is_printed(task, heading, printed):
    words = printed(task, "--length", "150", "--epochs", "1", "--hidden", "2")
    assert heading in words
    assert "nan" not in words.lower()


def test_the_table_of_one_hot_codes_names_answers_instead_of_31_outputs(printed, as_json):
    argv = ("sentences", "--length", "600", "--epochs", "1", "--hidden", "5", "--steps", "8")
    lines = printed(*argv).splitlines()
    first = next(n for n, line in enumerate(lines) if line.split()[:2] == ["step", "input"])
    assert lines[first].split() == [
        "step", "input", "answer", "output", "expected", "its", "output", "match",
    ]  # fmt: skip
    for line, row in zip(lines[first + 1 : first + 9], as_json(*argv)["predictions"], strict=True):
        step, given, answer, output, expected, its, mark = line.split()
        assert (int(step), given, answer, expected) == (
            row["step"], row["input"], row["answer"], row["expected"],
        )  # fmt: skip
        assert (output, its) == (f"{row['answer_output']:.3f}", f"{row['expected_output']:.3f}")
        assert mark == ("✓" if answer == expected else "✗")


def test_where_nobody_knows_the_rule_no_floor_is_printed(printed):
    words = " ".join(printed("own", "--epochs", "3", "--boundary", "space").split())
    assert "at best" not in words
    assert "nan" not in words.lower()
    # Once, to say that there is none.
    assert words.count("floor") == words.count("so there is no floor") == 1
    assert "whose largest output is that of the next symbol" in words
    assert "boundary 'space'" in words


def test_a_text_file_is_the_text(tmp_path, as_json, printed):
    path = tmp_path / "text.txt"
    written = "ab\u00e9\u05e9\u05dc \u5b57 " * 5
    path.write_text(written, encoding="utf-8")
    answer = as_json("own", "--text-file", str(path), "--epochs", "2")
    assert answer["experiment"]["text"] == written
    assert without_time(answer) == without_time(as_json("own", "--text", written, "--epochs", "2"))
    words = " ".join(printed("own", "--text-file", str(path), "--epochs", "2").split())
    assert "text of 40 characters" in words


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "0 were given"),
        (b"\xef\xbb\xbf", "0 were given"),
        (b"short", "8 to 20,000 characters of 2 to 100 different kinds; 5 were given"),
        (b"a" * 100, "1 kind was given"),
        (b"\x89PNG\r\n\x1a\n" * 9, "plain text in UTF-8; byte 0"),
        (b"abcd\x00efgh", "U+0000"),
        (b"ab" * 20_000, "a text of at most 20,000 characters"),
        (b"ab" * 100_000, "a file of at most 80,000 bytes"),
        (None, "a file that can be read"),
    ],
)
def test_a_text_file_that_cannot_be_used_is_refused(content, told, tmp_path, refused):
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    line = refused("own", "--text-file", str(path))
    assert line.startswith("elman: --text-file: allowed is ")
    assert told in line


def test_a_text_and_a_file_exclude_each_other(refused):
    line = refused("own", "--text", "abcabcabc", "--text-file", "text.txt")
    assert line == "elman: --text-file: allowed is none beside --text; both were given.\n"


def test_a_position_that_a_short_sequence_never_reaches_is_null(as_json):
    # The only syllable is dii.
    answer = as_json("letters", "--length", "4", "--epochs", "1", "--on", "training")
    assert [step["input"] for step in answer["predictions"]] == ["d", "i", "i"]
    *reached, last = answer["errors_by_position"]
    assert last is None
    assert all(0 < error < 1 for error in reached)


@pytest.mark.parametrize("name", ["as-trained", "as trained", "once", "never", "group", "step"])
@pytest.mark.parametrize("on", ["new", "training"])
def test_the_test_has_the_sequence_and_the_reset_that_were_asked_for(name, on, as_json):
    settings = {"length": 60, "epochs": 20, "weight_scale": 1.0, "reset": "every", "reset_every": 7}
    trained = run_of(**settings)
    sequence = trained.sequence if on == "training" else new_sequence(trained.experiment)
    outputs = replay(trained, sequence, reset=name.replace("-", " ")).outputs
    asked = ("--on", on, "--test-reset", name, "--steps", "50")
    answer = as_json("xor", *flags(settings), *asked)
    assert answer["tested_on"] == on
    assert answer["test_reset"] == name.replace("-", " ")
    assert [step["output"] for step in answer["predictions"]] == outputs[:50, 0].tolist()


@pytest.mark.parametrize("steps", [1, 12, 40])
def test_the_table_marks_predictions_that_match(steps, printed):
    lines = printed("xor", *SMALL, "--steps", str(steps), "--test-reset", "never").splitlines()
    first = next(n for n, line in enumerate(lines) if line.split()[:2] == ["step", "input"])
    rows = [line.split() for line in lines[first + 1 : lines.index("Accuracy") - 1]]
    assert [int(row[0]) for row in rows] == list(range(1, steps + 1))
    trained = run_of(length=60, epochs=2)
    test = new_sequence(trained.experiment)
    outputs = replay(trained, test, reset="never").outputs
    for (step, given, output, rounded, expected, mark, certain), answer, target in zip(
        rows, outputs[:, 0], test.targets[:, 0], strict=False
    ):
        assert int(given) == test.symbols[int(step) - 1]
        assert output == f"{answer:.3f}"
        assert (int(rounded), int(expected)) == (answer >= 0.5, target)
        assert mark == ("✓" if rounded == expected else "✗")
        assert certain == ("yes" if int(step) % 3 == 2 else "no")


def test_the_tables_of_the_letters_have_the_numbers_of_the_json(printed, as_json):
    argv = ("letters", "--length", "300", "--epochs", "20")
    text, answer = printed(*argv), as_json(*argv)
    rows = {line.split("  ")[0].split(" 0.")[0].strip(): line.split() for line in text.splitlines()}
    for feature, error in answer["errors_by_feature"].items():
        assert rows[feature][1:3] == [f"{error:.4f}", f"{answer['floors_by_feature'][feature]:.4f}"]
    lines = text.splitlines()
    for position, error, floor in zip(
        answer["positions"],
        answer["errors_by_position"],
        answer["floors_by_position"],
        strict=True,
    ):
        row = next(line for line in lines if line.startswith(position)).removeprefix(position)
        assert row.split()[1:3] == [f"{error:.4f}", f"{floor:.4f}"]
    right = answer["accuracy"]
    everywhere = f"everywhere {right['everywhere']:7.1%} (at best {right['ceiling']:.1%}"
    words = " ".join(text.split())
    assert " ".join(everywhere.split()) in words
    assert f"at the vowels {right['predictable']:.1%}" in words
    assert answer["result"] in words
    assert f"Final loss {answer['final_loss']:.4f}, floor {answer['floor']:.4f}." in words


def test_the_first_line_says_what_is_trained(printed):
    argv = ("xor", *SMALL, "--reset", "every", "--reset-every", "5", "--momentum", "0.5")
    words = " ".join(printed(*argv).split())
    assert words.startswith(
        "XOR in time: 4 hidden units, 2 epochs of 60 steps, context reset: every 5 steps, "
        "momentum 0.5."
    )


def test_both_prints_xor_then_letters(printed):
    text = printed("both", *SMALL)
    assert text.index("XOR in time: 4 hidden") < text.index("Letters: 20 hidden")


def test_a_command_is_added_by_its_row_in_the_table(monkeypatch, printed):
    def add_arguments(parser):
        parser.add_argument("--name")

    def greet(args):
        print(f"Hello, {args.name}.")
        return 0

    monkeypatch.setitem(main.COMMANDS, "greet", main.Command("say hello", add_arguments, greet))
    assert printed("greet", "--name", "reader") == "Hello, reader.\n"
