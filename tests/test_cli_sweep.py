"""`python -m elman sweep`: every run once in the file, whatever breaks it off; a summary of all."""

import os
import signal
import sys

import numpy as np
import pandas as pd
import pytest

from elman import Experiment
from elman.analysis import outcomes
from elman.analysis.outcomes import scores
from elman.cli import main
from elman.sweeps import file, record, sweep, table, variations
from elman.sweeps.file import SweepFile, experiment_of

COMMAND = ("xor", "--vary", "hidden=2,3", "--seeds", "4", "--length", "60", "--epochs", "3")
EXPERIMENTS = variations(Experiment(length=60, epochs=3), {"hidden": [2, 3]}, seeds=4)


@pytest.fixture
def run_sweep(capsys):
    """Run the command, which must end with `code`; what it printed on stdout and stderr."""

    def go(*argv, code=0):
        assert main.main(["sweep", *map(str, argv)]) == code, capsys.readouterr().err
        return capsys.readouterr()

    return go


@pytest.fixture
def refused(run_sweep):
    """Run the command, which must refuse with one line on stderr; the line."""

    def go(*argv):
        out, err = run_sweep(*argv, code=2)
        assert out == ""
        assert err.count("\n") == 1
        return err

    return go


def read(path):
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


def texts(column):
    return [value if isinstance(value, str) else "" for value in column]


def assert_every_run_once(path, experiments=EXPERIMENTS):
    """The file holds what the sweep gives here, in whatever order."""
    keys = ["hidden", "reset", "seed"]
    found = read(path).sort_values(keys).reset_index(drop=True)
    wanted = table(sweep(experiments, scores)).sort_values(keys).reset_index(drop=True)
    assert len(found) == len(experiments)
    for name in wanted:
        if name != "seconds" and not wanted[name].isna().all():
            if wanted[name].dtype.kind in "if":
                np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, err_msg=name)
            else:
                texts = [
                    [v if isinstance(v, str) else "" for v in t[name]] for t in (found, wanted)
                ]
                assert texts[0] == texts[1], name


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_the_file_holds_one_row_a_run_and_the_summary_counts_them(tmp_path, run_sweep, ending):
    path = tmp_path / f"runs{ending}"
    out, err = run_sweep(*COMMAND, "--level", "0.3", "--out", path)
    assert err == ""
    assert "2 combinations of hidden, 8 runs" in " ".join(out.split())
    lines = [line.split() for line in out.splitlines()]
    assert [line[:3] for line in lines if line[:1] in (["2"], ["3"])] == [
        ["2", "4", "0"],
        ["3", "4", "0"],
    ]
    assert "epochs to 0.3" in out
    assert "0% (0-49%)" in out
    assert_every_run_once(path)
    assert (read(path)["epochs_to_level"] == 1).all()


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_ctrl_c_keeps_the_finished_and_the_same_command_goes_on(
    tmp_path, run_sweep, monkeypatch, ending
):
    path = tmp_path / f"runs{ending}"
    trained = []

    def counted(run):
        trained.append(run.experiment)
        return scores(run)

    def press(run):
        # A second signal would not wait for the block to end.
        if not trained:
            os.kill(os.getpid(), signal.SIGINT)
        return counted(run)

    command = (*COMMAND, "--workers", "1", "--out", path)
    monkeypatch.setattr(outcomes, "scores", press)
    out, err = run_sweep(*command, code=130)
    assert "stopped after 4 of 8 runs" in err
    assert f"The same command goes on from {path}." in err
    assert len(read(path)) == 4
    assert "runs" in out

    monkeypatch.setattr(outcomes, "scores", counted)
    out, err = run_sweep(*command)
    assert "4 of them already in" in " ".join(out.split())
    assert sorted(map(str, trained)) == sorted(map(str, EXPERIMENTS)), "each was trained once"
    assert_every_run_once(path)

    before = path.read_bytes()
    assert "8 of them already in" in " ".join(run_sweep(*command).out.split())
    assert path.read_bytes() == before
    assert len(trained) == 8


def test_half_a_row_is_dropped_and_trained_again(tmp_path, run_sweep):
    path = tmp_path / "runs.csv"
    run_sweep(*COMMAND, "--out", path)
    whole = path.read_bytes()
    rows = whole.splitlines(keepends=True)
    for kept in (len(whole) - 1, len(whole) - len(rows[-1]) + 1, len(whole) - len(rows[-1]) - 1):
        path.write_bytes(whole[:kept])
        assert "half a row at the end" in run_sweep(*COMMAND, "--out", path).err
        assert_every_run_once(path)
    # Killed before the names of the columns were whole.
    path.write_bytes(rows[0][:20])
    run_sweep(*COMMAND, "--out", path)
    assert_every_run_once(path)
    # A whole row less is nothing to remark on.
    path.write_bytes(b"".join(rows[:-1]))
    assert run_sweep(*COMMAND, "--out", path).err == ""
    assert_every_run_once(path)


def test_more_seeds_and_values_extend_a_file(tmp_path, run_sweep):
    path = tmp_path / "runs.csv"
    run_sweep(*COMMAND, "--out", path)
    more = [*COMMAND]
    more[2], more[4] = "hidden=2,3,5", "5"
    assert "8 of them already in" in " ".join(run_sweep(*more, "--out", path).out.split())
    assert_every_run_once(path, variations(EXPERIMENTS[0], {"hidden": [2, 3, 5]}, seeds=5))


