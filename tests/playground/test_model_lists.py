"""Lists and documents are fetched within bounds, guarded, and without a key where none is needed."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from playground.upstream import model_lists as reading
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.model_lists import MAX_BYTES, ModelListReader, fetch_document
from playground.upstream.provider_site import is_on_site
from playground.upstream.transport.addresses import parse_allowed
from playground.upstream.transport.requests import Clocks
from tests.scripted_catalogue import ScriptedCatalogue

SECRET = "sk-test-0123456789abcdef"


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(reading, "RETRY_SECONDS", 0)


def reader(catalogue: ScriptedCatalogue, **options: Any) -> ModelListReader:
    allowed = (parse_allowed(f"127.0.0.1:{catalogue.port}"),)
    return ModelListReader(catalogue.base_url, allowed_private=allowed, **options)


def fetched(catalogue: ScriptedCatalogue, *urls: str, **options: Any) -> list[bytes | UpstreamError]:
    with reader(catalogue, **options) as reads:
        return reads.documents(urls)


def failure(found: bytes | UpstreamError) -> UpstreamError:
    assert isinstance(found, UpstreamError)
    return found


@pytest.mark.parametrize(
    ("url", "base_url", "is_on"),
    [
        ("https://api.example.org/docs-json?m=1", "https://api.example.org/v1", True),
        ("https://example.org/m.json", "https://api.example.org/v1", True),
        ("https://docs.example.org/m.json", "https://api.example.org/v1", True),
        ("https://API.EXAMPLE.ORG/m.json", "https://api.example.org/v1", True),
        ("https://sub.llm.example.org/m.json", "https://llm.example.org/v1", True),
        ("https://llm.example.org:8443/m.json", "https://llm.example.org:8443/v1", True),
        ("http://127.0.0.1:8000/m.json", "http://127.0.0.1:8000/v1", True),
        # Hosts that only look like the provider's.
        ("https://evil.org/m.json", "https://api.example.org/v1", False),
        ("https://api.example.org.evil.org/m.json", "https://api.example.org/v1", False),
        ("https://evilexample.org/m.json", "https://api.example.org/v1", False),
        ("https://api.example.org@evil.org/m.json", "https://api.example.org/v1", False),
        ("https://user@api.example.org/m.json", "https://api.example.org/v1", False),
        ("https://other.org/m.json", "https://api.org/v1", False),
        ("https://docs.example.org/m.json", "https://llm.example.org/v1", False),
        # Another port of the same host.
        ("http://api.example.org/m.json", "https://api.example.org/v1", False),
        ("https://api.example.org:22/m.json", "https://api.example.org/v1", False),
        ("http://127.0.0.1:22/m.json", "http://127.0.0.1:8000/v1", False),
        ("http://169.254.169.254/latest", "https://api.example.org/v1", False),
        ("file:///etc/passwd", "https://api.example.org/v1", False),
        ("//api.example.org/m.json", "https://api.example.org/v1", False),
        ("https://[::1", "https://api.example.org/v1", False),
        ("", "https://api.example.org/v1", False),
    ],
)
def test_a_document_is_read_from_the_providers_own_site(url, base_url, is_on):
    assert is_on_site(url, base_url) is is_on


def test_it_reads_the_list_and_its_etag(catalogue):
    catalogue.add("acme/one")
    with reader(catalogue) as reads:
        found = reads.models(has_more=True)
        assert found is not None
        assert [entry["id"] for entry in found.found["data"]] == ["acme/one"]
        assert reads.models(found.etag, has_more=True) is None
    assert catalogue.requests[-1][1]["if-none-match"] == found.etag


@pytest.mark.parametrize("etag", ['"a" b', "nothing", '"' + "x" * 300 + '"', '"ä"'])
def test_an_etag_that_is_none_is_not_kept(catalogue, etag):
    catalogue.list_answer = lambda handler: handler.send(200, b'{"data": []}', ETag=etag)
    with reader(catalogue) as reads:
        found = reads.models()
    assert found is not None
    assert found.etag == ""


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", FailureKind.MALFORMED),
        (200, b"7", FailureKind.MALFORMED),
        (304, b"", FailureKind.REDIRECTED),
        (302, b"", FailureKind.REDIRECTED),
        (401, b"{}", FailureKind.UNAUTHORISED),
        (500, b"{}", FailureKind.SERVER),
    ],
)
def test_what_is_no_list_is_an_error(catalogue, status, body, kind):
    catalogue.list_answer = lambda handler: handler.send(status, body, Location="https://example.org/")
    with reader(catalogue) as reads, pytest.raises(UpstreamError) as caught:
        reads.models()
    assert caught.value.kind is kind


def test_the_key_goes_with_the_list_and_never_with_a_document(catalogue):
    catalogue.add("acme/one")
    with reader(catalogue, secret=lambda: SECRET) as reads:
        reads.models()
        reads.documents([catalogue.document_url("acme/one")])
    of_list, of_document = (headers.get("authorization") for _, headers in catalogue.requests)
    assert (of_list, of_document) == (f"Bearer {SECRET}", None)


def test_documents_come_in_the_order_of_their_addresses(catalogue):
    names = [f"acme/{number}" for number in range(30)]
    for name in names:
        catalogue.add(name, name.encode())
    assert fetched(catalogue, *map(catalogue.document_url, names)) == [name.encode() for name in names]


def test_few_are_read_at_once(catalogue, monkeypatch):
    monkeypatch.setattr(reading, "CONCURRENCY", 3)
    running, most, lock = 0, 0, threading.Lock()

    def answer(handler: Any) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1
        handler.send(200, b"{}")

    for number in range(12):
        catalogue.add(f"acme/{number}")
        catalogue.document_answers[f"acme/{number}"] = answer
    found = fetched(catalogue, *(catalogue.document_url(f"acme/{number}") for number in range(12)))
    assert found == [b"{}"] * 12
    assert most <= 3


def test_a_document_that_fails_once_is_asked_for_again(catalogue):
    catalogue.add("acme/one")
    statuses = iter([503, 200])
    catalogue.document_answers["acme/one"] = lambda handler: handler.send(next(statuses), b"{}")
    assert fetched(catalogue, catalogue.document_url("acme/one")) == [b"{}"]


@pytest.mark.parametrize(("status", "asked"), [(503, 2), (404, 1), (403, 1)])
def test_it_is_asked_for_twice_at_most(catalogue, status, asked):
    catalogue.add("acme/one")
    catalogue.document_answers["acme/one"] = lambda handler: handler.send(status, b"{}")
    assert failure(fetched(catalogue, catalogue.document_url("acme/one"))[0]).status == status
    assert len(catalogue.requests) == asked


def test_one_bad_document_costs_no_other(catalogue):
    catalogue.add("acme/one")
    bad, good = fetched(catalogue, "http://169.254.169.254/latest", catalogue.document_url("acme/one"))
    assert failure(bad).kind is FailureKind.REFUSED_ADDRESS
    assert isinstance(good, bytes)


def test_a_document_without_end_is_not_read_to_its_end(catalogue):
    sent = threading.Event()

    def endless(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        piece = b" " * 65536
        try:
            for _ in range(100 * 1024 * 1024 // len(piece)):
                handler.wfile.write(piece)
            sent.set()
        except OSError:
            pass
        handler.close_connection = True

    catalogue.add("acme/one")
    catalogue.document_answers["acme/one"] = endless
    error = failure(fetched(catalogue, catalogue.document_url("acme/one"))[0])
    assert error.kind is FailureKind.TOO_LARGE
    assert not sent.is_set()


def test_the_largest_document_that_is_read(catalogue):
    catalogue.add("acme/one", b" " * MAX_BYTES)
    catalogue.add("acme/two", b" " * (MAX_BYTES + 1))
    one, two = fetched(catalogue, catalogue.document_url("acme/one"), catalogue.document_url("acme/two"))
    assert isinstance(one, bytes)
    assert failure(two).kind is FailureKind.TOO_LARGE


def test_a_document_that_does_not_come_is_given_up(catalogue):
    released = threading.Event()
    catalogue.add("acme/one")
    catalogue.document_answers["acme/one"] = lambda handler: released.wait(30)
    clocks = Clocks(connect=5, first_token=0.05, total=30)
    error = failure(fetched(catalogue, catalogue.document_url("acme/one"), clocks=clocks)[0])
    released.set()
    assert error.kind == FailureKind.TIMEOUT_FIRST_TOKEN
    assert len(catalogue.requests) == 2


def test_a_redirect_on_the_site_is_followed(catalogue):
    catalogue.add("acme/one", b"{}")
    catalogue.add("acme/moved")
    url = catalogue.document_url("acme/one")
    there = url.removeprefix(f"http://127.0.0.1:{catalogue.port}")
    catalogue.document_answers["acme/moved"] = lambda handler: handler.send(307, b"", Location=there)
    assert fetched(catalogue, catalogue.document_url("acme/moved")) == [b"{}"]


@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://169.254.169.254/latest", FailureKind.REFUSED_ADDRESS),
        ("https://example.org/m.json", FailureKind.REFUSED_ADDRESS),
        ("file:///etc/passwd", FailureKind.REFUSED_ADDRESS),
        ("", FailureKind.REDIRECTED),
    ],
)
def test_a_redirect_away_from_it_is_not(catalogue, location, kind):
    catalogue.add("acme/one")
    catalogue.document_answers["acme/one"] = lambda handler: handler.send(302, b"", Location=location)
    error = failure(fetched(catalogue, catalogue.document_url("acme/one"))[0])
    assert error.kind is kind


def test_the_guard_stands_behind_the_site(catalogue):
    """The host is the same but not allowed: its address is checked when connecting."""
    catalogue.add("acme/one")
    with ModelListReader(catalogue.base_url) as reads:
        (found,) = reads.documents([catalogue.document_url("acme/one")])
    assert failure(found).kind is FailureKind.REFUSED_ADDRESS
    assert catalogue.requests == []


def test_a_document_from_anywhere_has_the_same_bounds(catalogue):
    allowed = (parse_allowed(f"127.0.0.1:{catalogue.port}"),)
    catalogue.add("acme/one", b"{}")
    assert fetch_document(catalogue.document_url("acme/one"), allowed_private=allowed) == b"{}"
    catalogue.documents["acme/one"] = b" " * (MAX_BYTES + 1)
    with pytest.raises(UpstreamError):
        fetch_document(catalogue.document_url("acme/one"), allowed_private=allowed)
    with pytest.raises(UpstreamError):
        fetch_document(catalogue.document_url("acme/one"))
