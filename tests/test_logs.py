from __future__ import annotations

import io
import logging

import pytest

from playground.logs import RedactSecrets, redact

KEY = "sk-c4n4ry0123456789abcdef"


@pytest.fixture
def log():
    """Return a new logger with the handler of the settings, and its output."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactSecrets())
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger, written


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {KEY}",
        f"authorization:Bearer {KEY}",
        f"{{'Authorization': 'Bearer {KEY}', 'Accept': '*/*'}}",
        f"[(b'authorization', b'Bearer {KEY}'), (b'accept', b'*/*')]",
        f'{{"headers": {{"x-api-key": "{KEY}"}}}}',
        "Authorization: Basic Y2FuYXJ5OmM0bjRyeTAxMjM0NTY3ODk=",
        "Proxy-Authorization: Digest username=c4n4ry0123456789",
        f"the header was Bearer {KEY}.",
        "the header was Bearer 0c4n4ry0123456789abcdef",
        f"Incorrect API key provided: {KEY}. You can find your key in the settings.",
        f"key={KEY}, retrying",
        "GET https://api.example.com/v1/models?api_key=c4n4ry0123456789&limit=5",
        "GET https://api.example.com/v1/models?limit=5&key=c4n4ry0123456789",
        "GET /callback?access_token=c4n4ry0123456789#x",
        "Cookie: sessionid=c4n4ry0123456789; csrftoken=c4n4ry0123456789",
        "Set-Cookie: sessionid=c4n4ry0123456789; HttpOnly; Path=/",
        "{'sessionid': 'c4n4ry0123456789', 'theme': 'dark'}",
        "csrfmiddlewaretoken=c4n4ry0123456789&text=hello",
        "{'email': 'a@example.org', 'password': 'c4n4ry0123456789'}",
        "password1=c4n4ry0123456789",
        "SECRET_KEY=c4n4ry0123456789",
        "VAULT_KEYS: one:c4n4ry0123456789",
        "OPENAI_API_KEY=c4n4ry0123456789",
        "connection to postgresql://app:c4n4ry0123456789@db.example.com:5432/chat failed",
        "redis://:c4n4ry0123456789@cache:6379/0",
        "Not Found: /join/c4n4ry0123456789/",
        "Gone: /reset/c4n4ry0123456789/",
        "EMAIL_URL=smtp+tls://user:c4n4ry0123456789@mail.example.org:587",
        "AIzaSyc4n4ry0123456789abcdefghijklmnopq",
        "token eyJhbGciOiJIUzI1NiJ9.c4n4ry0123456789.c4n4ry0123456789",
    ],
)
def test_it_masks(text):
    masked = redact(text)
    assert "***" in masked
    assert "c4n4ry" not in masked
    assert "Y2FuYXJ5" not in masked


@pytest.mark.parametrize(
    "text",
    [
        "POST /c/0b9f2c1e-6f1d-4f0e-9a55-3b1f0a6f7d11/send/ 200",
        "run finished: max_tokens=100 input_tokens: 12 output_tokens: 40",
        "Basic authentication is not supported here.",
        "The key ring has 2 keys; the task asks for tokens per second.",
        "https://api.example.com/v1/chat/completions?limit=5",
        "sk- is how many keys begin",
        "mail to alice@example.org",
    ],
)
def test_it_leaves_other_text_alone(text):
    assert redact(text) == text


def test_it_keeps_what_stands_around_a_secret():
    assert redact("GET /v1/models?api_key=abc&limit=5 404") == "GET /v1/models?api_key=***&limit=5 404"
    assert redact("postgresql://app:pw@db/chat") == "postgresql://***@db/chat"
    assert (
        redact("{'Authorization': 'Bearer abc', 'Accept': '*/*'}")
        == "{'Authorization': '***', 'Accept': '*/*'}"
    )


def test_it_masks_arguments(log):
    logger, written = log
    logger.info("sent %s to %s", {"Authorization": f"Bearer {KEY}"}, "example.com")
    assert written.getvalue() == "INFO sent {'Authorization': '***'} to example.com\n"


def test_it_masks_an_argument_that_only_shows_when_it_is_formatted(log):
    class Headers:
        def __repr__(self) -> str:
            return f"Headers(x-api-key={KEY!r})"

    logger, written = log
    logger.warning("refused: %r", Headers())
    assert KEY not in written.getvalue()


def test_it_masks_a_secret_cut_in_two_by_the_format(log):
    logger, written = log
    logger.info("Authorization: %s %s", "Bearer", "c4n4ry0123456789")
    assert written.getvalue() == "INFO Authorization: ***\n"


def test_it_masks_tracebacks_with_their_causes(log):
    logger, written = log
    try:
        try:
            raise ValueError(f"cannot use {KEY}")
        except ValueError as error:
            raise RuntimeError(f"Bearer {KEY}") from error
    except RuntimeError:
        logger.exception("the call failed")

    assert "RuntimeError: Bearer ***" in written.getvalue()
    assert "ValueError: cannot use sk-***" in written.getvalue()
    assert "c4n4ry" not in written.getvalue()


def test_it_masks_the_stack(log):
    logger, written = log
    logger.info("here", stack_info=True, extra={"ignored": KEY})  # sk-c4n4ry0123456789abcdef
    assert "Stack (most recent call last)" in written.getvalue()
    assert "c4n4ry" not in written.getvalue()


def test_it_does_not_print_the_arguments_of_a_broken_message(log, capsys):
    logger, written = log
    logger.info("one %s and %s", KEY)
    assert "could not be formatted" in written.getvalue()
    assert "c4n4ry" not in written.getvalue() + capsys.readouterr().err


def test_a_second_handler_gets_no_secret_either(log):
    logger, _ = log
    second = io.StringIO()
    logger.addHandler(logging.StreamHandler(second))
    logger.info("key %s", KEY)
    assert second.getvalue() == "key sk-***\n"


def test_it_is_on_the_handler_that_settings_give_to_all(settings):
    assert settings.LOGGING["root"]["handlers"] == ["console"]
    for handler in settings.LOGGING["handlers"].values():
        # Secrets are looked for in the line as it is written.
        assert handler["filters"] == ["one_line", "redact"]


def test_it_takes_long_lines_in_its_stride():
    # Quadratic patterns would take hours here.
    assert redact("a-" * 500_000 + " token=" + "x" * 1000).endswith("token=***")
    redact("bearer " * 100_000)
    redact("eyJ-" * 100_000)
    redact("cookie" + " " * 100_000)
    redact("://" * 100_000 + "a" * 100_000)