def test_a_file_of_another_sweep_is_refused_and_left_alone(tmp_path, run_sweep, refused):
    path = tmp_path / "runs.csv"
    run_sweep(*COMMAND, "--level", "0.2", "--out", path)
    before = path.read_bytes()
    cases = {
        "with epochs 3": (*COMMAND[:-1], "4", "--level", "0.2"),
        "with seed 3, data_seed 45": (*COMMAND[:3], "--seeds", "3", *COMMAND[5:], "--level", "0.2"),
        "its level is 0.2": COMMAND,
        "its columns are others": ("letters", *COMMAND[1:]),
    }
    for reason, command in cases.items():
        assert reason in (line := refused(*command, "--out", path))
        assert line.startswith("elman: --out: allowed is a new file, or one that the same sweep")
        assert path.read_bytes() == before
    path.write_bytes(before + before.splitlines(keepends=True)[-1])
    assert "twice" in refused(*COMMAND, "--level", "0.2", "--out", path)
    path.write_text("a,b\n1,2\n")
    assert "its columns are others" in refused(*COMMAND, "--out", path)
    assert path.read_text() == "a,b\n1,2\n"
    path.write_bytes(b"\x89PNG\r\n\xff\xfe\n")
    assert "not a text" in refused(*COMMAND, "--out", path)
    table_file = tmp_path / "runs.parquet"
    table_file.write_bytes(b"PAR1 no more")
    assert "cannot be read" in refused(*COMMAND, "--out", table_file)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--vary", "hidden=2,x"), "--vary: hidden: allowed is a whole number from 1 to 500; 'x' "),
        (("--vary", "hidden="), "--vary: hidden: allowed is a whole number from 1 to 500; '' was"),
        (("--vary", "reset=weekly"), "--vary: reset: allowed is one of epoch, never, every"),
        (("--vary", "units=2"), "--vary: allowed is FIELD=VALUE,VALUE with a field of length,"),
        (("--vary", "hidden"), "'hidden' was given"),
        (("--vary", "task=xor"), "'task=xor' was given"),
        (("--vary", "hidden=2", "--vary", "hidden=3"), "hidden was given again"),
        (("--vary", "reset=epoch,every"), "--reset-every: allowed with reset every is a whole"),
        (("--vary", "length=60,4,2"), "--vary: length: allowed is"),
        (("--seeds", "0"), "--seeds: allowed is a whole number from 1 to 10,000; '0' was given"),
        (("--workers", "none"), "--workers: allowed is a whole number from 1 to 1,024"),
        (("--level", "2"), "--level: allowed is a number from 0 to 1; '2' was given"),
        (("--hidden", "0"), "--hidden: allowed is a whole number from 1 to 500; '0' was given"),
        (("--out", "runs.xlsx"), "--out: allowed is a file name ending in one of .csv, .parquet"),
        (("--out", "/nowhere/runs.csv"), "--out: allowed is a file that can be written"),
        (("--dask", "nowhere"), "--dask: "),
    ],
)
def test_what_is_not_allowed_is_named(capsys, flags, message):
    assert main.main(["sweep", "xor", "--epochs", "1", "--length", "60", *flags]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


def test_a_flag_serves_the_combinations_that_can_use_it(run_sweep, tmp_path):
    path = tmp_path / "runs.csv"
    run_sweep(
        *("xor", "--vary", "reset=epoch,every", "--reset-every", "7", "--seeds", "2"),
        *("--length", "60", "--epochs", "1", "--out", path),
    )
    found = read(path)
    assert list(found["reset_every"].fillna(0)) == [0, 0, 7, 7]


def test_one_run_claims_no_spread(run_sweep):
    out = run_sweep("xor", "--length", "60", "--epochs", "1", "--seeds", "1").out
    assert "One run alone shows no spread" in " ".join(out.split())
    assert "±" not in out.split("Loss:")[0]


def test_a_text_with_commas_quotes_and_lines_survives_the_file(tmp_path):
    text = 'one, "two"\nthree\n' * 3
    experiment = Experiment(task="own", text=text, boundary="\n", length=40, epochs=1, hidden=2)
    made = [record(outcome) for outcome in sweep([experiment] * 2, lambda run: {})]
    made[1]["final_loss"] = np.nan
    columns = list(made[0])
    for ending in file.ENDINGS:
        path = tmp_path / f"runs{ending}"
        SweepFile(path, columns).append(made)
        again = SweepFile(path, columns)
        assert [experiment_of(row) for row in again.records] == [experiment] * 2
        assert again.records[0] == made[0]
        assert np.isnan(again.records[1]["final_loss"])
    # Broken off within quotes, just after a line's end.
    path = tmp_path / "runs.csv"
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"three\n") + 6])
    broken = SweepFile(path, columns)
    assert broken.dropped
    assert len(broken.records) == 1
    broken.append(made[1:])
    assert path.read_bytes() == whole


def test_a_killed_parquet_writer_leaves_the_last_complete_file(tmp_path, monkeypatch):
    path = tmp_path / "runs.parquet"
    made = [record(outcome) for outcome in sweep(EXPERIMENTS[:2], lambda run: {})]
    file = SweepFile(path, list(made[0]))
    file.append(made[:1])

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        file.append(made[1:])
    assert [experiment_of(r) for r in SweepFile(path, list(made[0])).records] == EXPERIMENTS[:1]


def test_progress_is_drawn_on_a_terminal(monkeypatch, capsys):
    from elman.cli import shell
    from elman.training import batches

    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(shell, "DRAW_SECONDS", 0.0)
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main.main(["sweep", *COMMAND]) == 0
    drawn = [line.strip() for line in capsys.readouterr().err.split("\r") if line.strip()]
    assert any("sweep of xor: 0 of 8 runs, " in line and " s left" in line for line in drawn)
