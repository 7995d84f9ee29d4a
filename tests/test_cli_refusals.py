"""`python -m elman` refuses in one line, naming flag, allowed and given, before it trains."""

import re
import sys
from pathlib import Path

import pytest
from command import SMALL, flag, refused, run_command

from elman import training
from elman.cli import main, numbers, shell
from elman.experiment import SETTINGS
from elman.studies.numbers import SETTINGS as NUMBER_SETTINGS
from elman.studies.table_experiment import SETTINGS as TABLE_SETTINGS

# No number, no choice, and longer than any text may be.
BAD = "a" * 20_001

# Command, flag, bad value and what is allowed.
FIELDS = [
    *(("xor", name, BAD, setting.allowed) for name, setting in SETTINGS.items() if name != "task"),
    *(("numbers", name, BAD, setting.allowed) for name, setting in NUMBER_SETTINGS.items()),
    *(("table", name, BAD, setting.allowed) for name, setting in TABLE_SETTINGS.items()),
    ("xor", "epochs", "2.5", "a whole number from 1 to 100,000"),
    ("xor", "seed", "", "a whole number from 0 to 4,294,967,295"),
    ("sweep xor", "hidden", "0", "a whole number from 1 to 500"),
    ("both", "steps", "0", "a whole number from 1 to 1,000,000"),
    ("both", "on", "old", "one of new, training"),
    ("both", "test_reset", "every", "one of as trained, once, never, group, step"),
    ("both", "preset", "best", "one of textbook, paper"),
    ("both", "plot", "curve.gif", "a file name ending in one of .png, .svg, .html"),
]

