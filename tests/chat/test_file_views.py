from __future__ import annotations

import asyncio
import errno
import os
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.urls import reverse

from accounts.models import Membership, Role
from chat import files
from chat.flows.store_upload import MAX_UNSENT
from chat.flows.take_file import take_file
from chat.media import Media, MediaRefused
from chat.models import Access, Conversation, StoredFile
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.media_files import HTML, PDF, SVG, picture, png_header, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(workspace) -> str:
    return reverse("chat:upload", args=[workspace.slug])


def upload(
    name: str = "cat.png", content: bytes | None = None, kind: str = "image/png"
) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture() if content is None else content, kind)


def content_of(response) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return asyncio.run(read())


@pytest.fixture
def full_disk(monkeypatch):
    def refuse(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", refuse)


@pytest.fixture
def kept(workspace, alice) -> StoredFile:
    return files.keep(Media(MediaKind.AUDIO, "audio/wav", "voice.wav", wav(0.1)), workspace, uploader=alice)


# --- Uploading -----------------------------------------------------------------------------


def test_an_upload_is_kept_and_comes_back_as_a_chip(alice, client_for, url):
    response = client_for(alice).post(url, {"file": upload()})

    [file] = StoredFile.objects.all()
    assert response.status_code == 200
    assert f'name="attachments" value="{file.code}"' in response.content.decode()
    assert (file.uploader, file.message, file.media_type, file.width) == (alice, None, "image/png", 6)


def test_an_upload_to_a_full_disk_says_so_and_leaves_nothing(alice, client_for, url, full_disk):
    client = client_for(alice)
    client.raise_request_exception = False
    folder = Path(files.storage().path(""))
    stored = {path for path in folder.rglob("*") if path.is_file()}

    response = client.post(url, {"file": upload()})

    assert response.status_code == 507
    assert "disk is full" in response.content.decode()
    assert not StoredFile.objects.exists()
    assert {path for path in folder.rglob("*") if path.is_file()} == stored


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (upload("x.png", SVG), "This picture cannot be read"),
        (upload("x.pdf", HTML, "application/pdf"), "This PDF cannot be read"),
        (upload("x.png", b""), "This file is empty."),
        (upload("x.png", png_header(60_000, 60_000)), "60,000 × 60,000 pixels"),
        (upload("x.zip", b"PK\x03\x04\xff"), "This file type isn't supported."),
    ],
)
def test_what_is_not_taken_is_refused_in_a_sentence(alice, client_for, url, file, words):
    response = client_for(alice).post(url, {"file": file})
    assert response.status_code == 422
    assert words in response.content.decode()
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert not StoredFile.objects.exists()


def test_a_decoder_that_crashes_is_a_refusal(alice, client_for, url, monkeypatch):
    def crash(*args: object, **kwargs: object) -> None:
        raise SystemError("tile cannot extend outside image")

    monkeypatch.setattr("PIL.Image.open", crash)
    response = client_for(alice).post(url, {"file": upload()})
    assert (response.status_code, response.content) == (422, b"This picture is damaged.")


def test_what_the_browser_says_about_it_decides_nothing(alice, client_for, url):
    client_for(alice).post(url, {"file": upload("evil.html", PDF, "text/html")})
    file = StoredFile.objects.get()
    assert (file.media_type, file.name) == ("application/pdf", "evil.pdf")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd.png", "passwd.png"),
        ("..\\..\\boot.png", "boot.png"),
        ("\u202egpj.exe.png", "gpj.exe.png"),
        ("<script>.png", "<script>.png"),
        ("n" * 3000 + ".png", "n" * 96 + ".png"),
        ("tab\there.png", "tabhere.png"),
    ],
)
def test_hostile_names_are_names_and_nothing_else(alice, client_for, url, name, kept):
    response = client_for(alice).post(url, {"file": upload(name)})
    file = StoredFile.objects.get()
    assert file.name == kept
    assert "<script>" not in response.content.decode()
    assert ".." not in file.path


def test_a_large_file_is_refused_before_it_is_looked_at(alice, client_for, url, settings, monkeypatch):
    settings.MAX_UPLOAD_MB = 1
    monkeypatch.setattr("chat.flows.take_file.examine", lambda *given: pytest.fail("it was looked at"))
    response = client_for(alice).post(url, {"file": upload(content=bytes(1024 * 1024 + 1))})
    assert (response.status_code, response.content.decode()) == (422, "A file can have at most 1 MB.")


@pytest.mark.parametrize("given", [{}, {"file": "words"}, {"file": [upload(), upload()]}])
def test_one_file_at_a_time(alice, client_for, url, given):
    assert client_for(alice).post(url, given).status_code == 422
    assert not StoredFile.objects.exists()


