"""JSON inside words, and words that only look like JSON.

The hostile texts are large enough for a pattern that reads them anew from every place to need hours.
"""

from __future__ import annotations

import json

import pytest

from playground.upstream.errors import failures, messages
from playground.upstream.errors.delays import asked_delay
from playground.upstream.errors.embedded import MAX_TEXT, embedded_json
from playground.upstream.errors.refusal_words import complaints
from playground.upstream.errors.refusals import refused_parameters

BRACKETS = ["[", "{", "[{", "{[", "]", "}", "[]", "{}", '[{"a":']


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": 1}', {"a": 1}),
        ('  [{"a": 1}]\n', [{"a": 1}]),
        ('400 {"a": [1, 2]} from upstream', {"a": [1, 2]}),
        ('Error: [{"a": "}"}]', [{"a": "}"}]),
        ("no brackets", None),
        ("", None),
        ("} turned round {", None),
        ("between [0 and 2)", None),
        ('one of ["low", "high"]', None),
        ("{} [] {}", None),
        ('"{\\"a\\": 1}"', None),
    ],
)
def test_it_finds_what_stands_between_the_outermost_brackets(text, found):
    assert embedded_json(text) == found


def test_it_reads_no_more_than_the_beginning_of_a_long_text():
    inner = '{"a": 1}'
    assert embedded_json(" " * (MAX_TEXT - len(inner)) + inner) == {"a": 1}
    assert embedded_json(" " * (MAX_TEXT - len(inner) + 1) + inner) is None


def test_all_who_look_for_it_find_it_in_a_message_of_some_length():
    details = [
        {"retryDelay": "30s"},
        {"loc": ["body", "seed"], "msg": "not permitted", "type": "extra_forbidden"},
    ]
    inner = json.dumps({"error": {"message": "Slow down " + "x" * 3_000, "details": details}})
    found = {"message": f"429 {inner}"}
    assert asked_delay(found) == "30"
    assert [refusal.name for refusal in refused_parameters(json.dumps(found), {"seed"})] == ["seed"]
    assert (
        "provider ended the answer with an error. Slow down xx" in failures.read_error_object(found).message
    )


def test_what_it_finds_can_be_stored():
    assert embedded_json(r'400 {"a\u0000": ["\u0000b", {}]}') == {"a\ufffd": ["\ufffdb", {}]}


@pytest.mark.parametrize("bracket", BRACKETS)
def test_an_error_of_nothing_but_brackets_is_read_once(bracket):
    said = bracket * (1_000_000 // len(bracket))
    error = failures.read_error_object({"message": said})
    assert bracket * 50 in error.message
    assert asked_delay({"message": f"retryDelay {said}"}) == ""
    assert bracket * 50 in failures.read_error_body(500, said.encode()).message


def test_a_page_of_nothing_but_beginnings_of_titles_is_read_once():
    assert messages.read_page("<title" * 200_000) == "It answered with a web page."
    assert messages.read_page("<TITLE lang='en'>Bad\n&amp; worse</title>") == "Bad\n& worse"


@pytest.mark.parametrize("hostile", ["$/", "#/", "body/", " ", ", "])
def test_a_sentence_of_nothing_but_signs_before_a_name_is_read_once(hostile):
    assert list(complaints("unsupported, (" + hostile * 50_000, {"top_p"})) == []


def test_a_gap_inside_of_a_sentence_hides_no_name():
    gap = " " * 50_000
    assert [names for _, names, _ in complaints(f"Unknown parameter:{gap}top_p", {"top_p"})] == [["top_p"]]
