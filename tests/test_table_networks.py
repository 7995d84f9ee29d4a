"""Networks on a table: steps and gaps, scaling, training, naive forecasts, and what is said."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from elman.network import ElmanNetwork
from elman.studies import table_answers as answers
from elman.studies import table_training as training
from elman.studies.own_table import example, read_bytes
from elman.studies.table_columns import COUNTS, not_used
from elman.studies.table_experiment import SETTINGS, TableExperiment
from elman.studies.table_rows import prepare, scaling_table

SHORT = TableExperiment(sequence="house", epochs=2, hidden=3, piece=20)


def houses(length=60):
    return example(length, rng=np.random.default_rng(0))


def table_of(**columns):
    return read_bytes(pd.DataFrame(columns).to_csv(index=False).encode(), "t.csv")


def test_no_step_reaches_across_a_seam_even_where_sequences_are_mixed():
    names = ["a", "b"] * 20
    table = table_of(s=names, x=[k if name == "a" else 1000 + k for k, name in enumerate(names)])
    rows = prepare(TableExperiment(sequence="s"), table)
    assert (rows.sequences, rows.starts.nonzero()[0].tolist()) == (("a", "b"), [0, 19])
    assert (rows.following - rows.now == 2).all()
    # Columns of numbers may name sequences, too, as they are written.
    numbered = table_of(s=["01"] * 20 + ["1"] * 20, x=range(40))
    assert prepare(TableExperiment(sequence="s"), numbered).sequences == ("01", "1")
    for part in training.pieces(rows, 7):
        assert len({*rows.sequence[part]}) == 1
        assert not rows.test[part].any()
        assert len(part) <= 7


@pytest.mark.parametrize("test", ["later", "sequences"])
def test_scaling_and_naive_forecasts_know_the_training_rows_alone(test):
    frame = houses().frame.copy()
    frame.index += 1
    kept = frame["house"] == "east"
    if test == "later":
        kept = frame.groupby("house").cumcount() >= 48
    frame.loc[kept, "demand"] += 1000
    house, learned = frame.groupby("house", sort=False), frame[~kept]
    rows = prepare(replace(SHORT, test=test), table_of(**frame))
    numbers = learned[["temperature", "demand"]]
    np.testing.assert_allclose(rows.ranged.start, numbers.min())
    np.testing.assert_allclose(rows.ranged.end, numbers.max())
    np.testing.assert_allclose(rows.standard.start, numbers.mean())
    np.testing.assert_allclose(rows.standard.end - rows.standard.start, numbers.std(ddof=0))
    outside = f"demand: {kept.sum()} of {kept.sum()} test values lie outside"
    assert any(outside in note.said() for note in rows.notes)
    for scaling in (rows.ranged, rows.standard):
        np.testing.assert_allclose(scaling.raw(scaling.scaled(rows.now)), rows.now)
    scaled = rows.ranged.scaled(rows.now[~rows.test])
    assert (scaled.min(), scaled.max()) == pytest.approx((0.1, 0.9))
    shown = scaling_table(rows, "LSTM").set_index(["column", "network"])
    assert shown.loc[("demand", "Elman"), "to"] == "0.1 to 0.9"
    assert shown.loc[("demand", "LSTM"), "used"] == "read and predicted"

    last, before = house["demand"].shift(1), house[[*numbers]].shift(1).assign(one=1.0)
    fitted = before.dropna().index.intersection(learned.index)
    weights = np.linalg.lstsq(before.loc[fitted], frame.loc[fitted, "demand"], rcond=None)[0]
    wanted = pd.DataFrame({
        "last value": last, "mean": learned["demand"].mean(), "straight line": before @ weights,
        "seasonal": house["demand"].shift(6).fillna(last),
    })  # fmt: skip
    found = answers.naive(rows, 6)
    assert {*found} == {*wanted}
    for name, said in found.items():
        np.testing.assert_allclose(said[:, 0], wanted[name].loc[rows.row])


GAPPED = {"x": [1, 2, None, 4, *range(5, 19), None, None, 21, 22], "y": [None, *range(2, 23)]}

# What to do with gaps -> the rows that are predicted first, what is read in rows 3 and 19 to 21,
# and words of the note.
GAPS = [
    ("drop", [4, 5], {3: None, 19: None, 21: 21}, "4 rows with a gap were left out"),
    ("carry", [3, 4], {3: 2, 19: 18, 20: 18, 21: 21}, "4 gaps were filled, and 1 row before any"),
    ("interpolate", [3, 4], {3: 3, 19: 18, 20: 18, 21: 21}, "on a line between the neighbours"),
]


@pytest.mark.parametrize(("gaps", "first", "read", "note"), GAPS)
def test_gaps_are_dropped_or_filled_without_a_look_ahead(gaps, first, read, note):
    table = table_of(**GAPPED)
    with pytest.raises(ValueError, match=r"gaps: .*4 were given, the first of 'x' in row 3"):
        prepare(TableExperiment(read=("x",), predict=("y",)), table)
    rows = prepare(TableExperiment(gaps=gaps, read=("x",), predict=("y", "x")), table)
    assert rows.row[:2].tolist() == first
    assert any(note in one.said() for one in rows.notes)
    said = dict(zip((rows.row - 1).tolist(), rows.now[:, 0], strict=True))
    for row, value in read.items():
        if value is None:
            assert row not in rows.row
        else:
            assert said[row] == value
    # What filled a gap is no truth to be measured by.
    assert rows.observed[rows.row == 21].all()
    assert not rows.observed[rows.row == 20][:, 1].any()


# Columns beside one, y, that does not count; what is chosen; what is read.
AB = ["a", "b"] * 20
COUNTERS = [
    ({"day": range(40)}, {}, ("y",)),
    ({"day": range(0, -40, -1), "gap": [None, *range(1, 40)]}, {"gaps": "drop"}, ("y",)),
    ({"day": [k**2 for k in range(40)]}, {"test": "later"}, ("y",)),
    ({"day": range(40)}, {"read": ("day",)}, ("day",)),
    # What is to be predicted is read, and no count is what once stays or turns.
    ({"total": range(40)}, {"predict": ("total",)}, ("y", "total")),
    ({"x": [0, *range(39)]}, {}, ("y", "x")),
    ({"s": AB, "x": [k // 2 for k in range(40)]}, {"sequence": "s"}, ("y",)),
    ({"s": AB, "x": [k * (-1) ** k for k in range(40)]}, {"sequence": "s"}, ("y", "x")),
]


@pytest.mark.parametrize(("columns", "settings", "read"), COUNTERS)
def test_a_column_that_only_counts_the_rows_is_read_where_it_is_chosen(columns, settings, read):
    experiment = TableExperiment(**{"predict": ("y",)} | settings)
    table = table_of(y=[k % 7 for k in range(40)], **columns)
    rows = prepare(experiment, table)
    assert rows.read == read
    aside = not_used(experiment, table, rows.columns)
    if "read" in settings:
        (note,) = rows.notes
        assert note.said() == (
            f"day: {COUNTS}, so you may leave it out of what is read. 8 of 8 test values lie "
            "outside the 0 to 31 of the training rows, the lowest at 32, the highest at 39."
        )
    else:
        kept = {*read, experiment.sequence}
        assert aside == {name: COUNTS for name in columns if name not in kept}


REFUSED = [
    ({"sequence": "s"}, {"x": range(40)}, "sequence: allowed is one of x; 's' was given"),
    ({"read": ("z",)}, {"x": range(40)}, "read: allowed is one of x; 'z' was given"),
    ({"predict": ("w",)}, {"w": ["a"] * 40, "x": range(40)}, "'w' was given, of which row 1 has"),
    ({}, {"w": ["a"] * 40}, "read: allowed is a column of numbers; there is none"),
    ({"sequence": "x", "read": ("x",)}, {"x": [1] * 40, "y": range(40)}, "which names the seq"),
    ({}, {"x": [None] * 40, "y": range(40)}, "'x' was given, which is empty"),
    ({"sequence": "s"}, {"s": ["a"] * 39 + [None], "x": range(40)}, "row 40 has none in 's'"),
    ({"sequence": "s"}, {"s": ["a" * 61] * 40, "x": range(40)}, "row 1 of 's' has a longer one"),
    ({}, {"x": range(9)}, "at least 10 training rows with a next row"),
    ({"sequence": "s"}, {"s": range(40), "x": range(40)}, "at least 10 training rows"),
    ({"test": "sequences"}, {"x": range(40)}, "test: allowed is later where all rows are one"),
]


@pytest.mark.parametrize(("settings", "columns", "told"), REFUSED)
def test_a_table_that_cannot_be_used_so_is_refused_by_name(settings, columns, told):
    with pytest.raises(ValueError, match=r"^[a-z]+: allowed ") as refusal:
        prepare(TableExperiment(**settings), table_of(**columns))
    assert told in str(refusal.value)


def test_settings_check_themselves():
    for name, setting in SETTINGS.items():
        bad = "?" * 99 if setting.kind is str else setting.high * 2 + 1
        with pytest.raises(ValueError, match=f"^{name}: allowed is "):
            TableExperiment(**{name: bad})
    for read in (("a", "a"), (1,), ("",)):
        with pytest.raises(ValueError, match=r"^read: allowed are up to 60 names"):
            TableExperiment(read=read)
    assert TableExperiment(read="ab").read == ("ab",)


def test_elmans_network_is_the_reference_step_by_step():
    run = training.run(SHORT, houses())
    steps, learned = training.elman_steps(run.rows), ~run.rows.test
    network = ElmanNetwork(2, 3, 1, SHORT.learning_rate, rng=np.random.default_rng(SHORT.seed))
    losses = []
    for epoch in range(SHORT.epochs):
        losses.append([])
        for step in np.flatnonzero(learned):
            if run.rows.starts[step]:
                network.reset_context()
            _, error = network.train_step(steps.inputs[step], steps.targets[step])
            losses[epoch].append(error**2)
    parts = np.split(steps.inputs, np.flatnonzero(run.rows.starts)[1:])
    said = np.concatenate([network.predict_sequence(part) for part in parts])
    first = run.networks[0]
    assert (first.network, first.seed, first.status) == ("Elman", 0, "finished")
    losses = np.mean(losses, axis=(1, 2)) / steps.targets[learned].var()
    np.testing.assert_allclose(first.losses, losses, rtol=1e-9)
    np.testing.assert_allclose(first.predictions, run.rows.ranged.of([1]).raw(said), rtol=1e-9)


def test_errors_are_in_units_and_better_has_a_margin():
    table = houses(240)
    run = training.run(replace(SHORT, epochs=60, hidden=10), table)
    assert (run.finished, run.message) == (True, "")
    errors, frame = answers.errors(run), answers.forecasts(run)
    found = errors.set_index("forecast")
    off = frame["straight line"] - frame["value"]
    assert found.loc["straight line", "rmse"] == pytest.approx(np.sqrt((off**2).mean()))
    assert found.loc["straight line", "mae"] == pytest.approx(off.abs().mean())
    learned = ~run.rows.test
    line = answers.naive(run.rows, 24)["straight line"]
    for name, said in (("LSTM", answers.predictions(run)["LSTM"]), ("straight line", line[None])):
        off = said[:, learned] - run.rows.following[learned]
        training_error = np.sqrt((off**2).mean(axis=(1, 2))).mean()
        assert found.loc[name, "rmse_training"] == pytest.approx(training_error)
    assert found.loc["LSTM", "seeds"] == 3
    assert found.loc["LSTM", "rmse_low"] <= found.loc["LSTM", "rmse"]
    said = answers.describe(errors, "demand")
    assert said.startswith("Typical error (RMSE) over 144 test steps, one row ahead: Elman's netw")
    assert ". Over the training steps: Elman's network 0." in said
    said = answers.verdict(run, errors, "demand", lambda name: f"<{name}>")
    assert said.startswith("<demand>: Elman's network is not clearly better or worse than the best")
    assert "; the LSTM is better than every naive forecast; the LSTM is better than El" in said
    # In thousandths of the unit everything is the same, a thousand times as large.
    scaled = table_of(**table.frame.assign(demand=table.frame["demand"] * 1000))
    other = answers.errors(training.run(run.experiment, scaled)).set_index("forecast")
    np.testing.assert_allclose(other["rmse"], 1000 * found["rmse"], rtol=1e-6)


def test_a_network_that_learned_noise_by_heart_is_told_so():
    draw = np.random.default_rng(0)
    noise = table_of(**{name: draw.normal(size=160) for name in "abcx"})
    experiment = TableExperiment(epochs=100, hidden=20, layer_rate=0.03, share=0.5, batch_size=2)
    for epochs, by_heart in ((100, 1), (3, 0)):
        run = training.run(replace(experiment, epochs=epochs), noise)
        said = answers.verdict(run, answers.errors(run), "x")
        assert said.count("over the training rows better than every naive forecast") == by_heart
        assert said.count(answers.BY_HEART) == by_heart


def test_noise_is_not_better_than_noise():
    draw = np.random.default_rng(0)
    pairs = [[draw.chisquare(1, (seeds, 100)) for seeds in (3, 1)] for _ in range(400)]
    assert sum(answers.better(*pair, chosen_from=4) for pair in pairs) <= 0.02 * 400
    assert answers.better(draw.chisquare(1, (3, 100)), 3 + draw.chisquare(1, (1, 100)))


def test_a_run_ends_when_it_should_and_what_diverges_is_left_out(monkeypatch):
    monkeypatch.setattr("elman.layers.sequential.PROGRESS_SECONDS", 0.0)
    seen = []
    stopped = training.run(SHORT, houses(), lambda *now: seen.append((now[0], len(now[1]))),
                           lambda: seen[-1:] > [(0.5, 3)])  # fmt: skip
    assert stopped.message == f"Stopped after {len(stopped.networks)} of 6 networks."
    assert 0 < len(stopped.networks) < 6
    assert seen == sorted(seen)
    wild = training.run(replace(SHORT, layer="RNN", layer_rate=1.0, epochs=30), table_of(
        **houses().frame.assign(demand=1e12)))  # fmt: skip
    assert {n.status for n in wild.networks} <= {"finished", "diverged"}
    assert np.isfinite(answers.errors(wild)["rmse"]).all()


def test_work_and_memory_are_counted_before():
    table = houses()
    rows = prepare(SHORT, table)
    assert training.work(replace(SHORT, epochs=4), rows) > 1.5 * training.work(SHORT, rows)
    wide = replace(SHORT, hidden=200)
    with pytest.raises(ValueError, match=r"^hidden: allowed is a whole number from 1 to "):
        training.check_bytes(wide, rows, training.needed_bytes(SHORT, rows))
    training.check_bytes(wide, rows, training.needed_bytes(wide, rows))