def test_what_is_not_sent_is_bounded_in_bytes(alice, bob, client_for, url, settings):
    settings.MAX_UNSENT_MB = 1
    text = b"x" * 700_000
    assert client_for(alice).post(url, {"file": upload("a.txt", text)}).status_code == 200
    response = client_for(alice).post(url, {"file": upload("b.txt", text)})
    assert response.status_code == 422
    assert "too many unsent files" in response.content.decode()
    # Each member has a quota of their own.
    assert client_for(bob).post(url, {"file": upload("c.txt", text)}).status_code == 200


def test_and_in_number(alice, client_for, workspace, url):
    StoredFile.objects.bulk_create(
        StoredFile(workspace=workspace, uploader=alice, kind="file", name="x") for _ in range(MAX_UNSENT)
    )
    assert client_for(alice).post(url, {"file": upload()}).status_code == 422


def test_nothing_of_a_refused_upload_stays_on_the_disk(alice, workspace, monkeypatch):
    membership = Membership.objects.get(user=alice)
    removed: list[StoredFile] = []
    monkeypatch.setattr(files, "remove", lambda file: removed.append(file))
    # Another upload used up the quota while this one was being decoded.
    monkeypatch.setattr("chat.flows.take_file.store_upload", _refuse)
    with pytest.raises(MediaRefused):
        take_file(membership, upload(), "cat.png")
    assert len(removed) == 1


def _refuse(*args: object) -> None:
    raise MediaRefused("No room.")


@pytest.mark.django_db(transaction=True)
def test_the_bound_holds_for_uploads_at_the_same_moment(workspace, alice, settings):
    settings.MAX_UNSENT_MB = 1
    membership = Membership.objects.get(user=alice)
    together = threading.Barrier(6)

    def send(number: int) -> bool:
        together.wait(timeout=30)
        try:
            take_file(membership, upload(f"{number}.txt", b"x" * 400_000), f"{number}.txt")
        except MediaRefused:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(send, range(6)))
    assert sum(taken) == 2
    assert StoredFile.objects.count() == 2


# --- An address ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["image", "audio"])
def test_an_address_is_kept_and_never_fetched(alice, client_for, url, monkeypatch, kind):
    monkeypatch.setattr("socket.create_connection", lambda *given, **more: pytest.fail("fetched"))
    response = client_for(alice).post(url, {f"{kind}_url": "https://example.org/a%20cat.jpg?size=2"})

    file = StoredFile.objects.get()
    assert response.status_code == 200
    assert (file.kind, file.address, file.name) == (
        kind,
        "https://example.org/a%20cat.jpg?size=2",
        "a cat.jpg",
    )
    assert f'data-address="{kind}"' in response.content.decode()
    assert "src=" not in response.content.decode()
    assert client_for(alice).get(reverse("chat:file", args=[file.code])).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "http://example.org/cat.png",
        "ftp://example.org/cat.png",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:image/png;base64,AA==",
        "https://",
        "https:///cat.png",
        "https://localhost/cat.png",
        "https://127.0.0.1/cat.png",
        "https://127.1/cat.png",
        "https://2130706433/cat.png",
        "https://0x7f.0x1/cat.png",
        "https://[::1]/cat.png",
        "https://[::ffff:169.254.169.254]/latest",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.8/cat.png",
        "https://metadata.google.internal/",
        "https://router.local/",
        "https://intranet/cat.png",
        "https://me:secret@example.org/cat.png",
        "https://example.org:99999/cat.png",
        "https://exa mple.org/",
        "https://example.org/\r\nHost: x",
        "https://ex\u0430mple.org/",
        "https://example.org/" + "x" * 2000,
        "https://example.org\\@127.0.0.1/",
    ],
)
def test_an_address_that_only_we_could_reach_is_refused(alice, client_for, url, address):
    for name in ("image_url", "audio_url"):
        response = client_for(alice).post(url, {name: address})
        assert response.status_code == 422
        assert response.content.decode().endswith(".")
    assert not StoredFile.objects.exists()


# --- Serving -------------------------------------------------------------------------------


def serve(client, file: StoredFile, **headers: str):
    return client.get(reverse("chat:file", args=[file.code]), headers=headers)


