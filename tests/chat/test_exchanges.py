"""Every run keeps its request and its raw answer; a replay of them gives the stored message."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from asgiref.sync import sync_to_async
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.flows.save_key import save_key
from accounts.models import ApiKey
from chat import files
from chat.flows import keep_exchanges as keeping
from chat.flows import relay_run
from chat.flows.build_request import Choice
from chat.flows.keep_exchanges import keep_exchanges, purge_exchanges
from chat.flows.keep_media import keep_media
from chat.flows.send_prompt import start_conversation
from chat.models import Exchange, Run, StoredFile
from chat.references import encoded, files_of
from chat.relays import background
from playground.models import Endpoint, Provider, UpstreamModel
from playground.upstream.answer import Answer
from playground.upstream.recording.recorder import Recording
from playground.upstream.recording.replaying import gather, replay_kept
from tests.raw_upstream import (
    DONE,
    END,
    STREAM,
    Visit,
    answer,
    chunked,
    delta,
    raw_upstream,
)
from tests.upstream_facts import recording_bytes, recordings

if TYPE_CHECKING:
    from collections.abc import Iterable

pytestmark = pytest.mark.django_db(transaction=True)

OURS = Path(__file__).parent.parent / "playground" / "recordings"
SECRET = "sk-test-0123456789abcdef"


def told() -> list[tuple[str, str, int, bytes]]:
    """Yield every recording: name, kind of endpoint, status, bytes."""
    found = [
        (entry["file"], entry["endpoint"], 200, (OURS / entry["file"]).read_bytes())
        for entry in json.loads((OURS / "manifest.json").read_text(encoding="utf-8"))
    ]
    for entry in recordings(""):
        kind = str(entry["endpoint"]).removeprefix("/v1/")
        found.append((f"shared/{entry['file']}", kind, entry["http_status"], recording_bytes(entry)))
    return found


RECORDINGS = told()


@pytest.fixture
def asked(relays, catalogue, workspace, alice, settings):
    """Relay a run at an upstream of that address to its end."""

    def endpoint(base_url: str, kind: str) -> Endpoint:
        provider, _ = Provider.objects.update_or_create(
            code="raw", defaults={"name": "Raw", "workspace": workspace, "base_url": base_url}
        )
        if not ApiKey.objects.exists():
            save_key(workspace, "raw", SECRET, member=None, actor=alice)
        like = Endpoint.objects.get(model__provider__code="demo", model__model_id="demo/polyglot", kind=kind)
        model, _ = UpstreamModel.objects.get_or_create(
            provider=provider, model_id="demo/polyglot", name="Raw"
        )
        found, _ = Endpoint.objects.get_or_create(
            model=model,
            kind=kind,
            defaults={"request_schema": like.request_schema, "schema_digest": like.schema_digest},
        )
        return Endpoint.objects.select_related("model__provider").get(pk=found.pk)

    async def ask(upstream: Any, kind: str = "chat/completions", **parameters: Any) -> Run:
        settings.ALLOWED_PRIVATE_UPSTREAMS = [f"127.0.0.1:{upstream.port}"]
        choice = Choice(await sync_to_async(endpoint)(upstream.base_url, kind), parameters)
        run = await sync_to_async(start_conversation)(
            workspace, alice, "Say héllo \u2028 🐈", choice, uuid.uuid4()
        )
        background.start(run)
        await asyncio.sleep(0)
        return run

    return ask


async def ended(relays: Any, run: Run) -> Run:
    async with asyncio.timeout(60):
        await asyncio.gather(*relays.tasks())
    return await Run.objects.select_related("answer", "conversation").aget(pk=run.pk)


def exchanges_of(run: Run) -> list[Exchange]:
    return list(Exchange.objects.select_related("run").filter(run=run))


def by_content(data: dict[str, Any], stored: Iterable[StoredFile]) -> dict[str, Any]:
    """Put the bytes of images and sound in place of the codes of their files."""
    bytes_of = {str(file.code): sha256(files.read(file)).hexdigest() for file in stored}
    named = [*data.get("images", ()), *([data["audio"]] if "audio" in data else ())]
    for medium in named:
        if "file" in medium:
            medium["file"] = bytes_of[medium["file"]]
    return data


def stored_again(run: Run, found: Answer) -> dict[str, Any]:
    """Return what the message would store beside text and reasoning if ``found`` were its answer."""
    kept = keep_media(run, found)
    again: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(kept.data))
    return by_content(again, kept.files)


@sync_to_async
def like_the_stored(run: Run, found: Answer) -> bool:
    """Return whether the replayed answer has the message and the figures that the run stored."""
    message = run.message
    stored = by_content(message.data, StoredFile.objects.filter(message=message))
    assert (found.text, found.reasoning) == (message.text, message.reasoning)
    assert stored_again(run, found) == stored
    assert (found.usage.raw if found.usage else None) == run.usage
    assert (found.finish_reason[:40], found.is_truncated) == (run.finish_reason, run.is_truncated)
    assert (str(found.failure.kind) if found.failure else None) == (run.error or {}).get("kind")
    if found.failure and run.error:
        assert (found.failure.message, found.failure.detail) == (run.error["message"], run.error["detail"])
    return True


@pytest.mark.parametrize("at_once", [1, 11, 10**9], ids=["bytes", "pieces", "whole"])
async def test_a_replay_of_any_recording_is_the_stored_message(at_once, relays, asked, monkeypatch):
    monkeypatch.setattr(relay_run, "pause", lambda seconds: asyncio.sleep(0))
    playing: list[tuple[str, str, int, bytes]] = []

    async def script(visit: Visit) -> None:
        _, _, status, data = playing[-1]
        head = STREAM if status == 200 else b"HTTP/1.1 %d No\r\nTransfer-Encoding: chunked\r\n\r\n" % status
        await visit.send(head.replace(b"Content-Type: text/event-stream\r\n", b"x-inference-id: inf-7\r\n"))
        # Pieces that arrive together count as a single piece, so these are written apart.
        for start in range(0, len(data), at_once * 50):
            several = [
                data[n : n + at_once] for n in range(start, min(len(data), start + at_once * 50), at_once)
            ]
            await visit.send(chunked(*several))
            await asyncio.sleep(0)
        await visit.send(END)

    async with raw_upstream(script) as upstream:
        for recording in RECORDINGS:
            playing.append(recording)
            name, kind, status, data = recording
            run = await ended(relays, await asked(upstream, kind))
            *_, kept = await sync_to_async(exchanges_of)(run)
            found = replay_kept(kept.kept)
            assert await like_the_stored(run, found), name
            raw = kept.stream.data
            # The client reads little after [DONE] and the like, and no more of an error than it needs.
            assert data.startswith(raw) if status == 200 else raw
            assert raw == data or not kept.is_complete or status != 200
            assert (kept.raw_size, kept.dropped, kept.status) == (len(raw), 0, status)


async def test_the_request_can_be_rebuilt_to_the_byte(relays, asked):
    async with raw_upstream(STREAM + chunked(delta("Hi", "stop"), DONE) + END) as upstream:
        run = await ended(relays, await asked(upstream, temperature=0.1))
        (visit,) = upstream.visits
    (kept,) = await sync_to_async(exchanges_of)(run)
    rebuilt = encoded(run.body, run.references, await sync_to_async(files_of)(run))
    assert rebuilt == visit.body
    assert (kept.body_digest, kept.body_size) == (sha256(visit.body).hexdigest(), len(visit.body))
    assert kept.method == "POST"
    assert kept.url == f"{upstream.base_url}/chat/completions"
    headers = {name.lower(): value for name, value in kept.request_headers}
    assert headers["x-client-request-id"] == str(run.code) == visit.headers["x-client-request-id"]
    assert headers["authorization"] == f"Bearer …{SECRET[-4:]}"
    assert kept.is_complete


async def first_word(relays: Any) -> None:
    """Wait until the relay has claimed the run."""
    while not any(live_run.seq for live_run, _ in relays._relays.values()):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_stopped_run_is_replayed_to_where_it_was_stopped(relays, asked):
    async def script(visit: Visit) -> None:
        await visit.send(STREAM + chunked(delta("<think>Hm</think>Half a"), delta(" word <thi")))
        await visit.until_gone()

    async with raw_upstream(script) as upstream:
        run = await asked(upstream)
        async with asyncio.timeout(60):
            await first_word(relays)
        background.stop(run)
        run = await ended(relays, run)
    assert run.status == Run.Status.STOPPED
    (kept,) = await sync_to_async(exchanges_of)(run)
    assert (kept.ending, kept.is_complete, kept.error) == ("left", False, None)
    assert await like_the_stored(run, replay_kept(kept.kept))


async def cut(visit: Visit) -> None:
    await visit.send(STREAM + chunked(delta("Half a"), delta(" word")) + b"40\r\ndata: {")
    visit.writer.close()


REFUSED = answer(400, b'{"error": {"message": "No, not with Bearer ' + SECRET.encode() + b'", "type": "x"}}')
UNTYPED = STREAM + chunked(delta("Half a")) + END
IN_STREAM = (
    STREAM + chunked(delta("Half"), b'data: {"error": {"message": "Overloaded", "code": 529}}\n\n') + END
)
GZIPPED = answer(200, b"\x1f\x8b", "Content-Encoding: gzip")


@pytest.mark.parametrize("script", [cut, REFUSED, UNTYPED, IN_STREAM, GZIPPED, answer(200, b"")])
async def test_a_run_that_went_wrong_is_replayed_with_its_failure(script, relays, asked):
    async with raw_upstream(script) as upstream:
        run = await ended(relays, await asked(upstream))
    (kept,) = await sync_to_async(exchanges_of)(run)
    assert await like_the_stored(run, replay_kept(kept.kept))
    assert SECRET not in f"{kept.error} {kept.stream.data!r}"


async def test_every_try_is_kept(relays, asked, monkeypatch):
    monkeypatch.setattr(relay_run, "pause", lambda seconds: asyncio.sleep(0))
    plays = [
        answer(503, b'{"message": "Busy"}'),
        answer(529, b""),
        STREAM + chunked(delta("Hi", "stop")) + END,
    ]

    async def script(visit: Visit) -> None:
        await visit.send(plays.pop(0))

    async with raw_upstream(script) as upstream:
        run = await ended(relays, await asked(upstream))
    found = await sync_to_async(exchanges_of)(run)
    assert [(kept.number, kept.status) for kept in found] == [(1, 503), (2, 529), (3, 200)]
    assert sorted(kept.sent_at for kept in found) == [kept.sent_at for kept in found]
    assert await like_the_stored(run, replay_kept(found[-1].kept))


# --- what it may cost nobody ---


async def test_a_record_that_cannot_be_stored_harms_no_run(relays, asked, monkeypatch, caplog):
    def broken(*args: Any) -> None:
        raise ValueError("no room")

    monkeypatch.setattr(Exchange, "of", broken)
    async with raw_upstream(STREAM + chunked(delta("Hi", "stop")) + END) as upstream:
        run = await ended(relays, await asked(upstream))
    assert (run.status, run.message.text) == (Run.Status.FINISHED, "Hi")
    assert await Exchange.objects.acount() == 0
    assert "could not be stored" in caplog.text


async def test_who_keeps_nothing_keeps_nothing(relays, asked, settings):
    settings.RAW_RETENTION_DAYS = 0
    async with raw_upstream(STREAM + chunked(delta("Hi", "stop")) + END) as upstream:
        run = await ended(relays, await asked(upstream))
    assert run.message.text == "Hi"
    assert await Exchange.objects.acount() == 0


async def test_of_a_very_long_answer_the_middle_is_dropped_and_that_is_said(relays, asked, settings):
    settings.RAW_STREAM_MAX_MB = 1
    words = [random.Random(number).randbytes(24_000).hex() for number in range(64)]

    async def script(visit: Visit) -> None:
        await visit.send(STREAM)
        for word in words:
            await visit.send(chunked(delta(word)))
        await visit.send(chunked(delta("", "stop"), DONE) + END)

    async with raw_upstream(script) as upstream:
        run = await ended(relays, await asked(upstream))
    assert run.message.text == "".join(words)
    (kept,) = await sync_to_async(exchanges_of)(run)
    raw = kept.stream.data
    assert kept.dropped and kept.raw_size == len(raw) + kept.dropped
    assert raw.startswith(delta(words[0])) and raw.endswith(DONE)
    assert len(kept.raw) < 1024 * 1024 + 50_000


# --- how long ---


def stored(run: Run, number: int = 1, age: timedelta = timedelta(0)) -> Exchange:
    recording = Recording(1024 * 1024)
    recording.note_request("POST", "https://x.example/v1/chat/completions", [], b"{}", secret="")
    recording.note_answer(200, [])
    recording.raw.add(delta("Hi", "stop"))
    exchange = Exchange.of(run, number, recording)
    assert exchange is not None
    exchange.sent_at -= age
    exchange.save()
    return exchange


def test_what_is_old_goes_and_what_is_not_stays(queued_run, settings, monkeypatch):
    settings.RAW_RETENTION_DAYS = 7
    monkeypatch.setattr(keeping, "PURGED_AT_ONCE", 2)
    for number in range(1, 6):
        stored(queued_run, number, timedelta(days=8))
    fresh = stored(queued_run, 6, timedelta(days=6))
    assert purge_exchanges() == 5
    assert list(Exchange.objects.all()) == [fresh]
    settings.RAW_RETENTION_DAYS = 0
    assert purge_exchanges() == 1


def test_it_goes_with_its_conversation(queued_run):
    stored(queued_run)
    queued_run.conversation.delete()
    assert not Exchange.objects.exists()


def test_nothing_is_kept_of_a_run_that_is_gone(queued_run, caplog):
    recording = Recording(1024)
    recording.note_request("POST", "https://x.example/", [], b"{}", secret="")
    queued_run.conversation.delete()
    keep_exchanges(queued_run, [recording])
    assert not Exchange.objects.exists()
    assert "could not be stored" not in caplog.text


# --- cut anywhere ---


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_replay_is_the_same_however_the_answer_was_cut(data):
    _, kind, status, whole = data.draw(st.sampled_from(RECORDINGS))
    points = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=30)))
    recording = Recording(1024 * 1024)
    recording.note_request("POST", "https://x.example/", [], b"{}", secret=SECRET)
    recording.note_answer(status, [])
    for start, end in zip([0, *points], [*points, len(whole)], strict=True):
        if start < end:
            recording.raw.add(whole[start:end])
    recording.note_end()
    exchange = Exchange.of(Run(endpoint_kind=kind), 1, recording)
    assert exchange is not None
    assert replay_kept(exchange.kept) == gather(whole, kind, status)
