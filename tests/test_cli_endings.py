"""How `python -m elman` ends and what it says meanwhile: divergence, Ctrl-C, progress, notes."""

import json
import signal
import sys
import time

import numpy as np
import pytest
from command import DIVERGES, SMALL, Stream, as_json, ended, printed, program, run_command
from visitor import wait_until

from elman import Experiment, report, run, training
from elman.cli import shell
from elman.training import batches, loop

# Run the command line once other modules have been made to look as they are wanted.
CALL = "from elman.cli.main import main; import sys; sys.exit(main(sys.argv[1:]))"


def losses_of(task="xor", **settings):
    return run(Experiment(task=task, length=60, **settings)).losses


def test_a_run_that_diverges_says_so_and_ends_with_1():
    code, out, err = run_command(*DIVERGES, "--json")
    answer = json.loads(out)
    assert (code, answer["status"]) == (1, "diverged")
    assert (answer["losses"], answer["final_loss"]) == ([], None)
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


def test_ctrl_c_keeps_what_was_learned_and_a_second_one_ends_at_once_without_traceback(monkeypatch):
    for command in "xor", "both":
        with monkeypatch.context() as patch:
            press_ctrl_c(patch, times=1)
            argv = (command, "--length", "60", "--epochs", "50")
            answer = as_json(*argv, code=130, stderr="xor: Stopped after 1 of 50 epochs.\n")
        if command == "both":
            assert list(answer) == ["xor"], "what would follow is left out"
            answer = answer["xor"]
        assert answer["status"] == "stopped"
        assert answer["losses"] == losses_of(epochs=1).tolist()
    press_ctrl_c(monkeypatch, times=2)
    assert run_command("xor", *SMALL, "--json") == (130, "", "elman: interrupted.\n")


@pytest.mark.slow
def test_the_module_is_a_program_that_ends_with_its_code():
    module = ("-m", "elman", "xor")
    out, err = ended(program(*module, "--hidden", "none"), code=2)
    assert out == ""
    assert err.startswith("elman: --hidden: allowed is ")
    # Ctrl-C from outside prints the tables.
    process = program(*module, "--epochs", "100000")
    # Printed when training is about to begin.
    assert process.stdout.readline().startswith("XOR in time: ")
    process.send_signal(signal.SIGINT)
    out, err = ended(process, code=130)
    assert err.startswith("xor: Stopped after ")
    assert err.count("\n") == 1
    assert "Error by position" in out
    # A reader that leaves early is no traceback.
    with program(*module, *SMALL) as process:
        process.stdout.close()
        err = process.stderr.read()
    assert (process.returncode, err) == (1, "")


@pytest.mark.slow
def test_what_cannot_be_printed_is_replaced():
    """Marks by words, symbols of a text by their escapes."""

    def in_ascii(*argv):
        return ended(program("-m", "elman", *argv, encoding="ascii"))[0]

    out = in_ascii("own", "--epochs", "2", "--text", "שלום " * 10)
    assert {"ok", "--"} & {*out.split()}
    assert r"\u05dc" in out
    assert r"\u2423" in out
    assert r"mean \xb1 standard deviation" in in_ascii("sweep", "xor", *SMALL, "--seeds", "2")


@pytest.mark.slow
def test_without_numba_one_plain_line_says_so():
    code = f"import sys; sys.modules['numba'] = None; {CALL}"
    out, err = ended(program("-c", code, "both", *SMALL, "--json"))
    assert err.startswith("note: Numba is not installed")
    assert err.count("\n") == 1
    for task, answer in json.loads(out).items():
        assert answer["compiled"] is False
        np.testing.assert_allclose(answer["losses"], losses_of(task, epochs=2, hidden=3))


@pytest.mark.slow
def test_the_library_and_its_help_need_neither_tables_nor_charts_nor_the_app():
    imported = "print([n for n in ('pandas', 'altair', 'streamlit') if n in sys.modules])"
    code = f"import sys, atexit; atexit.register(lambda: {imported}); {CALL}"
    assert ended(program("-c", code, "letters", "--help"))[0].splitlines()[-1] == "[]"


@pytest.fixture
def terminal(monkeypatch):
    """What is printed goes to a terminal, where every run is followed as often as it can be."""
    monkeypatch.setattr(Stream, "isatty", lambda stream: True)
    for module in shell, loop, batches:
        for name in {"LONG_SECONDS", "DRAW_SECONDS", "PROGRESS_SECONDS"} & {*vars(module)}:
            monkeypatch.setattr(module, name, 0.0)


def test_a_long_run_is_followed_by_a_line_on_the_terminal(terminal, monkeypatch):
    code, out, err = run_command("xor", "--length", "60", "--epochs", "4", "--json")
    assert (code, json.loads(out)["status"]) == (0, "finished")
    drawn = [line.rstrip() for line in err.split("\r") if line.strip()]
    assert f"xor: epoch 3 of 4, loss {losses_of(epochs=4)[2]:.4f}, about 0 s left" in drawn
    # Nothing is left standing.
    assert err.rsplit("\r", 2)[-2].strip() == ""
    _, _, err = run_command("sweep", "xor", *SMALL, "--seeds", "4")
    drawn = [line.strip() for line in err.split("\r")]
    assert any("sweep of xor: 0 of 4 runs, " in line and " s left" in line for line in drawn)
    with monkeypatch.context() as patch:
        patch.setattr(Stream, "isatty", lambda stream: False)
        assert run_command("xor", *SMALL)[2] == ""
    # However slow the machine is, this run is short.
    monkeypatch.setattr(shell, "LONG_SECONDS", 600.0)
    assert run_command("xor", *SMALL)[2].strip() == ""


def test_preparing_is_announced_when_it_takes_long(terminal, monkeypatch):
    monkeypatch.setattr(sys, "stderr", err := Stream())
    with shell.training_progress("xor", 600) as line:
        wait_until(lambda: "xor: preparing the compiled trainer" in err.getvalue())
        # The time that is left is not measured by the time that preparing took.
        monkeypatch.setattr(time, "monotonic", iter([1e9, 1e9 + 1]).__next__)
        line(0.1, np.array([]))
        line(0.2, np.array([0.25]))
    assert "xor: epoch 1 of 600, loss 0.2500, about 8 s left" in err.getvalue()