@pytest.mark.parametrize(
    ("media", "served", "disposition"),
    [
        (Media(MediaKind.IMAGE, "image/png", "a.png", b"\x89PNG"), "image/png", 'inline; filename="a.png"'),
        (Media(MediaKind.AUDIO, "audio/wav", "a.wav", b"RIFF"), "audio/wav", 'inline; filename="a.wav"'),
        (
            Media(MediaKind.FILE, "application/pdf", "a.pdf", PDF),
            "application/pdf",
            'attachment; filename="a.pdf"',
        ),
        (
            Media(MediaKind.FILE, "text/plain", 'a"\u00e4.html', HTML),
            "text/plain; charset=utf-8",
            "attachment; filename*=utf-8''a%22%C3%A4.html",
        ),
    ],
)
def test_it_is_served_as_what_it_is_and_may_do_nothing(
    alice, client_for, workspace, media, served, disposition
):
    file = files.keep(media, workspace, uploader=alice)
    response = serve(client_for(alice), file)

    assert content_of(response) == media.content
    assert response.headers["Content-Type"] == served
    assert response.headers["Content-Disposition"] == disposition
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_a_browser_that_has_it_is_told_so(alice, client_for, kept):
    first = serve(client_for(alice), kept)
    again = serve(client_for(alice), kept, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, None),
        ("bytes=-44", -44, None),
        ("bytes=1600-999999", 1600, None),
        ("bytes=-999999", 0, None),
        ("bytes=5-5", 5, 6),
    ],
)
def test_a_player_gets_the_part_that_it_asks_for(alice, client_for, kept, asked, start, stop):
    response = serve(client_for(alice), kept, Range=asked)
    whole = wav(0.1)
    expected = whole[start:stop]
    assert content_of(response) == expected
    assert response.headers["Content-Length"] == str(len(expected))
    if expected != whole:
        begin = range(len(whole))[start]
        assert response.status_code == 206
        assert response.headers["Content-Range"] == f"bytes {begin}-{begin + len(expected) - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999-", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(alice, client_for, kept, asked):
    response = serve(client_for(alice), kept, Range=asked)
    assert (response.status_code, response.headers["Content-Range"]) == (416, "bytes */1644")


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "bytes=a-b", "bytes=" + "9" * 5000]
)
def test_what_is_no_range_gives_all(alice, client_for, kept, asked):
    response = serve(client_for(alice), kept, Range=asked)
    assert (response.status_code, len(content_of(response))) == (200, 1644)


def test_a_part_of_something_else_gives_all(alice, client_for, kept):
    response = serve(client_for(alice), kept, Range="bytes=0-9", **{"If-Range": '"another"'})
    assert response.status_code == 200


def test_a_file_whose_bytes_are_lost_is_not_found(alice, client_for, kept):
    files.remove(kept)
    assert serve(client_for(alice), kept).status_code == 404


# --- Whose it is ---------------------------------------------------------------------------


def test_an_unsent_upload_is_its_uploaders_alone(alice, ada, carol, client_for, kept):
    assert serve(client_for(alice), kept).status_code == 200
    for other in (ada, carol):
        assert serve(client_for(other), kept).status_code == 404
        assert client_for(other).post(reverse("chat:discard_file", args=[kept.code])).status_code == 404
    assert StoredFile.objects.filter(pk=kept.pk).exists()


def test_nor_theirs_once_they_left(alice, client_for, kept):
    Membership.objects.filter(user=alice).delete()
    assert serve(client_for(alice), kept).status_code == 404


def test_a_sent_file_is_seen_by_who_sees_the_conversation(conversation, alice, vera, carol, client_for):
    media = Media(MediaKind.IMAGE, "image/png", "a.png", picture())
    prompt = conversation.head.parent
    file = files.keep(media, conversation.workspace, uploader=alice, message=prompt)
    assert serve(client_for(vera), file).status_code == 404

    Conversation.objects.update(workspace_access=Access.WRITE)
    assert serve(client_for(vera), file).status_code == 200
    assert serve(client_for(carol), file).status_code == 404
    # A file that is part of a message stays in it.
    assert client_for(alice).post(reverse("chat:discard_file", args=[file.code])).status_code == 404


def test_an_unsent_upload_can_be_taken_back(alice, client_for, kept, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = client_for(alice).post(reverse("chat:discard_file", args=[kept.code]))
    assert response.status_code == 200
    assert not StoredFile.objects.exists()
    assert not files.storage().exists(kept.path)


def test_who_may_only_read_neither_uploads_nor_takes_back(alice, client_for, kept, url):
    Membership.objects.filter(user=alice).update(role=Role.VIEWER)
    assert client_for(alice).post(url, {"file": upload()}).status_code == 403
    assert client_for(alice).post(reverse("chat:discard_file", args=[kept.code])).status_code == 403


def test_a_code_that_does_not_exist_is_not_found(alice, client_for):
    assert client_for(alice).get(reverse("chat:file", args=[uuid.uuid4()])).status_code == 404
