"""manage.py replay_stream."""

from __future__ import annotations

import json
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from chat.models import Exchange, Run
from playground.upstream.recording.recorder import Recording
from playground.upstream.recording.replaying import replay

RECORDINGS = Path(__file__).parent.parent / "playground" / "recordings"
ALWAYS = ("content", "reasoning", "tool_calls", "citations", "finish", "usage", "cost", "error", "truncated")


def printed(path: Path, *arguments: str) -> Any:
    out = StringIO()
    call_command("replay_stream", str(path), *arguments, stdout=out)
    (line,) = out.getvalue().splitlines()
    return json.loads(line)


def test_it_prints_what_came_of_a_stream():
    found = printed(RECORDINGS / "messages_interleaved_thinking.sse", "--endpoint", "messages")
    assert tuple(found)[:9] == ALWAYS
    assert found["content"] == "I will look."
    assert found["tool_calls"] == [{"id": "toolu_1", "name": "depth", "arguments": '{"lake": "North"}'}]
    assert found["finish"] == ["tool_use"]
    assert (found["error"], found["truncated"]) == (None, False)
    assert [item["signature"] for item in found["opaque_reasoning"]] == ["czE=", "czI="]


def test_it_prints_costs_as_numbers():
    found = printed(RECORDINGS / "responses_only_completed.sse", "--endpoint", "responses")
    assert found["cost"] == {"credits": 7, "usd": 0.0000035}


def test_it_reads_an_answer_that_is_no_stream():
    found = printed(RECORDINGS / "chat_image_parts.json", "--endpoint", "chat/completions")
    assert (found["content"], found["images"]) == ("A dot.", [{"url": "https://images.example/dot.png"}])


def test_it_takes_the_status_of_an_error(tmp_path):
    path = tmp_path / "error"
    path.write_bytes(b"<html><title>Bad gateway</title></html>")
    found = printed(path, "--endpoint", "responses", "--status", "502")
    assert (found["error"]["kind"], found["error"]["status"]) == ("overloaded", 502)
    assert "Bad gateway" in found["error"]["message"]


def test_it_says_that_an_empty_answer_is_none(tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    assert printed(path, "--endpoint", "messages")["error"]["kind"] == "malformed"


def test_it_prints_no_key(tmp_path):
    path = tmp_path / "error"
    path.write_bytes(b'{"error": {"message": "Wrong key: sk-0123456789abcdef"}}')
    assert "0123456789" not in json.dumps(printed(path, "--endpoint", "messages"))


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--endpoint", "embeddings"],
        ["--endpoint", "messages", "--status", "7"],
        ["--endpoint", "messages", "--status", "many"],
        ["--endpoint", "messages", "--try", "1"],
        ["--run", str(uuid.uuid4())],
    ],
)
def test_it_refuses_what_it_cannot_do(arguments):
    with pytest.raises(CommandError):
        printed(RECORDINGS / "messages_whole.json", *arguments)


def test_it_says_which_file_it_cannot_read(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        printed(tmp_path / "nothing", "--endpoint", "messages")


def test_it_reads_a_stream_that_is_longer_than_one_read():
    chunk = b'data: {"choices":[{"index":0,"delta":{"content":"word "}}]}\n\n'
    found = replay(chunk * 5_000, "chat/completions")
    assert found["content"] == "word " * 5_000
    assert found["truncated"]


# --- runs ---


@pytest.fixture
def kept(queued_run: Run) -> Run:
    """Two tries: one that was turned away, one that was answered."""
    for number, status, data in (
        (1, 503, b'{"message": "Busy"}'),
        (2, 200, b'data: {"choices": [{"delta": {'),
    ):
        recording = Recording(1024)
        recording.note_request("POST", "https://x.example/v1/chat/completions", [], b"{}", secret="")
        recording.note_answer(status, [("x-inference-id", "inf-1")])
        recording.raw.add(data)
        if number == 2:
            recording.raw.add(b'"content": "Hi"}, "finish_reason": "stop"}]}\n\n')
        recording.note_end()
        exchange = Exchange.of(queued_run, number, recording)
        assert exchange is not None
        exchange.save()
    return queued_run


def printed_of(run: Run, *arguments: str) -> tuple[Any, str]:
    out, err = StringIO(), StringIO()
    call_command("replay_stream", "--run", str(run.code), *arguments, stdout=out, stderr=err)
    return json.loads(out.getvalue()), err.getvalue()


def test_it_replays_the_last_try_of_a_run(kept):
    found, said = printed_of(kept)
    assert (found["content"], found["finish"], found["error"], said) == ("Hi", ["stop"], None, "")


def test_it_replays_any_try_of_a_run(kept):
    found, _ = printed_of(kept, "--try", "1")
    assert (found["error"]["kind"], found["error"]["request_id"]) == ("overloaded", "inf-1")


def test_it_says_when_the_middle_is_missing(kept):
    Exchange.objects.update(dropped=12_345)
    assert "12,345 bytes in the middle" in printed_of(kept)[1]


@pytest.mark.parametrize("arguments", [["--try", "3"], ["--status", "200"], ["--endpoint", "messages"]])
def test_it_refuses_of_a_run_what_it_cannot_do(kept, arguments):
    with pytest.raises(CommandError):
        printed_of(kept, *arguments)


@pytest.mark.django_db
def test_it_says_that_nothing_was_kept_of_a_run():
    with pytest.raises(CommandError, match="No raw answer is stored"):
        call_command("replay_stream", "--run", str(uuid.uuid4()))


def test_it_wants_a_file_or_a_run(kept):
    with pytest.raises(CommandError, match="Name a file"):
        call_command("replay_stream")
    with pytest.raises(CommandError, match="Name a file"):
        printed_of(kept, str(RECORDINGS / "messages_whole.json"))
