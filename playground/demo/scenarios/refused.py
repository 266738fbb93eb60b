"""Scenarios without a stream: errors with their status, and errors with status 200."""

from __future__ import annotations

import json

from playground.demo.answers import ScriptedAnswer
from playground.demo.errors import error, error_body
from playground.demo.replies import Reply
from playground.demo.scenarios.options import SENTENCE, Options, Scenario, number
from playground.demo.steps import EVENT_STREAM, Head, Steps, json_response, whole

PATH = "/v1/chat/completions"
NO_KEY = "This request needs a valid API key; make one on the keys page of your account."


def _status(status: int, message: str, *headers: tuple[str, str]) -> Scenario:
    def play(reply: Reply, _: Options) -> Steps:
        return error(status, message, reply.id, PATH, *headers)

    return play


def rate_limited(reply: Reply, options: Options) -> Steps:
    seconds = str(int(number(options, "after", 7)))
    return _status(429, "Too Many Requests", ("retry-after", seconds))(reply, options)


def html(_: Reply, options: Options) -> Steps:
    """Send a proxy's HTML page instead of an answer; ``status`` is 200 by default."""
    page = "<!doctype html><title>502 Bad Gateway</title><h1>Bad gateway</h1><p>Try again later.</p>"
    return whole(int(number(options, "status", 200)), page.encode(), ("content-type", "text/html"))


def json_error(reply: Reply, _: Options) -> Steps:
    """Send an error with status 200."""
    return json_response(200, error_body(500, "Something went wrong on the way", reply.id, PATH))


def nested_error(reply: Reply, _: Options) -> Steps:
    """Send an error whose message contains the vendor's JSON."""
    vendor = (
        '400 {"type":"error","error":{"type":"invalid_request_error","message":"max_tokens is too large"}}'
    )
    return error(400, vendor, reply.id, PATH)


def refused_parameter(reply: Reply, options: Options) -> Steps:
    """Refuse the first of the ``sent`` parameters by name; answer a request without any."""
    name, *_ = options.get("sent", "").split() or [""]
    if not name:
        return reply.stream(ScriptedAnswer.of(SENTENCE))
    words = f"Unsupported parameter: '{name}' is not supported with this model."
    problem = {
        "message": words,
        "type": "invalid_request_error",
        "param": name,
        "code": "unsupported_parameter",
    }
    return error(400, f"400 {json.dumps({'error': problem})}", reply.id, PATH)


def no_body(_: Reply, __: Options) -> Steps:
    return whole(200, b"", EVENT_STREAM)


def bare_error(_: Reply, options: Options) -> Steps:
    """Send a status without a body."""
    return whole(int(number(options, "status", 500)), b"")


def redirect(_: Reply, options: Options) -> Steps:
    """Redirect to an address that only this machine can reach."""
    target = options.get("to", "http://169.254.169.254/latest/meta-data/")
    yield Head(302, (("location", target), ("content-length", "0")))


SCENARIOS: dict[str, Scenario] = {
    "unauthorised": _status(401, NO_KEY),
    "out_of_credits": _status(403, "You have run out of credits; top up your balance to go on."),
    "unknown_model": _status(404, "There is no such model."),
    "request_timeout": _status(408, "The request took too long to arrive."),
    "rate_limited": rate_limited,
    "rate_limited_bare": _status(429, "Too Many Requests"),
    "server_error": _status(500, "Internal server error"),
    "bad_gateway": _status(502, "Bad Gateway"),
    "unavailable": _status(503, "Service unavailable"),
    "generation_timeout": _status(504, "Generation timeout"),
    "overloaded": _status(529, "The model is overloaded"),
    "html": html,
    "json_error": json_error,
    "nested_error": nested_error,
    "refused_parameter": refused_parameter,
    "no_body": no_body,
    "bare_error": bare_error,
    "redirect": redirect,
}