# There when a command begins, and unchanged when it ends.
FILES = {
    "old.svg": b"<svg/>",
    "text.npz": b"not a run",
    "empty.txt": b"",
    "picture.txt": b"\x89PNG\r\n\x1a\n" * 9,
    "long.txt": b"ab" * 20_000,
    "large.txt": b"ab" * 100_000,
}
FILE = "^elman: --text-file: allowed is .*"
FIGURE = "^elman: --plot: allowed is a file that can be written; .*"
SWEEP = "sweep xor --epochs 1 --length 60 "
# Command lines, split at blanks unless they are given in parts, and what they are told.
LINES = {
    "": "TASK",
    "sor": "'sor'",
    "xor letters": "letters",
    "xor --hiden 3": "--hiden",
    "xor --hid 3": "--hid",
    "xor --hidden": "--hidden",
    "xor --json=yes": "--json",
    "xor --task letters": "--task",
    "xor --reset every": "--reset-every",
    "xor --reset-every 5": "--reset-every",
    "xor --preset paper --reset-every 5": "--reset-every",
    "xor --codes random": "--codes: allowed only with task words",
    "both --grammar embedded": "--grammar: allowed only with task reber",
    "words --text abcabcabc": "--text: allowed only with task own",
    "own --boundary #": "--boundary: allowed is one character of the text",
    ("own", "--boundary", " ", "--group-length", "3"): "--boundary: allowed is none beside",
    ("own", "--text", ""): "--text: allowed is 8 to 20,000 characters of 2 to 100 .*; 0 were",
    "own --text aaaaaaaaaaaa": "--text: allowed is 8 to 20,000 characters of 2",
    "xor --text-file text.txt": "--text-file",
    "own --text abcabcabc --text-file text.txt": (
        "^elman: --text-file: allowed is none beside --text; both were given.\n"
    ),
    "own --text-file empty.txt": FILE + "0 were given",
    "numbers --steps 0": "--steps: allowed is a whole number",
    "numbers --plot curve.gif": "--plot: allowed is a file name ending in",
    "own --text-file picture.txt": FILE + "plain text in UTF-8; byte 0",
    "own --text-file long.txt": FILE + "a text of at most 20,000 characters; 40,000 were",
    "own --text-file large.txt": FILE + "a file of at most 80,000 bytes",
    "own --text-file none.txt": FILE + "a file that can be read",
    "xor --plot no/such/folder/figure.png": FIGURE + "no/such/folder/figure.png",
    "xor --plot folder.png": FIGURE + "folder.png",
    "xor --plot /proc/figure.svg": FIGURE + "/proc/figure.svg",
    "xor --save run.txt": "^elman: --save: allowed is a file name ending in .npz",
    "xor --save no/run.npz": "^elman: --save: allowed is a file that can be written",
    "both --save run.npz": "^elman: unrecognized arguments: --save run.npz",
    "sentences --length 1000000 --max-mb 100": (
        r"^elman: --length: allowed is a whole number from 4 to \d+,\d+, with the other settings "
        "and 100 MB of memory; 1000000 was given; --max-mb allows more memory.\n"
    ),
    SWEEP + "--vary hidden=2,500 --max-mb 1": "^elman: --hidden: .* 1 MB of memory; 500 was given",
    "show none.npz": "^elman: FILE: allowed is a file that can be read; 'none.npz' was given",
    "show text.npz": "^elman: text.npz: file: allowed is a run saved as .npz; another kind",
    "numbers --sequence 1 2": "--sequence: allowed are 4 to 300 numbers",
    ("numbers", "--sequence", ""): "none was given",
    "numbers --sequence a b": "one of counting, even numbers, Fibonacci",
    "numbers --sequence 1,2,nan,4": "'nan' was given",
    "numbers --sequence fibonacci --length 40": "--length: allowed is a whole number",
    "numbers --sequence 1,2,3,4 --length 9": "--length: allowed only with a sequence",
    "numbers --window 1 2": "--window: allowed is a window of 3 numbers",
    "numbers --window 1,2,x": "--window: allowed are numbers",
    "numbers --reset never": "--reset",
    "numbers --forecast 0": "--forecast: allowed is a whole number from 1 to 100",
    "numbers --networks 2": "--networks: allowed only with --forecast",
    "automaton xor --machine best": "--machine: allowed is one of learned, rule",
    "automaton xor --dot m.txt": "--dot: allowed is a file name ending in .dot",
    "automaton nothing": "TASK: allowed is one of xor",
    "generate chess": "TASK: allowed is one of xor, letters",
    "generate letters --temperature 0": "--temperature: allowed is",
    "lesson": "FILE",
    "lesson nowhere.json": "FILE: allowed is a file that can be read; 'nowhere.json' was given",
    "lesson empty.txt": "file: this is not a JSON file",
    "lesson picture.txt": "file: this is not a JSON file",
    "lesson text.npz --app elsewhere": "--app: allowed is an address that begins with http",
    "lesson text.npz --handout page.pdf": "--handout: allowed is a file name ending in .html",
    SWEEP + "--vary hidden=2,x": "--vary: hidden: allowed is a whole number from 1 to 500; 'x' was",
    SWEEP + "--vary units=2": "--vary: allowed is FIELD=VALUE,VALUE with a field of length,",
    SWEEP + "--vary hidden": "'hidden' was given",
    SWEEP + "--vary task=xor": "'task=xor' was given",
    SWEEP + "--vary hidden=2 --vary hidden=3": "hidden was given again",
    SWEEP + "--vary reset=epoch,every": "--reset-every: allowed with reset every is a whole",
    SWEEP + "--vary length=60,4,2": "--vary: length: allowed is",
    SWEEP + "--vary hidden=4..2": "--vary: hidden: allowed is a rising range of at most 1,000",
    SWEEP + "--vary momentum=0.1..0.3": "--vary: momentum: allowed is a number .*, each by itself",
    SWEEP + "--seeds 0": "--seeds: allowed is a whole number from 1 to 10,000; '0' was given",
    SWEEP + "--workers none": "--workers: allowed is a whole number from 1 to 1,024",
    SWEEP + "--level 2": "--level: allowed is a number from 0 to 1; '2' was given",
    SWEEP + "--out runs.xlsx": "--out: allowed is a file name ending in one of .csv, .parquet",
    SWEEP + "--out /nowhere/runs.csv": "--out: allowed is a file that can be written",
}


