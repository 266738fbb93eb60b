"""Every scenario, as a client sees it over HTTP."""

from __future__ import annotations

import json
import re
import socket
import time
from concurrent.futures import ThreadPoolExecutor, wait

import httpx
import pytest

from playground.demo.scenarios import SCENARIOS
from playground.demo.scenarios.options import SENTENCE
from tests.scripted_upstream import chat_body, joined, payloads

ENDLESS = {"silence_before_headers", "silence", "silence_mid_stream", "comments_forever"}
BROKEN_OFF = {
    "reset_before_first_byte",
    "reset_mid_stream",
    "cut_mid_stream",
    "cut_mid_event",
    "cut_mid_utf8",
    "malformed_chunk",
}
HUGE = {"huge_line": "?megabytes=2", "gzip_bomb": "?megabytes=2", "paced": "?tokens=3"}


@pytest.fixture
def client(demo_upstream):
    with httpx.Client(base_url=demo_upstream.base_url, timeout=10) as client:
        yield client


def play(client: httpx.Client, name: str) -> httpx.Response:
    return client.post("chat/completions", json=chat_body(f"scripted/{name}", stream=True))


def read(client: httpx.Client, name: str) -> tuple[bytes, type[Exception] | None]:
    """Return what arrives before the stream breaks, and the error of the break."""
    received = bytearray()
    body = chat_body(f"scripted/{name}", stream=True)
    try:
        with client.stream("POST", "chat/completions", json=body) as response:
            for data in response.iter_raw():
                received += data
    except httpx.HTTPError as problem:
        return bytes(received), type(problem)
    return bytes(received), None


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - ENDLESS))
def test_it_ends_as_expected_and_leaves_the_server_well(client, name):
    _, problem = read(client, name + HUGE.get(name, ""))
    assert (problem is not None) == (name in BROKEN_OFF)
    assert play(client, "plain").status_code == 200


@pytest.mark.parametrize("name", sorted(ENDLESS))
def test_it_goes_on_until_the_client_leaves(client, demo_upstream, name):
    # Comments restart a timeout between bytes, unless it is shorter than their interval.
    timeout = 0.01 if name == "comments_forever" else 0.1
    # On a busy machine the client may leave before the server has read the request.
    while not demo_upstream.requests:
        with pytest.raises(httpx.ReadTimeout):
            client.post("chat/completions", json=chat_body(f"scripted/{name}"), timeout=timeout)
    recorded = demo_upstream.requests[-1]
    assert recorded.ended.wait(5)
    assert recorded.disconnected_at is not None
    assert not recorded.is_complete


@pytest.mark.parametrize(
    "name", ["plain", "slow", "crlf", "comments", "unknown_fields", "usage_twice", "meta_only"]
)
def test_it_says_the_whole_sentence(client, name):
    content = play(client, name).content.replace(b"\r\n", b"\n")
    chunks = [chunk for chunk in payloads(content) if "choices" in chunk]
    assert joined(chunks) == SENTENCE


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("reset_before_first_byte", httpx.ReadError),
        ("reset_mid_stream", httpx.ReadError),
        ("cut_mid_stream", httpx.RemoteProtocolError),
        ("cut_mid_utf8", httpx.RemoteProtocolError),
        ("malformed_chunk", httpx.RemoteProtocolError),
    ],
)
def test_it_breaks_off_in_its_own_way(client, name, problem):
    received, seen = read(client, name)
    assert seen is problem
    if name.startswith("cut"):
        # Everything written before the cut arrives.
        assert SENTENCE.startswith(joined(payloads(received.rpartition(b"\n\n")[0])))
    if name == "cut_mid_utf8":
        assert received.endswith("日".encode()[:2])


def test_it_cuts_where_it_is_told_to(client):
    received, _ = read(client, "cut_mid_stream?tokens=2")
    assert len(payloads(received)) == 2


def test_it_says_when_to_come_back(client):
    assert play(client, "rate_limited?after=3").headers["retry-after"] == "3"
    assert "retry-after" not in play(client, "rate_limited_bare").headers


