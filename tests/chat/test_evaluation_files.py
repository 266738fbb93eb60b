from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.spreadsheets import csv_lines, harmless, original
from chat.evaluation import csv_reading
from chat.evaluation.csv_reading import CasesRefused, decoded, read_csv
from chat.evaluation.json_lines import json_line, read_json_lines

# Texts that the database can store, with many of the characters that matter.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("=+-@'\t\r\n\",; 1aé＝"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    )
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_it_reads_every_usual_encoding(encoding):
    sheet = read_csv(decoded("city,price\r\nMünchen,5 €\r\n".encode(encoding)))
    assert sheet.columns == ["city", "price"]
    assert sheet.rows == [["München", "5 €"]]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_it_finds_the_separator(separator):
    text = f'a{separator}b\n"1{separator}\n2"{separator}"say ""x"""\n'
    assert read_csv(text).rows == [[f"1{separator}\n2", 'say "x"']]


def test_it_names_the_row_with_too_many_values():
    with pytest.raises(CasesRefused, match=r"Row 4 has 3 values for 2 columns\. So do 1 more rows"):
        read_csv("a,b\n1,2\n\n1,2,3\n1,2,3,4\n")


def test_empty_values_beyond_the_columns_are_dropped():
    assert read_csv("a,b,,\n1,2,,\n").rows == [["1", "2"]]


def test_it_names_rows_with_too_few_values():
    sheet = read_csv("a,b\n1\n2,3\n4\n")
    assert sheet.rows == [["1", ""], ["2", "3"], ["4", ""]]
    assert sheet.notes == ["Rows 2, 4 have fewer values than columns; the others are empty."]
    assert list(sheet.as_cases()) == [{"a": "1"}, {"a": "2", "b": "3"}, {"a": "4"}]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no rows"),
        ("\n \n", "no name"),
        ("a,,b\n", "Column 2"),
        ("a,b,a\n", "Two columns are called a"),
        ("first name,first_name\n", "Two columns are called first_name"),
        ("a" * 65 + "\n", "at most 64"),
        (",".join(f"c{n}" for n in range(51)), "at most 50 columns"),
        ("a\n" + "x" * 100_001, "Row 2"),
        ("a\n" + "x" * 200_000, "Row 2"),
    ],
)
def test_it_says_why_a_file_is_refused(text, why):
    with pytest.raises(CasesRefused, match=why):
        read_csv(text)


def test_too_many_rows_or_values_are_refused(monkeypatch):
    monkeypatch.setattr(csv_reading, "MAX_CASES", 3)
    assert len(read_csv("a\n1\n2\n3\n").rows) == 3
    with pytest.raises(CasesRefused, match="at most 3 cases"):
        read_csv("a\n1\n2\n3\n4\n5\n")
    monkeypatch.setattr(csv_reading, "MAX_CELLS", 5)
    with pytest.raises(CasesRefused, match="at most 5 values"):
        read_csv("a,b\n1,2\n3,4\n5,6\n")


def test_names_of_columns_become_names_of_variables():
    sheet = read_csv("City name,{{land}}\nOslo,Norway\n")
    assert sheet.columns == ["City_name", "land"]
    assert sheet.notes == [
        "Variables have no spaces in their names: “City name” is City_name, “{{land}}” is land."
    ]


def test_pasted_rows_go_by_position_or_by_the_names_above_them():
    assert read_csv("x\ty\n", ["a", "b"]).rows == [["x", "y"]]
    named = read_csv("b\ta\nx\ty\n", ["a", "b"])
    assert (named.columns, named.rows) == (["b", "a"], [["x", "y"]])


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", " =1", "\r=1", "＝1", "'=1", "\n@"]
)
def test_no_exported_cell_is_a_formula(text):
    [[cell]] = csv.reader(io.StringIO(csv_lines([[text]]), newline=""))
    assert cell == f"'{text}"
    assert original(cell) == text


def test_numbers_and_words_stay_as_they_are():
    for text in ("-5", "+4.5e-3", "-1,000", "a=b", "'tis", "don't", ""):
        assert harmless(text) == text == original(text)


@given(TEXTS)
def test_every_text_reads_back_as_equal(text):
    assert original(harmless(text)) == text


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=2), max_size=5))
def test_an_export_imports_again_as_equal(rows):
    filled = [row for row in rows if any(row)]
    assert read_csv(csv_lines([["one", "two"], *filled])).rows == filled


def test_cases_as_json_lines():
    sheet = read_json_lines('{"a": "x", "n": 3}\n\n{"b": {"c": null}, "a": null}\n')
    assert sheet.columns == ["a", "n", "b"]
    assert list(sheet.as_cases()) == [{"a": "x", "n": "3"}, {"b": '{"c": null}'}]
    written = "".join(json_line(case) for case in sheet.as_cases())
    assert list(read_json_lines(written).as_cases()) == list(sheet.as_cases())
    # A text may contain characters that end lines elsewhere.
    assert read_json_lines(json_line({"a": "x\u2028y\n"})).rows == [["x\u2028y\n"]]


@pytest.mark.parametrize("text", ["", "[1]", "{", '{"": "x"}', "[" * 100_000])
def test_lines_that_are_no_cases_are_refused(text):
    with pytest.raises(CasesRefused):
        read_json_lines(text)