# What only a trained network can tell.
AFTER_TRAINING = {
    "space xor --symbol 2": "--symbol: allowed is one of 0, 1; '2' was given",
    "space xor --output x": "--output: allowed is one of Bit; 'x' was given",
    "space xor --hidden 1": "--hidden: allowed is at least 2 units",
    "automaton own --machine rule": "--machine: allowed is one of learned, smallest, untrained",
    "automaton xor --epoch 9": "--epoch: allowed is a whole number from 0 to 2; 9 was given",
    "generate letters --prompt xyz": "--prompt: allowed are symbols of the task",
    "generate letters --try xyz": "--try: allowed are symbols of the task",
    "generate letters --epoch 9": "--epoch: allowed is a whole number from 0 to 2",
}


@pytest.fixture(autouse=True)
def nothing_is_trained(monkeypatch, tmp_path):
    monkeypatch.setattr(training, "run", None)
    monkeypatch.setattr(numbers, "run", None)
    monkeypatch.setattr("elman.sweeps.sweep", None)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.png").mkdir()
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    yield
    (tmp_path / "folder.png").rmdir()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == FILES


@pytest.mark.parametrize(("command", "field", "bad", "allowed"), FIELDS)
def test_a_bad_value_is_refused_naming_flag_allowed_and_given(command, field, bad, allowed):
    argv = command.split()
    if field in SETTINGS and SETTINGS[field].only_with and command == "xor":
        name, needed = SETTINGS[field].only_with
        argv = [needed] if name == "task" else [*argv, flag(name), needed]
    given = f"{bad!r} was" if len(bad) < 50 else f"{repr(bad)[:57]}... was"
    if len(bad) > 60 and allowed.startswith("a text"):
        given = f"{len(bad):,} were"
    line = f"elman: {flag(field)}: allowed is {allowed}; {given} given.\n"
    assert refused(*argv, flag(field), bad) == line


@pytest.mark.parametrize("argv", LINES)
def test_a_line_that_makes_no_sense_is_refused_naming_the_part(argv):
    line = refused(*(argv.split() if isinstance(argv, str) else argv))
    assert re.search(LINES[argv], line)


@pytest.mark.parametrize("line", AFTER_TRAINING)
def test_what_no_network_can_do_is_refused_as_well(line, monkeypatch):
    monkeypatch.undo()
    told = refused(*line.split(), "--epochs", "2", "--length", "60")
    assert told.startswith(f"elman: {AFTER_TRAINING[line]}")


def test_what_is_missing_or_too_short_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    assert "vl_convert" in refused("xor", "--plot", "figure.png")

    def too_short(experiment):
        raise ValueError("length: allowed is at least 50; 40 was given.")

    monkeypatch.setattr(shell, "training_sequence", too_short)
    for command in ("xor",), ("sweep", "xor"):
        assert refused(*command) == "elman: --length: allowed is at least 50; 40 was given.\n"


def test_a_cluster_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.undo()
    code, out, err = run_command("sweep", "xor", *SMALL, "--dask", "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith("elman: --dask: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["old.svg", "new.svg"])
def test_looking_whether_a_figure_can_be_written_changes_no_file(name):
    assert shell.plot_path(name) == Path(name)


def test_help_names_every_flag_with_its_values_and_default(capsys):
    with pytest.raises(SystemExit) as leaving:
        main.main(["letters", "--help"])
    assert leaving.value.code == 0
    words = " ".join(capsys.readouterr().out.split())
    shown = [n for n, s in SETTINGS.items() if not (s.only_with and s.only_with[0] == "task")]
    assert all(f" {flag(name)} " in words for name in shown if name != "task")
    units = "hidden units, and as many context units: a whole number from 1 to 500 (default: 20)"
    assert units in words
