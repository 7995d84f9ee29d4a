"""How `python -m elman` ends and what it says meanwhile: divergence, Ctrl-C, progress, notes."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from elman import Experiment, report, run, training
from elman.analysis.replay import replay
from elman.cli import main, shell
from elman.experiment import SETTINGS
from elman.training import loop

ROOT = Path(__file__).parents[1]
SMALL = ("--length", "60", "--epochs", "2")


def not_a_number(name):
    raise AssertionError(f"{name} is not JSON")


def python(*argv, **settings):
    return subprocess.run(
        [sys.executable, *argv], cwd=ROOT, capture_output=True, text=True, check=False, **settings
    )


def run_of(task="xor", **settings):
    return run(Experiment(task=task, **settings))


DIVERGES = ("--activation", "relu", "--learning-rate", "3", "--momentum", "0.99")


def test_a_run_that_diverges_says_so_and_ends_with_1(capsys):
    assert main.main(["letters", *DIVERGES, "--json"]) == 1
    out, err = capsys.readouterr()
    answer = json.loads(out, parse_constant=not_a_number)
    assert answer["status"] == "diverged"
    assert answer["losses"] == []
    assert answer["final_loss"] is None
    assert len(answer["errors_by_position"]) == 4
    assert "grew without bound" in err
    assert err.count("\n") == 1
    assert main.main(["letters", *DIVERGES]) == 1
    assert "No epoch was completed" in capsys.readouterr().out


def test_what_is_not_a_number_is_null():
    trained = run_of(length=60, epochs=2)
    tested = replay(trained, trained.sequence, reset="once")
    answer = report.values(replace(tested, outputs=np.full_like(tested.outputs, np.nan)), 3)
    assert answer["errors_by_position"] == [None] * 3
    assert answer["predictions"][0]["output"] is None
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


def pressing_ctrl_c(monkeypatch, times):
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


def test_ctrl_c_keeps_what_was_learned(monkeypatch, capsys):
    pressing_ctrl_c(monkeypatch, times=1)
    before = signal.getsignal(signal.SIGINT)
    assert main.main(["xor", "--length", "60", "--epochs", "50", "--json"]) == 130
    out, err = capsys.readouterr()
    answer = json.loads(out)
    assert err == "xor: Stopped after 1 of 50 epochs.\n"
    assert answer["status"] == "stopped"
    assert answer["losses"] == run_of(length=60, epochs=1).losses.tolist()
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_in_the_first_of_both_leaves_out_the_second(monkeypatch, capsys):
    pressing_ctrl_c(monkeypatch, times=1)
    assert main.main(["both", "--length", "60", "--epochs", "50", "--json"]) == 130
    assert list(json.loads(capsys.readouterr().out)) == ["xor"]


def test_a_second_ctrl_c_ends_at_once_without_traceback(monkeypatch, capsys):
    pressing_ctrl_c(monkeypatch, times=2)
    before = signal.getsignal(signal.SIGINT)
    assert main.main(["xor", *SMALL, "--json"]) == 130
    assert tuple(capsys.readouterr()) == ("", "elman: interrupted.\n")
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.slow
def test_ctrl_c_from_outside_prints_the_tables():
    with subprocess.Popen(
        [sys.executable, "-m", "elman", "xor", "--epochs", "100000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    ) as process:
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
    with subprocess.Popen(
        [sys.executable, "-m", "elman", "xor", *SMALL],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert process.returncode == 1
    assert err == b""


def test_the_module_runs_as_a_program():
    done = python("-m", "elman", "both", *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    assert list(json.loads(done.stdout)) == ["xor", "letters"]
    assert done.stdout.count("\n") == 1
    bad = python("-m", "elman", "xor", "--hidden", "none")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("elman: --hidden: allowed is ")


@pytest.mark.slow
def test_marks_are_replaced_where_they_cannot_be_printed():
    code = "import sys; from elman.cli.main import main; sys.exit(main(sys.argv[1:]))"
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = python("-c", code, "xor", *SMALL, env=plain)
    assert done.returncode == 0, done.stderr
    assert " ok " in done.stdout
    assert " -- " in done.stdout


@pytest.mark.slow
def test_symbols_are_replaced_where_they_cannot_be_printed():
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = python("-m", "elman", "own", "--epochs", "2", "--text", "שלום " * 10, env=plain)
    assert done.returncode == 0, done.stderr
    assert r"\u05dc" in done.stdout
    assert r"\u2423" in done.stdout


@pytest.mark.slow
def test_without_numba_one_plain_line_says_so():
    code = (
        "import sys; sys.modules['numba'] = None; from elman.cli.main import main; "
        "sys.exit(main(sys.argv[1:]))"
    )
    done = python("-c", code, "both", *SMALL, "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("note: Numba is not installed")
    assert done.stderr.count("\n") == 1
    answers = json.loads(done.stdout)
    for task, answer in answers.items():
        assert answer["compiled"] is False
        np.testing.assert_allclose(answer["losses"], run_of(task, length=60, epochs=2).losses)


@pytest.mark.slow
def test_help_needs_neither_tables_nor_charts():
    code = (
        "import sys\nfrom elman.cli.main import main\n"
        "try:\n    main(['letters', '--help'])\n"
        "except SystemExit as leaving:\n    assert leaving.code == 0\n"
        "print([name for name in ('pandas', 'altair') if name in sys.modules])"
    )
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    *text, loaded = done.stdout.splitlines()
    assert loaded == "[]"
    words = " ".join(" ".join(text).split())
    for field, setting in SETTINGS.items():
        bound = setting.only_with and setting.only_with[0] == "task"
        if field != "task" and not bound:
            assert f" --{field.replace('_', '-')} " in words
    assert (
        "hidden units, and as many context units: a whole number from 1 to 500 (default: 20)"
        in words
    )


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_long_run_is_followed_by_a_line_on_the_terminal(monkeypatch, capsys):
    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(shell, "DRAW_SECONDS", 0.0)
    monkeypatch.setattr(loop, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main.main(["xor", "--length", "60", "--epochs", "4", "--json"]) == 0
    json.loads(capsys.readouterr().out)
    drawn = [line.rstrip() for line in terminal.getvalue().split("\r") if line.strip()]
    losses = run_of(length=60, epochs=4).losses
    assert f"xor: epoch 3 of 4, loss {losses[2]:.4f}, about 0 s left" in drawn
    # Nothing is left standing.
    assert terminal.getvalue().rsplit("\r", 2)[-2].strip() == ""


def test_a_short_run_and_a_file_show_no_progress(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert main.main(["xor", *SMALL, "--json"]) == 0
    assert terminal.getvalue().strip() == ""
    monkeypatch.setattr(sys, "stderr", log := io.StringIO())
    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    assert main.main(["xor", *SMALL, "--json"]) == 0
    assert log.getvalue() == ""


def test_preparing_is_announced_when_it_takes_long(monkeypatch):
    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with shell.training_progress("xor", 600) as bar:
        for _ in range(1000):
            if "xor: preparing the compiled trainer" in terminal.getvalue():
                break
            time.sleep(0.01)
        else:
            pytest.fail("nothing was announced")
        # The time that is left is not measured by the time that preparing took.
        monkeypatch.setattr(time, "monotonic", iter([1e9, 1e9 + 1]).__next__)
        bar(0.1, np.array([]))
        bar(0.2, np.array([0.25]))
    assert "xor: epoch 1 of 600, loss 0.2500, about 8 s left" in terminal.getvalue()
