"""How `python -m elman` ends and what it says meanwhile: divergence, Ctrl-C, progress, notes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from command import SMALL, as_json, printed, run_command

from elman import Experiment, report, run, training
from elman.cli import main, shell
from elman.training import loop

ROOT = Path(__file__).parents[1]
LONG = ("--length", "60", "--epochs", "50")
DIVERGES = ("letters", "--activation", "relu", "--learning-rate", "3", "--momentum", "0.99")
# Run the command line once other modules have been made to look as they are wanted.
CALL = "from elman.cli.main import main; import sys; sys.exit(main(sys.argv[1:]))"


def python(*argv, encoding="utf-8"):
    """A program of its own, ended; it must have succeeded."""
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def losses_of(task="xor", **settings):
    return run(Experiment(task=task, length=60, **settings)).losses


def test_a_run_that_diverges_says_so_and_ends_with_1():
    code, out, err = run_command(*DIVERGES, "--json")
    answer = json.loads(out)
    assert (code, answer["status"]) == (1, "diverged")
    assert answer["losses"] == []
    assert answer["final_loss"] is None
    assert len(answer["errors_by_position"]) == 4
    assert "grew without bound" in err
    assert err.count("\n") == 1
    assert "No epoch was completed" in printed(*DIVERGES, code=1, stderr=err)


def test_what_is_not_a_number_is_null():
    value = {"a": [1.0, np.nan, {"b": -np.inf}], "c": "nan", "d": None, "e": True}
    found = report.finite(value)
    assert found == {"a": [1.0, None, {"b": None}], "c": "nan", "d": None, "e": True}
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def press_ctrl_c(monkeypatch, times):
    """Let Ctrl-C be pressed when training first asks whether to stop."""
    real, left = training.run, [times]

    def run_and_press(experiment, on_progress, should_stop, **settings):
        def look():
            while left[0]:
                left[0] -= 1
                signal.raise_signal(signal.SIGINT)
            return should_stop()

        return real(experiment, on_progress, look, **settings)

    monkeypatch.setattr(training, "run", run_and_press)


@pytest.fixture(autouse=True)
def signals_are_as_before():
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_keeps_what_was_learned(monkeypatch):
    press_ctrl_c(monkeypatch, times=1)
    answer = as_json("xor", *LONG, code=130, stderr="xor: Stopped after 1 of 50 epochs.\n")
    assert answer["status"] == "stopped"
    assert answer["losses"] == losses_of(epochs=1).tolist()


def test_ctrl_c_in_the_first_of_both_leaves_out_the_second(monkeypatch):
    press_ctrl_c(monkeypatch, times=1)
    answer = as_json("both", *LONG, code=130, stderr="xor: Stopped after 1 of 50 epochs.\n")
    assert list(answer) == ["xor"]


def test_a_second_ctrl_c_ends_at_once_without_traceback(monkeypatch):
    press_ctrl_c(monkeypatch, times=2)
    assert run_command("xor", *SMALL, "--json") == (130, "", "elman: interrupted.\n")


def program(*argv):
    """`python -m elman` as a program of its own, still running."""
    return subprocess.Popen(
        [sys.executable, "-m", "elman", *argv],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )


@pytest.mark.slow
def test_ctrl_c_from_outside_prints_the_tables():
    with program("xor", "--epochs", "100000") as process:
        # Printed when training is about to begin.
        assert process.stdout.readline().startswith("XOR in time: ")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert process.returncode == 130
    assert err.startswith("xor: Stopped after ")
    assert err.count("\n") == 1
    assert "Error by position" in out


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_traceback():
    with program("xor", *SMALL) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (1, "")


@pytest.mark.slow
def test_the_module_is_a_program_that_ends_with_its_code():
    with program("xor", "--hidden", "none") as process:
        out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert err.startswith("elman: --hidden: allowed is ")


@pytest.mark.slow
def test_what_cannot_be_printed_is_replaced():
    """Marks by words, symbols of a text by their escapes."""
    text = ("own", "--epochs", "2", "--text", "שלום " * 10)
    out = python("-m", "elman", *text, encoding="ascii").stdout
    assert {"ok", "--"} & {*out.split()}
    assert r"\u05dc" in out
    assert r"\u2423" in out
    sweep = ("sweep", "xor", *SMALL, "--seeds", "2")
    assert r"mean \xb1 standard deviation" in python("-m", "elman", *sweep, encoding="ascii").stdout


@pytest.mark.slow
def test_without_numba_one_plain_line_says_so():
    code = f"import sys; sys.modules['numba'] = None; {CALL}"
    done = python("-c", code, "both", *SMALL, "--json")
    assert done.stderr.startswith("note: Numba is not installed")
    assert done.stderr.count("\n") == 1
    for task, answer in json.loads(done.stdout).items():
        assert answer["compiled"] is False
        np.testing.assert_allclose(answer["losses"], losses_of(task, epochs=2, hidden=3))


@pytest.mark.slow
def test_help_needs_neither_tables_nor_charts():
    code = (
        "import sys, atexit\n"
        "atexit.register(lambda: print([n for n in ('pandas', 'altair') if n in sys.modules]))\n"
    )
    assert python("-c", code + CALL, "letters", "--help").stdout.splitlines()[-1] == "[]"


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def always_long(monkeypatch):
    """Every run is long enough to be followed, and drawn each time it can be."""
    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(shell, "DRAW_SECONDS", 0.0)
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", 0.0)


def test_a_long_run_is_followed_by_a_line_on_the_terminal(always_long, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main.main(["xor", "--length", "60", "--epochs", "4", "--json"]) == 0
    json.loads(capsys.readouterr().out)
    drawn = [line.rstrip() for line in terminal.getvalue().split("\r") if line.strip()]
    assert f"xor: epoch 3 of 4, loss {losses_of(epochs=4)[2]:.4f}, about 0 s left" in drawn
    # Nothing is left standing.
    assert terminal.getvalue().rsplit("\r", 2)[-2].strip() == ""


def test_a_file_shows_no_progress(always_long):
    as_json("xor", *SMALL)


def test_a_short_run_shows_no_progress(monkeypatch, capsys):
    # However slow the machine is.
    monkeypatch.setattr(shell, "LONG_SECONDS", 600.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main.main(["xor", *SMALL, "--json"]) == 0
    assert terminal.getvalue().strip() == ""


def test_preparing_is_announced_when_it_takes_long(always_long, monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shell.training_progress("xor", 600) as line:
        for _ in range(60_000):
            if "xor: preparing the compiled trainer" in terminal.getvalue():
                break
            time.sleep(0.01)
        else:
            pytest.fail("nothing was announced")
        # The time that is left is not measured by the time that preparing took.
        monkeypatch.setattr(time, "monotonic", iter([1e9, 1e9 + 1]).__next__)
        line(0.1, np.array([]))
        line(0.2, np.array([0.25]))
    assert "xor: epoch 1 of 600, loss 0.2500, about 8 s left" in terminal.getvalue()
