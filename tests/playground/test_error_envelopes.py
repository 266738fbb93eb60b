"""Errors in place of an answer or in the middle of one, in every envelope that providers use."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from playground.upstream.errors import envelopes
from playground.upstream.errors.envelopes import is_error_object
from playground.upstream.errors.exceptions import FailureKind
from playground.upstream.errors.failures import HEADLINES
from tests.playground.answer_streams import DONE, choice, chunk, framed, line, read, read_all_ways

WORDS = "the model fell over"
ERROR = {"error": {"message": WORDS, "code": 500}}
# Objects that are errors, by envelope, each with the code that its message names.
ENVELOPES: dict[str, tuple[dict[str, Any], str]] = {
    "error": ({"error": {"message": WORDS}}, ""),
    "error as text": ({"error": WORDS}, ""),
    "error beside empty choices": ({"id": "c", "choices": [], "error": {"message": WORDS}}, ""),
    "error with a code of the vendor's": ({"error": {"code": "1301", "message": WORDS}}, "1301"),
    "error: true": ({"error": True, "message": WORDS}, ""),
    "base_resp": (
        {"id": "x", "choices": None, "base_resp": {"status_code": 1008, "status_msg": WORDS}},
        "1008",
    ),
    "base_resp without choices": ({"base_resp": {"status_code": 2049, "status_msg": WORDS}}, "2049"),
    "base_resp with zero usage": (
        {"usage": {"total_tokens": 0}, "base_resp": {"status_code": 1002, "status_msg": WORDS}},
        "1002",
    ),
    "baseResp": ({"baseResp": {"statusCode": 1004, "statusMessage": WORDS}}, "1004"),
    "code and msg": ({"code": 40013, "msg": WORDS, "data": None}, "40013"),
    "code and msg beside empty choices": ({"choices": [], "code": 40013, "msg": WORDS}, "40013"),
    "code as text": (
        {"code": "InvalidParameter.7", "message": WORDS, "request_id": "r"},
        "InvalidParameter.7",
    ),
    "errorCode and errorMessage": ({"success": False, "errorCode": "Q1", "errorMessage": WORDS}, "Q1"),
    "error_code and error_msg": ({"error_code": 336003, "error_msg": WORDS, "id": "as-1"}, "336003"),
    "errno and errmsg": ({"errno": 17, "errmsg": WORDS}, "17"),
    "Code and Message": ({"Code": "Throttling9", "Message": WORDS}, "Throttling9"),
    "success: false": ({"success": False, "message": WORDS}, ""),
    "success: false and msg": ({"success": False, "msg": WORDS}, ""),
    "status: error": ({"status": "error", "msg": WORDS}, ""),
    "object: error": ({"object": "error", "message": WORDS, "code": 40303}, "40303"),
    "detail": ({"detail": [{"loc": ["body"], "msg": WORDS}]}, ""),
}


def test_the_examples_hold():
    assert doctest.testmod(envelopes).failed == 0


@pytest.mark.parametrize("text", ["", "First part. "])
@pytest.mark.parametrize(("error", "code"), ENVELOPES.values(), ids=ENVELOPES)
class TestTheProvidersWords:
    def check(self, data: bytes, text: str, code: str) -> None:
        answer = read_all_ways(data)
        assert answer.text == text
        assert answer.failure is not None
        assert WORDS in answer.failure.message
        assert WORDS in answer.failure.detail
        assert f"({code})" in answer.failure.message if code else "(" not in answer.failure.message
        assert not answer.is_truncated
        assert answer.has_cost_nothing == (not text)

    def test_they_are_the_failure_in_a_stream(self, error, code, text):
        self.check(framed(*([chunk(text)] if text else []), error, DONE), text, code)

    def test_they_are_the_failure_without_a_frame(self, error, code, text):
        for begin in (
            framed(chunk(text)) if text else b": ping\n\n",
            b"" if not text else framed(chunk(text)),
        ):
            self.check(begin + line(error), text, code)
            self.check(begin + line(error) + b"\n\n" + DONE, text, code)
            self.check(begin + line(error) + b"\n" + DONE, text, code)

    def test_they_are_the_failure_in_a_field_of_their_own(self, error, code, text):
        inner = error["error"] if isinstance(error.get("error"), dict) else error
        begin = framed(chunk(text)) if text else b""
        self.check(begin + b"error: " + line(inner) + b"\n\n" + DONE, text, code)
        self.check(begin + b"error: " + line(inner) + b"\n" + DONE, text, code)

    def test_they_are_the_failure_in_a_named_event(self, error, code, text):
        begin = framed(chunk(text)) if text else b""
        self.check(begin + b"event: error\ndata: " + line(error) + b"\n\n", text, code)


@pytest.mark.parametrize(("error", "code"), ENVELOPES.values(), ids=ENVELOPES)
def test_they_are_the_failure_of_a_whole_body(error, code):
    for body in (line(error), b"[" + line(error) + b"]", b"\n" + line(error) + b"\n"):
        answer = read_all_ways(body)
        assert answer.failure is not None
        assert WORDS in answer.failure.message
        assert answer.has_cost_nothing


@pytest.mark.parametrize(
    "frame",
    [
        b"data: %s\n\n",
        b"event: error\ndata: %s\n\ndata: [DONE]\n\n",
        b"error: %s\n\n",
        b": ping\n\n%s",
        b"data: %s",
    ],
)
@pytest.mark.parametrize(("error", "code"), ENVELOPES.values(), ids=ENVELOPES)
def test_they_are_the_failure_of_a_stream_under_an_error_status(error, code, frame):
    failure = read_all_ways(frame % line(error), status=500).failure
    assert failure is not None
    assert (failure.kind, failure.status) == (FailureKind.SERVER, 500)
    assert failure.message.startswith(HEADLINES[FailureKind.SERVER])
    assert WORDS in failure.message
    assert "data:" not in failure.detail


def test_an_error_status_names_the_error_among_other_events():
    data = framed({"id": "c", "choices": []}, ERROR, DONE)
    failure = read(data, status=503).failure
    assert failure is not None
    assert WORDS in failure.message


@pytest.mark.parametrize(
    "error",
    [
        choice(delta={"content": ""}, finish_reason="error", error={"code": 502, "message": WORDS}),
        choice(error={"message": WORDS}),
        choice(error=WORDS, finish_reason="error"),
        choice(delta={"error": {"message": WORDS}}),
        choice(message={"role": "assistant", "content": None, "error": {"message": WORDS}}),
        choice(text="", error={"message": WORDS}),
    ],
)
def test_they_are_the_failure_inside_a_choice(error):
    for begin, text in (([], ""), ([chunk("Half")], "Half")):
        answer = read_all_ways(framed(*begin, error, DONE))
        assert answer.text == text
        assert answer.failure is not None
        assert answer.failure.message.endswith(WORDS)
    answer = read_all_ways(line(error))
    assert answer.failure is not None
    assert answer.failure.message.endswith(WORDS)


@pytest.mark.parametrize(
    "fine",
    [
        {"base_resp": {"status_code": 0, "status_msg": ""}},
        {"base_resp": {"status_code": 0, "status_msg": "success"}},
        {"base_resp": None},
        {"code": 0, "msg": "ok"},
        {"code": "200", "message": "success"},
        {"success": True, "message": "done"},
        {"error": {"code": 0, "message": ""}},
        {"error": {"code": "", "message": None, "param": None, "type": ""}},
        {"error": {"code": 200, "message": "success"}},
        {"error_code": 0, "error_msg": ""},
        {"status": "completed"},
        {"status": "in_progress", "detail": "queued"},
    ],
)
def test_a_report_that_all_is_well_is_no_error(fine):
    assert not is_error_object(fine)
    for data in (
        framed(chunk("Fine."), chunk(finish="stop", **fine), DONE),
        framed(chunk("Fine.", finish="stop"), fine, DONE),
        framed(chunk("Fine.", finish="stop"), {"choices": [], **fine}, DONE),
        line(choice(message={"content": "Fine."}, finish_reason="stop") | fine),
    ):
        answer = read_all_ways(data)
        assert (answer.text, answer.finish_reason, answer.failure) == ("Fine.", "stop", None)


def test_text_that_came_with_the_error_is_kept():
    answer = read_all_ways(framed(chunk("Half", base_resp={"status_code": 1027, "status_msg": WORDS})))
    assert answer.text == "Half"
    assert answer.failure is not None
    assert WORDS in answer.failure.message


def test_usage_that_comes_with_the_error_counts():
    usage = {"prompt_tokens": 5, "completion_tokens": 2}
    answer = read_all_ways(framed(chunk("Half"), {**ERROR, "usage": usage}))
    assert answer.usage is not None
    assert (answer.usage.output_tokens, answer.usage.is_partial) == (2, False)


@pytest.mark.parametrize(
    ("code", "kind"),
    [(429, FailureKind.RATE_LIMITED), ("401", FailureKind.UNAUTHORISED), (503, FailureKind.OVERLOADED)],
)
def test_a_code_that_is_a_status_says_the_kind(code, kind):
    for error in ({"code": code, "msg": WORDS}, {"base_resp": {"status_code": code, "status_msg": WORDS}}):
        failure = read(framed(error)).failure
        assert failure is not None
        assert (failure.kind, failure.status) == (kind, int(code))


# --- answers of which nothing can be read ---


@pytest.mark.parametrize(
    "nothing", [b"", b"\n\n", b": ping\n\n: ping\n\n", DONE, b" ", b"retry: 100\n\n", b"data:\n\n"]
)
def test_only_an_empty_answer_was_empty(nothing):
    failure = read_all_ways(nothing).failure
    assert failure is not None
    assert (failure.kind, failure.detail) == (FailureKind.MALFORMED, "")
    assert failure.message == f"{HEADLINES[FailureKind.MALFORMED]} It was empty."


@pytest.mark.parametrize(
    ("data", "words", "detail"),
    [
        (b"data: Internal Server Error\n\n", "Internal Server Error", "Internal Server Error"),
        (b'event: ping\ndata: {"type": "odd", "msg": "Not today"}\n\n', "Not today", '"Not today"'),
        (b'data: {"id": "c", "choi\n\n', "", '{"id": "c", "choi'),
        (b'{"id": "c", "choi', "", '{"id": "c", "choi'),
        (b"[1, 2, 3]", "", "[1, 2, 3]"),
        (b"data: <html><title>502 Bad Gateway</title></html>\n\n", "502 Bad Gateway", "<html>"),
        (b": ping\n\n<html><title>502 Bad Gateway</title></html>", "502 Bad Gateway", "<html>"),
        (b"data: first\n\ndata: second\n\n", "first", "first"),
    ],
)
def test_the_words_of_an_answer_that_cannot_be_read_are_quoted(data, words, detail):
    failure = read_all_ways(data).failure
    assert failure is not None
    assert failure.kind is FailureKind.MALFORMED
    assert failure.message == f"{HEADLINES[FailureKind.MALFORMED]} {words}".strip()
    assert detail in failure.detail
    assert "empty" not in failure.message


def test_an_error_in_broken_text_keeps_what_can_be_read():
    answer = read(b"event: error\ndata: the server \xff is gone\n\n")

    assert answer.failure is not None
    assert "is gone" in answer.failure.message
