"""`python -m elman sweep`: every run once in the file, whatever breaks it off; a summary of all."""

import os
import signal

import numpy as np
import pandas as pd
import pytest
from command import printed, refused, words

from elman import Experiment
from elman.analysis import outcomes
from elman.analysis.outcomes import scores
from elman.sweeps import file, record, sweep, table, variations
from elman.sweeps.file import SweepFile, experiment_of

COMMAND = ("xor", "--vary", "hidden=2,3", "--seeds", "4", "--length", "60", "--epochs", "3")
EXPERIMENTS = variations(Experiment(length=60, epochs=3), {"hidden": [2, 3]}, seeds=4)


def run_sweep(*argv, **ending):
    return words("sweep", *argv, **ending)


def read(path):
    return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)


def assert_every_run_once(path, experiments=EXPERIMENTS):
    """The file holds what the sweep gives here, in that order."""

    def tidy(frame):
        # A file has a column for branches where there are any.
        return frame.drop(columns=["seconds", "branch"], errors="ignore").astype(object).fillna("")

    found, wanted = tidy(read(path)), tidy(table(sweep(experiments, scores)))
    assert len(found) == len(experiments)
    pd.testing.assert_frame_equal(found[[*wanted]], wanted, rtol=1e-12, atol=0)


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

    command = (*COMMAND, "--level", "0.3", "--workers", "1", "--out", path)
    monkeypatch.setattr(outcomes, "scores", press)
    stopped = f"sweep: stopped after 4 of 8 runs. The same command goes on from {path}.\n"
    assert "diverged" in run_sweep(*command, code=130, stderr=stopped)
    assert len(read(path)) == 4

    monkeypatch.setattr(outcomes, "scores", counted)
    out = printed("sweep", *command)
    assert "2 combinations of hidden, 8 runs" in " ".join(out.split())
    assert "4 of them already in" in " ".join(out.split())
    assert sorted(map(str, trained)) == sorted(map(str, EXPERIMENTS)), "each was trained once"
    counts = [line.split()[:3] for line in out.splitlines() if line.split()[:1] in (["2"], ["3"])]
    assert counts == [["2", "4", "0"], ["3", "4", "0"]]
    assert "epochs to 0.3" in out
    assert "0% (0-49%)" in out
    assert_every_run_once(path)
    assert (read(path)["epochs_to_level"] == 1).all()

    before = path.read_bytes()
    assert "8 of them already in" in run_sweep(*command)
    assert path.read_bytes() == before
    assert len(trained) == 8


def test_half_a_row_is_trained_again_and_more_seeds_and_values_extend_a_file(tmp_path):
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

    more = [*COMMAND]
    more[2], more[4] = "hidden=2,3,5", "5"
    assert "8 of them already in" in run_sweep(*more, "--out", path)
    assert_every_run_once(path, variations(EXPERIMENTS[0], {"hidden": [2, 3, 5]}, seeds=5))


def test_a_file_from_before_a_task_had_some_option_is_gone_on_from(tmp_path):
    for ending in ("csv", "parquet"):
        path = tmp_path / f"runs.{ending}"
        run_sweep(*COMMAND, "--out", path)
        whole = read(path)
        before = whole.drop(columns=["read_as", "documents"])[:-1]
        getattr(before, f"to_{ending}")(path, index=False)
        assert f"{len(before)} of them already in" in run_sweep(*COMMAND, "--out", path)
        again = read(path)
        assert [*again] == [*whole]
        assert again["documents"].tolist() == ["one"] * len(whole)
        assert again["final_loss"].tolist() == whole["final_loss"].tolist()


def test_a_file_of_another_sweep_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "runs.csv"
    mine = (*COMMAND, "--level", "0.2")
    run_sweep(*mine, "--out", path)
    ours = path.read_bytes()
    others = [
        ("with epochs 3", ours, (*COMMAND[:-1], "4", "--level", "0.2")),
        ("with seed 3, data_seed 45", ours, (*COMMAND[:3], "--seeds", "3", *mine[5:])),
        ("its level is 0.2", ours, COMMAND),
        ("its columns are others", ours, ("letters", *COMMAND[1:])),
        ("its columns are others: a, activation, b, boundary and ", b"a,b\n1,2\n", COMMAND),
        ("twice", ours + ours.splitlines(keepends=True)[-1], mine),
        ("not a text", b"\x89PNG\r\n\xff\xfe\n", COMMAND),
        ("cannot be read", b"PAR1 no more", COMMAND),
    ]
    for reason, content, command in others:
        path = tmp_path / ("runs.parquet" if content.startswith(b"PAR1") else "runs.csv")
        path.write_bytes(content)
        line = refused("sweep", *command, "--out", path)
        assert line.startswith("elman: --out: allowed is a new file, or one that the same sweep")
        assert reason in line
        assert path.read_bytes() == content


def test_a_flag_serves_the_combinations_that_can_use_it_and_one_run_claims_no_spread(tmp_path):
    path = tmp_path / "runs.csv"
    argv = ("xor", "--vary", "reset=epoch,every", "--reset-every", "7", "--length", "60")
    out = run_sweep(*argv, "--seeds", "1", "--epochs", "1", "--out", path)
    assert sorted(read(path)["reset_every"].fillna(0)) == [0, 7]
    assert "One run alone shows no spread" in out
    assert "±" not in out.split("Loss:")[0]


def test_a_text_with_commas_quotes_and_lines_survives_the_file(tmp_path, monkeypatch):
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

    def killed(*_):
        raise KeyboardInterrupt

    # A killed writer of Parquet leaves the last complete file.
    parquet = SweepFile(tmp_path / "runs.parquet", columns)
    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        parquet.append(made)
    assert len(SweepFile(parquet.path, columns).records) == 2
