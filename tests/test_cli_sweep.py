"""`python -m elman sweep`: every run once in the file, whatever breaks it off; a summary of all."""

import os
import signal

import numpy as np
import pandas as pd
import pytest
from command import Stream, printed, refused, run_command, words

from elman import Experiment
from elman.analysis import outcomes
from elman.analysis.outcomes import scores
from elman.cli import shell
from elman.sweeps import file, record, sweep, table, variations
from elman.sweeps.file import SweepFile, experiment_of
from elman.training import batches

COMMAND = ("xor", "--vary", "hidden=2,3", "--seeds", "4", "--length", "60", "--epochs", "3")
EXPERIMENTS = variations(Experiment(length=60, epochs=3), {"hidden": [2, 3]}, seeds=4)


def run_sweep(*argv, **ending):
    return words("sweep", *argv, **ending)


def read(path):
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


def assert_every_run_once(path, experiments=EXPERIMENTS):
    """The file holds what the sweep gives here, in whatever order."""
    keys = ["hidden", "reset", "seed"]
    found, wanted = (
        frame.sort_values(keys).reset_index(drop=True)
        for frame in (read(path), table(sweep(experiments, scores)))
    )
    assert len(found) == len(experiments)
    for name in wanted:
        if name == "seconds" or wanted[name].isna().all():
            continue
        if wanted[name].dtype.kind in "if":
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-12, err_msg=name)
        else:
            texts = [frame[name].astype(object).fillna("").tolist() for frame in (found, wanted)]
            assert texts[0] == texts[1], name


@pytest.mark.parametrize("ending", file.ENDINGS)
def test_the_file_holds_one_row_a_run_and_the_summary_counts_them(tmp_path, ending):
    path = tmp_path / f"runs{ending}"
    out = printed("sweep", *COMMAND, "--level", "0.3", "--out", path)
    assert "2 combinations of hidden, 8 runs" in " ".join(out.split())
    counted = [line.split()[:3] for line in out.splitlines() if line.split()[:1] in (["2"], ["3"])]
    assert counted == [["2", "4", "0"], ["3", "4", "0"]]
    assert "epochs to 0.3" in out
    assert "0% (0-49%)" in out
    assert_every_run_once(path)
    assert (read(path)["epochs_to_level"] == 1).all()


@pytest.mark.parametrize("ending", file.ENDINGS)
def test_ctrl_c_keeps_the_finished_and_the_same_command_goes_on(tmp_path, monkeypatch, ending):
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
    stopped = f"sweep: stopped after 4 of 8 runs. The same command goes on from {path}.\n"
    assert "diverged" in run_sweep(*command, code=130, stderr=stopped)
    assert len(read(path)) == 4

    monkeypatch.setattr(outcomes, "scores", counted)
    assert "4 of them already in" in run_sweep(*command)
    assert sorted(map(str, trained)) == sorted(map(str, EXPERIMENTS)), "each was trained once"
    assert_every_run_once(path)

    before = path.read_bytes()
    assert "8 of them already in" in run_sweep(*command)
    assert path.read_bytes() == before
    assert len(trained) == 8


def test_half_a_row_is_dropped_and_trained_again(tmp_path):
    path = tmp_path / "runs.csv"
    run_sweep(*COMMAND, "--out", path)
    whole = path.read_bytes()
    rows = whole.splitlines(keepends=True)
    dropped = f"sweep: half a row at the end of {path} was dropped.\n"
    # In the last row, just before and after it; then before the names of columns were whole.
    for kept in (-1, 1 - len(rows[-1]), -1 - len(rows[-1]), 20 - len(whole)):
        path.write_bytes(whole[:kept])
        run_sweep(*COMMAND, "--out", path, stderr=dropped)
        assert_every_run_once(path)
    # A whole row less is nothing to remark on.
    path.write_bytes(b"".join(rows[:-1]))
    run_sweep(*COMMAND, "--out", path)
    assert_every_run_once(path)


def test_more_seeds_and_values_extend_a_file(tmp_path):
    path = tmp_path / "runs.csv"
    run_sweep(*COMMAND, "--out", path)
    more = [*COMMAND]
    more[2], more[4] = "hidden=2,3,5", "5"
    assert "8 of them already in" in run_sweep(*more, "--out", path)
    assert_every_run_once(path, variations(EXPERIMENTS[0], {"hidden": [2, 3, 5]}, seeds=5))


def test_a_file_of_another_sweep_is_refused_and_left_alone(tmp_path):
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
        assert reason in (line := refused("sweep", *command, "--out", path))
        assert line.startswith("elman: --out: allowed is a new file, or one that the same sweep")
        assert path.read_bytes() == before
    path.write_bytes(before + before.splitlines(keepends=True)[-1])
    assert "twice" in refused("sweep", *COMMAND, "--level", "0.2", "--out", path)
    path.write_text("a,b\n1,2\n")
    assert "its columns are others" in refused("sweep", *COMMAND, "--out", path)
    assert path.read_text() == "a,b\n1,2\n"
    path.write_bytes(b"\x89PNG\r\n\xff\xfe\n")
    assert "not a text" in refused("sweep", *COMMAND, "--out", path)
    table_file = tmp_path / "runs.parquet"
    table_file.write_bytes(b"PAR1 no more")
    assert "cannot be read" in refused("sweep", *COMMAND, "--out", table_file)


def test_a_flag_serves_the_combinations_that_can_use_it(tmp_path):
    path = tmp_path / "runs.csv"
    run_sweep(
        *("xor", "--vary", "reset=epoch,every", "--reset-every", "7", "--seeds", "2"),
        *("--length", "60", "--epochs", "1", "--out", path),
    )
    assert list(read(path)["reset_every"].fillna(0)) == [0, 0, 7, 7]


def test_one_run_claims_no_spread():
    out = run_sweep("xor", "--length", "60", "--epochs", "1", "--seeds", "1")
    assert "One run alone shows no spread" in out
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


def test_progress_is_drawn_on_a_terminal(monkeypatch):
    monkeypatch.setattr(shell, "LONG_SECONDS", 0.0)
    monkeypatch.setattr(shell, "DRAW_SECONDS", 0.0)
    monkeypatch.setattr(batches, "PROGRESS_SECONDS", 0.0)
    monkeypatch.setattr(Stream, "isatty", lambda stream: True)
    code, _, err = run_command("sweep", *COMMAND)
    assert code == 0
    drawn = [line.strip() for line in err.split("\r")]
    assert any("sweep of xor: 0 of 8 runs, " in line and " s left" in line for line in drawn)
