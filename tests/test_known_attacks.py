"""Attacks that other products fell to, sent to this one: see tests.test_known_vulnerabilities."""

from __future__ import annotations

import json
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import NoReverseMatch, reverse

from accounts.flows.save_key import save_key
from chat.models import Access, Conversation, OutputSchema, Prompt, StoredFile, TableCase, Tool
from playground.models import Endpoint, Provider
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.test_access_matrix import MATRIX, library, objects, people, url_of  # noqa: F401
from tests.urls_without_rows import OWN, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
# Types that a browser runs as a page, a script or a picture with scripts.
ACTIVE = ("html", "xml", "svg", "javascript", "ecmascript", "wasm", "multipart")


class Listener:
    """A port of this machine that notes whether anybody connects. The system accepts, and nobody answers."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._socket.setblocking(False)
        self.place = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.port = self._socket.getsockname()[1]

    @property
    def was_reached(self) -> bool:
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


def content_of(answer: Any) -> bytes:
    if not answer.streaming:
        return bytes(answer.content)
    if not answer.is_async:
        return b"".join(answer.streaming_content)

    async def read() -> list[bytes]:
        return [part async for part in answer.streaming_content]

    return b"".join(async_to_sync(read)())


# --- The server connects to nothing that a request names -------------------------------------------------


def test_no_address_is_an_open_proxy(objects, people, client, client_for, listener, settings, monkeypatch):  # noqa: F811
    """A stranger and a member send an address to every URL, in the fields and headers of other products."""
    monkeypatch.setattr("chat.relays.background.start", lambda *_: None)
    # The guard must not be what saves us.
    settings.ALLOWED_PRIVATE_UPSTREAMS = [listener.place]
    address = f"http://{listener.place}/"
    fields = dict.fromkeys(
        ("url", "base_url", "endpoint", "baseURL", "target", "proxy", "uri", "href", "address", "image_url"),
        address,
    ) | {"name": "x", "then": "chat", "model_ids": "x"}
    headers = dict.fromkeys(("X-Base-Url", "X-Endpoint", "X-Target", "X-Forwarded-Host"), address) | {
        # How LobeChat's browser names a provider to its server.
        "X-Lobe-Chat-Auth": json.dumps({"endpoint": address, "apiKey": "x"}),
        "Authorization": "Bearer nk-x",
    }
    names = {*MATRIX, *PUBLIC, *OWN} - {"accounts:leave", "account_logout", "chat:delete_account"}
    for who in (client, client_for(people["member"])):
        who.raise_request_exception = False
        for name in names:
            try:
                url = url_of(name, objects) if name in MATRIX else reverse(name)
            except NoReverseMatch:
                continue
            for answer in (who.get(url, fields, headers=headers), who.post(url, fields, headers=headers)):
                assert answer.status_code < 500, (name, answer.status_code)
        for path in ("api/proxy", "api/webdav/x", "api/cors/x", "webapi/proxy", "proxy", address):
            assert who.get(f"/{path}", fields, headers=headers).status_code == 404
        assert not listener.was_reached


SPELLED = [
    "http://{place}/v1",
    "http://{place}\\@example.org/v1",
    "http://example.org@{place}/v1",
    "http://example.org:80@{place}/v1",
    "http://{place}#@example.org/v1",
    "http://{place}/?x=@example.org",
    "http:\\\\{place}\\v1",
    "http:///{place}/v1",
    "http://127.1:{port}/v1",
    "http://2130706433:{port}/v1",
    "http://0x7f000001:{port}/v1",
    "http://0177.0.0.1:{port}/v1",
    "http://[::ffff:127.0.0.1]:{port}/v1",
    "http://１２７.０.０.１:{port}/v1",
    "http://①②⑦.⓪.⓪.①:{port}/v1",
    "http://127。0。0。1:{port}/v1",
    "http://localhost.:{port}/v1",
    "http://LOCALHOST:{port}/v1",
    "http://0:{port}/v1",
    "http://%31%32%37.0.0.1:{port}/v1",
    "http://{place}%2f@example.org/v1",
    "http://{place}\t/v1",
    "//{place}/v1",
    "{place}",
]


@pytest.mark.parametrize("written", SPELLED)
def test_no_spelling_of_an_address_passes_the_check(written, ada, client_for, listener):
    """An admin adds a server; whatever checks the address and whatever connects must read it alike."""
    address = written.format(place=listener.place, port=listener.port)

    answer = client_for(ada).post("/w/acme/providers/add/", {"name": "x", "base_url": address})

    assert not listener.was_reached
    assert answer.status_code in (200, 422)
    assert not Provider.objects.filter(name="x").exists()


def test_what_a_document_names_is_not_fetched(objects, alice, client_for, listener, settings):  # noqa: F811
    """Pages and documents that are pasted, imported or attached name addresses, as those of a search do."""
    settings.ALLOWED_PRIVATE_UPSTREAMS = [listener.place]
    at, client, slug = f"http://{listener.place}", client_for(alice), {"slug": "acme"}
    parts = [
        {"type": "text", "text": f"Read {at}/page and ![x]({at}/x.png)"},
        {"type": "image_url", "image_url": {"url": f"{at}/x.png"}},
        {"type": "input_file", "file_url": f"{at}/x.pdf"},
    ]
    request = json.dumps({"model": "demo/senses", "messages": [{"role": "user", "content": parts}]})
    schema = {"type": "object", "properties": {"x": {"$ref": f"{at}/schema.json"}}}
    operation = {"get": {"operationId": "x", "parameters": [{"$ref": f"{at}/p.json"}]}}
    document = json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "x", "version": "1"},
            "externalDocs": {"url": at},
            "servers": [{"url": at}],
            "paths": {"/x": {**operation, "$ref": f"{at}/path.json"}},
            "components": {"schemas": {"X": schema}},
        }
    )
    file = lambda text, name="x.json": SimpleUploadedFile(name, text.encode())  # noqa: E731
    for name, data in (
        ("chat:paste", {"paste": request}),
        ("chat:open_paste", {"paste": request}),
        ("chat:store_import", {"file": file(request), "place": "0"}),
        ("chat:import_tools", {"text": document, "import": "1", "chosen": ["0"]}),
        ("chat:import_tools", {"text": json.dumps({"name": "x", "parameters": schema}), "import": "1"}),
        ("chat:import_prompts", {"text": json.dumps({"prompts": [f"file://{at}/x.txt", at], "tests": at})}),
        ("chat:arrange_schema", {"schema": json.dumps(schema), "act": "add"}),
        ("chat:upload", {"file": file(f"<img src={at}/x.png><?xml-stylesheet href='{at}'?>", "x.html")}),
        ("chat:upload", {"file": file(f"<svg><image href='{at}/x.png'/></svg>", "x.svg")}),
    ):
        assert client.post(reverse(name, kwargs=slug), data, headers=HTMX).status_code < 500, name
    own = url_of("playground:load_schema", objects)
    assert client.post(own, {"file": file(document)}).status_code < 500
    sent = client.post(
        reverse("chat:preview_new", kwargs=slug),
        {"text": f"Search {at}/page", "system_text": at},
        headers=HTMX,
    )
    assert sent.status_code < 500
    assert not listener.was_reached


# --- Nothing starts a program ----------------------------------------------------------------------------

_programs: list[str] | None = None


def _note_programs(event: str, args: Any) -> None:
    if _programs is not None and event.startswith(("subprocess.", "os.exec", "os.posix_spawn", "os.system")):
        _programs.append(event)


sys.addaudithook(_note_programs)


def test_a_tool_is_never_a_program(alice, client_for, workspace, tmp_path, monkeypatch):
    """A server of tools over standard input is a command that its settings name."""
    seen: list[str] = []
    monkeypatch.setattr(sys.modules[__name__], "_programs", seen)
    made = tmp_path / "made"
    command = {"type": "stdio", "command": "/usr/bin/touch", "args": [str(made)], "env": {"A": "b"}}
    hosted = {"type": "mcp", "server_label": "x", "server_url": f"stdio:///usr/bin/touch {made}", **command}
    client = client_for(alice)
    for name, data in (
        ("chat:import_tools", {"text": json.dumps({"mcpServers": {"x": command}})}),
        ("chat:import_tools", {"text": json.dumps([hosted]), "import": "1", "chosen": ["0"]}),
        ("chat:import_tools", {"text": json.dumps({"tools": [hosted]}), "import": "1", "chosen": ["0"]}),
        ("chat:import_prompts", {"text": json.dumps({"prompts": [f"exec:/usr/bin/touch {made}"]})}),
        (
            "chat:open_paste",
            {"paste": json.dumps({"model": "demo/tools", "tools": [hosted], "messages": []})},
        ),
    ):
        answer = client.post(reverse(name, args=[workspace.slug]), data, headers=HTMX, follow=True)
        assert answer.status_code < 500, name
    assert not seen and not made.exists()
    assert not Tool.objects.exists()


# --- The server checks, not the page ---------------------------------------------------------------------


def test_a_tool_that_is_not_offered_is_not_taken_by_its_id(alice, bob, workspace, catalogue, client_for):
    """The dialog lists the tools that one may use; a request by hand names another."""
    tool = Tool.objects.create(
        workspace=workspace, created_by=alice, name="look_up", schema="{}", workspace_access=Access.NONE
    )

    def take(user: Any) -> str:
        data = {"library": "take", "parameter": "tools", "kind": "tool", "entry": [str(tool.code)]}
        endpoint = Endpoint.objects.get(model__model_id="demo/tools", kind="chat/completions")
        posted = {**data, "endpoint": str(endpoint.pk)}
        answer = client_for(user).post(f"/w/{workspace.slug}/configure/", posted, headers=HTMX)
        assert answer.status_code == 200
        return str(answer.content.decode())

    assert "look_up" in take(alice)
    assert "look_up" not in take(bob)
    assert client_for(bob).get(f"/w/acme/tools/tool/{tool.code}/").status_code == 404


# --- Secrets are written and never read ------------------------------------------------------------------


def test_nobody_reads_a_key_in_lists_pages_and_exports(
    objects,  # noqa: F811
    people,  # noqa: F811
    workspace,
    alice,
    client_for,
):
    secret = "sk-c4n4ry-0123456789-wxyz"
    provider = Provider.objects.get(code="acme-local")
    save_key(workspace, provider.code, secret, member=None, actor=alice, label="Second")
    save_key(workspace, provider.code, secret, member=alice, actor=alice, label="Alice's own")
    for who in ("owner", "viewer", "stranger"):
        client = client_for(people[who])
        for name, row in MATRIX.items():
            if row.method == "get":
                for query in ({}, {"as": "json", "format": "jsonl"}):
                    text = content_of(client.get(url_of(name, objects), query))
                    assert b"c4n4ry" not in text, (who, name)
        if who == "owner":
            assert b"c4n4ry" not in content_of(client.get("/profile/export/"))


# --- What people upload and models write runs nowhere ----------------------------------------------------

UPLOADED = {
    "x.html": "<script>alert(1)</script>",
    "x.xhtml": "<html xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></html>",
    "x.svg": "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "x.js": "self.onmessage = () => fetch('/profile/')",
    "x.mjs": "export default 1",
    "x.xml": "<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><a/>",
    "x.txt": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("name", UPLOADED)
@pytest.mark.parametrize("claimed", ["text/html", "text/javascript", "image/svg+xml"])
def test_an_upload_is_no_page_no_script_and_no_worker(name, claimed, alice, client_for, workspace):
    client = client_for(alice)
    file = SimpleUploadedFile(name, UPLOADED[name].encode(), content_type=claimed)
    client.post(f"/w/{workspace.slug}/files/upload/", {"file": file})
    for stored in StoredFile.objects.all():
        answer = client.get(reverse("chat:file", args=[stored.code]))
        assert_harmless(answer)
        # Without allow-same-origin and allow-scripts, nothing of our origin is within its reach.
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_no_download_is_a_page_or_a_script(objects, alice, client_for):  # noqa: F811
    client = client_for(alice)
    for name in ("raw_answer", "events_file", "exchange_file", "request_file", "export", "export_prompt"):
        for query in ({}, {"as": "html"}, {"format": "html"}, {"format": "svg"}):
            answer = client.get(url_of(f"chat:{name}", objects), query)
            if answer.headers.get("Content-Disposition", "").startswith("inline") or (
                answer.status_code == 200 and "Content-Disposition" in answer.headers
            ):
                assert_harmless(answer)


def assert_harmless(answer: Any) -> None:
    assert answer.status_code == 200
    assert not any(kind in answer.headers["Content-Type"] for kind in ACTIVE), answer.headers["Content-Type"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_page_frames_nothing_and_starts_no_worker(conversation, alice, client_for, client):
    """A preview of an answer in a frame of our own origin could act for its reader."""
    Conversation.objects.update(workspace_access=Access.WRITE)
    answer = conversation.head
    answer.text = (
        "```html\n<iframe srcdoc='<script>parent.x()</script>' sandbox='allow-same-origin'></iframe>\n```"
    )
    answer.save()
    for page in (client.get("/sign-in/"), client_for(alice).get(f"/c/{conversation.code}/")):
        parts = page.headers["Content-Security-Policy"].split(";")
        policy = {part.split()[0]: part.split()[1:] for part in parts if part.strip()}
        assert policy["script-src"] == ["'self'"]
        assert policy["worker-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
        assert policy.get("frame-src", policy["default-src"]) == ["'none'"]
        assert policy.get("object-src", policy["default-src"]) == ["'none'"]
        assert b"<iframe" not in page.content and b"srcdoc=" not in page.content.replace(
            b"srcdoc=&#x27;", b""
        )


# --- Every import has a size -----------------------------------------------------------------------------

IMPORTS: dict[str, Any] = {
    "chat:look_into_import": {},
    "chat:store_import": {"place": "0"},
    "chat:import_tools": {"import": "1", "chosen": ["0"]},
    "chat:import_prompts": {"import": "1", "chosen": ["0"]},
    "chat:load_cases": {},
    "playground:load_schema": {},
    "accounts:invite_many": {},
    "chat:upload": {},
}


@pytest.mark.parametrize("name", IMPORTS)
def test_no_import_takes_a_file_of_any_size(name, objects, alice, client_for, settings):  # noqa: F811
    """The file would be taken if it were smaller: what it has first is right, and then it goes on."""
    settings.MAX_IMPORT_MB = settings.MAX_UPLOAD_MB = 1
    kinds = (Conversation, Tool, OutputSchema, Prompt, TableCase, StoredFile)
    before = [kind._default_manager.count() for kind in kinds]
    filling = b'"' + b"x" * 40_000_000 + b'"'
    content = b'[{"name": "huge", "parameters": {"type": "object", "description": ' + filling + b"}}]"

    file = SimpleUploadedFile("huge.json", content)
    answer = client_for(alice).post(url_of(name, objects), {**IMPORTS[name], "file": file}, headers=HTMX)

    assert answer.status_code in (200, 422)
    assert len(answer.content) < 5_000_000, "it is not sent back either"
    assert [kind._default_manager.count() for kind in kinds] == before
