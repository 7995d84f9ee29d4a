"""Tables of the reader's own: read as chosen, or refused with a reason that names what came."""

import io

import pandas as pd
import pytest

from elman.charts.files import without_formulas
from elman.studies.own_table import read_bytes
from elman.studies.table_frame import MAX_ROWS, YES_NO


def parquet(frame, **settings):
    file = io.BytesIO()
    frame.to_parquet(file, **settings)
    return file.getvalue()


# What is given, how it is read, and the columns that come: numbers, None for a gap, or the reason
# why there are none.
READ = [
    ("a,b\n1,2\n3,.5\n", {}, {"a": [1, 3], "b": [2, 0.5]}),
    ("\ufeffa,b\r\n1,2\r\n\r\n", {}, {"a": [1], "b": [2]}),
    ("a\n1\n\n3\n", {}, {"a": [1, None, 3]}),
    ("a,b\nNA,1\n?,2\nnull,NaN\n1,\n", {}, {"a": [None, None, None, 1], "b": [1, 2, None, None]}),
    ("a,b\nTrue,1\n,2\nFALSE,3\n", {}, {"a": [1, None, 0], "b": [1, 2, 3]}),
    ('"a b",c\n"1",2\n', {}, {"a b": [1], "c": [2]}),
    ("a;b\n1,5;-2\n", {"separator": "semicolon", "decimal": "comma"}, {"a": [1.5], "b": [-2]}),
    ("a\tb\n1\t2\n", {"separator": "tab"}, {"a": [1], "b": [2]}),
    ("é,b\n1,2\n".encode("cp1252"), {"encoding": "windows-1252"}, {"é": [1], "b": [2]}),
    ("é,b\n1,2\n".encode("utf-16"), {"encoding": "utf-16"}, {"é": [1], "b": [2]}),
    ("a,b\n1,=1+1\n", {}, {"a": [1], "b": "row 1 has '=1+1'"}),
    ("a,b\n1,2\n2,inf\n", {}, {"a": [1, 2], "b": "row 2 has 'inf'"}),
    ("a,b\n1,1e400\n", {}, {"a": [1], "b": "row 1 has '1e400'"}),
    ("a,b\n1,9999999999999999\n", {}, {"a": [1], "b": "row 1 has '9999999999999999'"}),
    ("a,b\n1,1_0\n2,１２\n", {}, {"a": [1, 2], "b": "row 1 has '1_0'"}),
    ("a,b\n1,True\n2,1\n", {}, {"a": [1, 2], "b": "row 1 has 'True'"}),
    ("a,b\n1,2020-01-01\n", {}, {"a": [1], "b": "a date, which is not needed"}),
    ("a;b\n1,5;2\n", {"separator": "semicolon"}, {"a": "the decimal mark comma", "b": [2]}),
    ("a;b\n1.5;2\n", {"separator": "semicolon", "decimal": "comma"},
     {"a": "the decimal mark point", "b": [2]}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "reading", "columns"), READ)
def test_what_can_be_read_is_read_and_columns_without_numbers_say_why(given, reading, columns):
    table = read_bytes(given if isinstance(given, bytes) else given.encode(), "t.csv", **reading)
    assert table.names == tuple(columns)
    for name, expected in columns.items():
        if isinstance(expected, str):
            assert expected in table.problems[name]
            assert name not in table.numbers
        else:
            found = table.frame[name]
            assert found.astype(object).where(found.notna(), None).tolist() == expected
            assert table.gaps[name] == expected.count(None)