def test_it_takes_no_parameter_and_says_which(client):
    response = play(client, "refused_parameter?sent=seed+top_p")
    assert response.status_code == 400
    assert "Unsupported parameter: 'seed'" in response.json()["message"]
    assert joined(payloads(play(client, "refused_parameter").content)[:-1]) == SENTENCE


def test_it_sends_html_under_any_status(client):
    response = play(client, "html?status=502")
    assert response.status_code == 502
    assert response.headers["content-type"] == "text/html"
    assert play(client, "html").status_code == 200


def test_it_points_to_an_address_that_must_not_be_followed(client):
    assert play(client, "redirect").headers["location"].startswith("http://169.254.169.254/")


def test_it_unpacks_to_far_more_than_it_sends(client):
    response = play(client, "gzip_bomb?megabytes=4")
    assert len(response.content) == 4 << 20
    assert response.num_bytes_downloaded < 1 << 16


def test_it_sends_one_enormous_event(client):
    assert max(map(len, play(client, "huge_line?megabytes=3").content.split(b"\n"))) > 3 << 20


def test_it_leaves_separators_unescaped(client):
    assert "\u2028" in play(client, "line_separators").text


def test_it_stamps_and_numbers_what_it_paces(client):
    before = time.monotonic_ns() // 1000
    chunks = payloads(play(client, "paced?tokens=20&rate=50&stamp=2&paragraph=5").content)
    stamps = re.findall(r"w(\d+)(?:@(\d+))?\s", joined(chunks))
    assert [int(place) for place, _ in stamps] == list(range(20))
    assert [bool(moment) for _, moment in stamps] == [True, False] * 10
    times = [int(moment) for _, moment in stamps if moment]
    assert before <= times[0] and times == sorted(times) and times[-1] <= time.monotonic_ns() // 1000
    assert joined(chunks).count("\n\n") == 4
    assert chunks[-1]["usage"]["completion_tokens"] == 20


def test_it_keeps_the_pace_that_was_asked_for(client, demo_upstream):
    demo_upstream.speed = 1
    chunks = payloads(play(client, "paced?tokens=11&rate=100").content)
    times = [int(moment) for moment in re.findall(r"@(\d+)", joined(chunks))]
    # No stream is early; the machine decides how late it is.
    assert times[-1] - times[0] >= 10 * 10_000 * 0.99


def leave_once(client, demo_upstream):
    """Send a request, disconnect as soon as it has arrived, and return it."""
    body = json.dumps(chat_body("scripted/paced?together=3")).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: demo\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection((client.base_url.host, client.base_url.port), timeout=20) as connection:
        connection.sendall(head.encode() + body)
        while not demo_upstream.requests:
            time.sleep(0.01)
    return demo_upstream.requests[-1]


def test_it_waits_until_all_are_there(client, demo_upstream):
    # A client that has left does not count.
    assert leave_once(client, demo_upstream).ended.wait(20)
    with ThreadPoolExecutor(3) as threads:
        early = [threads.submit(play, client, "paced?together=3") for _ in range(2)]
        assert not wait(early, timeout=0.1).done
        last = play(client, "paced?together=3")
        assert {answer.result(5).status_code for answer in early} == {last.status_code} == {200}


def test_it_interleaves_two_tool_calls(client):
    calls: dict[int, str] = {}
    for chunk in payloads(play(client, "tool_call_disorder").content):
        for call in chunk["choices"][0]["delta"].get("tool_calls", ()):
            calls[call["index"]] = calls.get(call["index"], "") + call["function"]["arguments"]
    assert {index: json.loads(text) for index, text in calls.items()} == {
        0: {"room": "kitchen"},
        1: {"room": "kitchen"},
    }


def test_it_does_not_know_a_scenario_that_is_none(client):
    assert play(client, "sing").status_code == 404


def test_no_two_chapters_of_a_document_are_alike(client):
    answer = play(client, "document?tokens=1000")
    text = joined(payloads(answer.content))
    headings = re.findall(r"^## Chapter \d+$", text, re.MULTILINE)
    assert len(headings) == len(set(headings)) > 2
