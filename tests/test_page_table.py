"""The page on the reader's own table, without a browser."""

import io

import numpy as np
import pytest
from visitor import visit

from elman.studies import table_answers as answers
from elman.studies.own_table import example
from elman.studies.table_experiment import TableExperiment
from elman.studies.table_training import run

FEW = {"t_epochs": "2", "t_hidden": "3"}

SEMICOLONS = "a;b;who\n" + "".join(f"{k % 7},5;{k};{'x' if k < 30 else 'y'}\n" for k in range(60))


def shown(visitor):
    return visitor.state("table_experiment")


def more(visitor):
    (found,) = [one for one in visitor.main.expander if one.label == "More settings"]
    return found.proto.expanded


def test_the_first_visit_shows_the_built_in_table_its_verdict_and_its_numbers():
    visitor = visit("table")
    visitor.assert_sound("table")
    assert shown(visitor) == TableExperiment(sequence="house")
    trained = run(shown(visitor), example(rng=np.random.default_rng(0)))
    assert (
        answers.verdict(trained, answers.errors(trained), "demand").partition(": ")[2]
        in visitor.words
    )
    assert "573 steps to learn from, 144 kept for the test" in visitor.words
    errors, forecasts, scaling = visitor.tables
    assert errors["rmse"].tolist() == answers.errors(trained)["rmse"].tolist()
    assert len(forecasts) == 144
    assert scaling["to"].tolist() == ["0.1 to 0.9", "mean 0, SD 1"] * 2
    assert visitor.alternatives[0].startswith("Rows 193 to 240 of the table, kept for the test:")
    visitor.choose("t_part", "east")
    assert visitor.alternatives[0].startswith("Rows 673 to 720 ")
    visitor.press("Whole sequences")
    assert shown(visitor).test == "sequences"


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_an_uploaded_file_is_learned_and_its_link_keeps_the_settings_without_its_rows(ending):
    frame = example(60, rng=np.random.default_rng(1)).frame.assign(extra=1.5)
    file = io.BytesIO()
    if ending == "parquet":
        pytest.importorskip("pyarrow")
        frame.to_parquet(file)
    else:
        frame.to_csv(file, index=False)
    visitor = visit("table", **FEW).upload("table_file", file.getvalue(), f"mine.{ending}")
    assert "`temperature`, `demand`, `extra` are read, `extra` predicted" in visitor.words
    visitor.choose("t_predict", ["demand", "temperature"]).choose("t_read", ["demand"])
    visitor.choose("t_sequence", "house")
    assert shown(visitor).predict == ("temperature", "demand")
    assert "177 steps in 3 sequences" in visitor.words
    visitor.choose("t_shown", "demand")
    assert "`demand`: Elman's network is " in visitor.words
    link = {name: visitor.query_params[name] for name in visitor.query_params}
    assert link["t_data"].startswith("180x4-")

    # Another visitor is asked for the table, and with it sees the same.
    other = visit("table", **link)
    assert "The table of this link is missing.** It has 180 rows and 4 columns" in other.notes
    assert not other.alternatives
    other.upload("table_file", b"a,b\n", "bad.csv")
    assert other.refusal.endswith("no row below them was given.")
    assert "is missing" in other.notes
    other.upload("table_file", file.getvalue(), f"mine.{ending}")
    assert shown(other) == shown(visitor)
    assert not other.main.info
    assert other.alternatives == visitor.alternatives
    third = visit("table", **link).choose("t_paste", "a,b\n" + "1,2\n" * 30)
    assert third.main.info[0].value.startswith("This is another table than the link was made with")
    assert "`'demand'` was given" in third.notes
    # The way back, and what stays when another page was looked at.
    assert shown(visitor.go("train").go("table")) == shown(other)
    visitor.press("Back to the built-in table")
    assert "717 steps in 3 sequences" in visitor.words
    assert "t_data" not in visitor.query_params
    visit("table", **link).press("Go on with the built-in table")


def test_a_pasted_table_is_read_as_chosen_and_a_bad_one_leaves_the_one_before():
    visitor = visit("table", **FEW).choose("t_paste", SEMICOLONS)
    assert "semicolon stands between the cells of its first line" in visitor.refusal
    assert "The built-in one is shown." in visitor.refusal
    visitor.choose("t_separator", "semicolon")
    assert "a number with the decimal mark comma" in visitor.words
    visitor.choose("t_decimal", "comma")
    assert "`a`, `b` are read, `b` predicted" in visitor.words
    visitor.choose("t_paste", "a;b\n1\n")
    assert "row 1 with 1 of 2 was given" in visitor.refusal
    assert visitor.refusal.endswith("The table before stays.")
    assert "`a`, `b` are read" in visitor.words
    visitor.upload("table_file", b"PAR1 and more", "x.parquet")
    assert "a Parquet file that pandas can read" in visitor.refusal
    visitor.choose("t_paste", "a;b\n1;2\n")
    assert "at least 10 training rows" in visitor.refusal
    assert not visitor.alternatives


def test_gaps_are_refused_until_it_is_said_what_to_do_with_them():
    rows = "".join(f"{k},{'' if k in (3, 30) else k % 5}\n" for k in range(60))
    visitor = visit("table", **FEW).choose("t_paste", "a,b\n" + rows)
    assert "Gaps: " in visitor.refusal
    assert "2 were given, the first of 'b' in row 4" in visitor.refusal
    # The choice that is asked for is not folded away.
    assert more(visitor)
    assert not more(visit("table", **FEW))
    visitor.choose("t_gaps", "drop")
    assert "Not used: `a` (it goes one way at every row, as a counter does)." in visitor.words
    assert "2 rows with a gap were left out; what follows counts as the next" in visitor.words
    visitor.choose("t_gaps", "interpolate")
    assert "2 gaps were filled: on a line between the neighbours" in visitor.words


def test_what_a_link_cannot_mean_is_said_and_defaults_stand_in():
    link = {"t_data": "nope", "t_read": "zz", "t_sequence": "qq", "t_epochs": "0.5", "t_layer": "x"}
    visitor = visit("table", **link)
    for name, given in link.items():
        assert f"{name}: allowed " in visitor.notes
        assert f"`'{given}'` was given" in visitor.notes
    assert shown(visitor) == TableExperiment(sequence="house")


def test_work_is_shown_live_and_counted_before(allow):
    allow(live_after=1e-9)
    visitor = visit("table", t_epochs="5000")
    assert "Stop" in visitor.labels
    allow(max_work=1e6)
    visitor = visit("table")
    assert "times the work that this server does for one request" in visitor.refusal