REFUSED = [
    ("", {}, "an empty file was given"),
    ("\n\n", {}, "an empty file was given"),
    ("a,b\n", {}, "no row below them was given"),
    ("a,\n1,2\n", {}, "column 2 without one was given"),
    (",a\n0,1\n", {}, "column 1 without one was given (pandas writes its index so"),
    ("a, a\n1,2\n", {}, "'a' was given for columns 1 and 2"),
    ("1,2\n3,4\n", {}, "'1', a number, was given as the first"),
    ('"a\nb",c\n1,2\n', {}, "at most 60 characters in a line"),
    ("x" * 70 + ",b\n1,2\n", {}, "at most 60 characters in a line"),
    ("a;b\n1;2\n", {}, "with comma its first line is one cell, and semicolon stands in it"),
    ("a;b\n1,5;2,5\n", {}, "semicolon stands between the cells of its first line"),
    ("a,b\n1,5,2,5\n", {}, "row 1 with 4 of 2 was given (commas may be decimal marks"),
    ("a,b\n1,2\n3\n", {}, "row 2 with 1 of 2 was given"),
    ("a,b\n1,2\n\n3,4\n", {}, "row 2 with 0 of 2 was given"),
    ('a,b\n1,"2\n', {}, "line 2: unexpected end of data"),
    ("a,b\n" + "1" * 200_000 + ",2\n", {}, "field larger than field limit"),
    ("a,b\n1,2\n" * 12_000, {}, "at most 20,000 rows; 23,999 were given"),
    (",".join(f"c{k}" for k in range(99)), {}, "at most 60 columns; 99 were given"),
    ("\n".join([",".join(f"c{k}" for k in range(50))] + [",".join("1" * 50)] * 7000), {},
     "at most 300,000 cells; 350,000 were given"),
    ("a,b\n" + "1" * 4_000_000, {}, "at most 4,000,000 bytes; 4,000,004 were given"),
    ("a\0,b\n1,2\n", {}, "a character of code 0 was given"),
    ("é,b\n1,2\n".encode("cp1252"), {}, "byte 0 of the file is none of utf-8 (windows-1252, "),
    ("é,b\n1,2\n".encode("utf-16"), {}, "the file begins as one in utf-16"),
    ("é,b\n1,2\n", {"encoding": "windows-1252"}, "the file is in utf-8"),
    ("a,b\n1,2\n", {"encoding": "utf-16"}, "does not begin as one in it"),
    ("a,b\n1,2\n", {"decimal": "comma"}, "decimal: allowed is point where cells are separated by"),
    ("a,b\n1,2\n", {"separator": "|"}, "separator: allowed is one of comma, semicolon, tab, space"),
    (b"PAR1 and more", {}, "a Parquet file that pandas can read"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "reading", "told"), REFUSED)
def test_what_cannot_be_read_is_refused_with_what_came_and_what_would_do(given, reading, told):
    data = given if isinstance(given, bytes) else given.encode()
    with pytest.raises(ValueError, match=r"^[a-z]+: allowed (is|are) ") as refusal:
        read_bytes(data, "t.csv", **reading)
    assert told in str(refusal.value)


def test_parquet_has_numbers_text_yes_and_no_and_says_what_else_it_holds():
    pytest.importorskip("pyarrow")
    frame = pd.DataFrame({
        "s": ["a", None, "b"], "x": [1, 2, 3], "y": [1.5, None, 3], "b": [True, False, None],
        "d": pd.date_range("2020", periods=3), "l": [[1], [2], [3]], "big": [2**60, 1, 2],
    })  # fmt: skip
    table = read_bytes(parquet(frame))
    assert table.numbers == ("x", "y", "b")
    assert table.frame["s"].tolist() == ["a", "", "b"]
    assert table.gaps == {"x": 0, "y": 1, "b": 1}
    assert table.marks == {"b": YES_NO}
    assert "times" in table.problems["d"]
    assert table.problems["big"].startswith("row 1 has 1.15")
    assert read_bytes(parquet(frame.rename(columns={"x": "x.y"}))).numbers == ("x.y", "y", "b")
    # What pandas keeps as its index is a column like any other, where it is in the file.
    assert read_bytes(parquet(frame.rename_axis("n"))).names == table.names
    assert {*read_bytes(parquet(frame.set_index("s"))).names} == {*table.names}


def test_a_parquet_file_that_would_unpack_to_gigabytes_is_refused_or_read_as_small_as_it_is():
    pa, pq = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    text = pa.DictionaryArray.from_arrays(pa.array([0] * MAX_ROWS, pa.int32()), ["A" * 300_000])
    file = io.BytesIO()
    pq.write_table(pa.table({"s": text, "x": range(MAX_ROWS)}), file, store_schema=False)
    assert len(file.getvalue()) < 200_000
    table = read_bytes(file.getvalue())
    assert (len(table), table.frame["s"].str.len().max()) == (MAX_ROWS, 200)
    for frame, settings, told in (
        ({"x": range(20_001)}, {}, "at most 20,000 rows; 20,001 were given"),
        ({"x": [1, 2]}, {"compression": "zstd"}, "not compressed, or by snappy"),
        ({"s": ["A" * 4000] * 5000, "x": 1}, {"use_dictionary": False}, "when it is unpacked; 20,"),
        ({" ": [1, 2]}, {}, "column 1 without one was given"),
    ):
        with pytest.raises(ValueError, match=told):
            read_bytes(parquet(pd.DataFrame(frame), **settings))
    with pytest.raises(ValueError, match="that pandas can read"):
        read_bytes(file.getvalue()[:-9])


def test_no_text_of_a_download_is_a_formula():
    frame = pd.DataFrame({"=n": ["=1+1", "@x", "-2", "ok"], "x": [-1.0, 2.0, 3.0, 4.0]})
    safe = {"'=n": ["'=1+1", "'@x", "'-2", "ok"], "x": [-1.0, 2.0, 3.0, 4.0]}
    assert without_formulas(frame).to_dict("list") == safe
