"""Text files in encodings other than UTF-8: found, shown, chosen by the user, or refused."""

from __future__ import annotations

import asyncio
import random
import uuid
from datetime import timedelta
from typing import IO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat import files
from chat.flows.build_request import Choice
from chat.flows.choose_encoding import choose_encoding
from chat.flows.send_prompt import start_conversation
from chat.flows.sweep_files import sweep_orphans
from chat.flows.take_file import take_file
from chat.media import MediaRefused, examine
from chat.media.encodings import ENCODINGS, decoded, encoding_of
from chat.models import StoredFile
from tests.media_files import PDF, picture

TEXTS = {
    "cp1252": "Größe;Preis €\n",
    "cp1252 at length": "Übung macht den Meister, sagte er; für 5 € näher\n",
    "gbk": "名称,价格\n苹果,5\n",
    "gb18030": "你好,世界\n今天天气很好\n",
    "big5": "今天天氣很好，我們去公園。\n",
    "cp932": "商品名,価格\nりんご,100\n",
    "euc-jp": "こんにちは世界。今日は天気がいいです。\n",
    "iso2022-jp": "こんにちは世界\n",
    "euc-kr": "안녕하세요. 오늘 날씨가 좋습니다.\n",
    "koi8-r": "Привет, мир! Сегодня хорошая погода.\n",
    "cp1251": "Привет, мир! Сегодня хорошая погода.\n",
    "cp866": "Привет, мир! Сегодня хорошая погода.\n",
    "cp1250": "Zażółć gęślą jaźń, pchnąć w tę łódź jeża\n",
    "iso8859-2": "Zażółć gęślą jaźń\n",
    "cp1253": "Καλημέρα κόσμε, τι κάνεις σήμερα;\n",
    "cp1256": "مرحبا بالعالم، كيف حالك اليوم\n",
    "cp874": "สวัสดีชาวโลก วันนี้อากาศดีมาก\n",
    "utf-16-le": "Größe;Preis €\r\n",
    "utf-16-be": "Wide words\n",
    "utf-16": "With a mark: 漢字\n",
    "utf-16-le in Chinese": "今天天气很好，我们去公园玩吧\n",
    "utf-32-le": "Wider\n",
    "utf-32": "With a mark: é\n",
    "utf-8-sig": "With a mark: é\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_decoded_whatever_its_encoding(name):
    content = TEXTS[name].encode(name.partition(" ")[0])
    found = examine(content, "table.csv")

    assert found.content.decode() == TEXTS[name]
    assert found.encoding in ENCODINGS
    assert (found.original or found.content) == content


def test_a_short_text_is_guessed_and_can_be_chosen():
    content = "Günaydın, ığdır\n".encode("cp1254")

    assert encoding_of(content) in ENCODINGS
    assert decoded(content, "cp1254") == "Günaydın, ığdır\n"
    assert decoded("שלום".encode("cp1255"), "cp1255") == "שלום"


@pytest.mark.parametrize(
    "content",
    [
        random.Random(2).randbytes(64) + b"\x00\x01",
        bytes(range(256)),
        b"PK\x03\x04\x14\x00\x08\x00",
        b"\x1f\x8b\x08\x00\x00\x00",
        b"\x7fELF\x02\x01\x01\x00",
        b"MZ\x90\x00\x03\x00\x00\x00",
        b"SQLite format 3\x00\x10\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"\x00\x00\x00\x18ftypmp42",
        b"\xff\xfea",
        b"\xff\xfe\x00\x00abc",
        b"\xc3",
        random.Random(1).randbytes(100_000),
    ],
    ids=lambda content: content[:4].hex(),
)
def test_a_binary_file_is_no_text(content):
    with pytest.raises(MediaRefused, match="isn't supported"):
        examine(content, "data.txt")


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (b"\x81\x8d", "cp1252", "isn't text in Western (Windows-1252)"),
        (b"odd", "utf-16-le", "isn't text in UTF-16 LE"),
        (b"\xff\xff", "utf-8", "isn't text in UTF-8"),
        (b"words", "rot13", "Choose one of the listed encodings."),
        (b"words", "zlib", "Choose one of the listed encodings."),
        (b"words", "no-such", "Choose one of the listed encodings."),
    ],
)
def test_an_encoding_that_does_not_fit_is_refused(content, encoding, words):
    with pytest.raises(MediaRefused) as refused:
        decoded(content, encoding)
    assert words in str(refused.value)


@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_every_listed_encoding_exists(encoding):
    assert decoded("abc".encode(encoding), encoding) == "abc"


def test_a_file_that_is_too_long_in_any_encoding_is_not_examined(monkeypatch):
    monkeypatch.setattr("chat.media.documents.encoding_of", pytest.fail)
    with pytest.raises(MediaRefused, match="1 MB"):
        examine(b"\xe9" * 4_000_005, "x.txt")


# --- Uploads ---------------------------------------------------------------------------------


def upload(content: bytes, name: str = "table.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/csv")


@pytest.fixture
def excel(alice_membership) -> StoredFile:
    return take_file(alice_membership, upload("Größe;Preis €\n".encode("cp1252")), "table.csv")


@pytest.fixture
def alice_membership(workspace, alice):
    return alice.memberships.get(workspace=workspace)


def bytes_of(response) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return asyncio.run(read())


@pytest.mark.django_db
def test_an_upload_shows_its_encoding_and_some_of_its_text(alice, client_for, workspace):
    url = reverse("chat:upload", args=[workspace.slug])
    page = (
        client_for(alice)
        .post(url, {"file": upload("a;b\nGröße;Preis €\n".encode("cp1252"))})
        .content.decode()
    )

    assert "Western (Windows-1252)" in page
    assert '<p dir="auto" title="Some of the text as it is read">Größe;Preis €</p>' in page
    plain = client_for(alice).post(url, {"file": upload(b"a;b\n")}).content.decode()
    assert "data-attachment-encoding" not in plain


@pytest.mark.django_db(transaction=True)
def test_another_encoding_is_chosen(alice, client_for, excel):
    old = excel.path, excel.original_path
    url = reverse("chat:encoding", args=[excel.code])
    page = client_for(alice).post(url, {"encoding": "cp1251"}).content.decode()

    assert '<option value="cp1251" selected>' in page
    excel.refresh_from_db()
    assert files.read(excel).decode() == "GrцЯe;Preis Ђ\n"
    assert not any(files.storage().exists(path) for path in old)
    # Nothing is lost by a wrong choice.
    choose_encoding(excel, "cp1252")
    excel.refresh_from_db()
    assert files.read(excel).decode() == "Größe;Preis €\n"


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8", "utf-32-le", "", "zlib", "x" * 100])
def test_a_choice_that_does_not_fit_changes_nothing(alice, client_for, excel, encoding):
    response = client_for(alice).post(reverse("chat:encoding", args=[excel.code]), {"encoding": encoding})

    assert response.status_code == 422
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    before, excel.content = excel.content, None
    excel.refresh_from_db()
    assert excel.content == before
    assert files.read(excel).decode() == "Größe;Preis €\n"


@pytest.mark.django_db
def test_only_the_uploader_chooses_and_only_before_it_is_sent(alice, bob, client_for, excel, conversation):
    url = reverse("chat:encoding", args=[excel.code])

    assert client_for(bob).post(url, {"encoding": "cp1251"}).status_code == 404
    assert client_for(alice).get(url).status_code == 405
    StoredFile.objects.filter(pk=excel.pk).update(message=conversation.messages.first())
    assert client_for(alice).post(url, {"encoding": "cp1251"}).status_code == 404
    with pytest.raises(MediaRefused, match="sent or removed"):
        choose_encoding(excel, "cp1251")


@pytest.mark.django_db
def test_a_picture_has_no_encoding(alice, client_for, alice_membership):
    for content in (picture(), PDF):
        file = take_file(alice_membership, upload(content), "x")
        answer = client_for(alice).post(reverse("chat:encoding", args=[file.code]), {"encoding": "cp1252"})
        assert answer.status_code == 422
        assert file.encoding == ""


@pytest.mark.django_db
def test_utf_8_is_sent_and_the_uploaded_bytes_are_downloaded(alice, client_for, excel, workspace, endpoint):
    run = start_conversation(workspace, alice, "Sum it up", Choice(endpoint, {}), uuid.uuid4(), [excel.code])

    assert "table.csv:\n\n```\nGröße;Preis €\n\n```" in str(run.body).replace("\\n", "\n")
    client = client_for(alice)
    found = client.get(reverse("chat:file", args=[excel.code]))
    assert bytes_of(found) == "Größe;Preis €\n".encode("cp1252")
    assert found["Content-Type"] == "text/plain; charset=cp1252"
    assert found["Content-Length"] == "14"
    part = client.get(reverse("chat:file", args=[excel.code]), headers={"Range": "bytes=-2"})
    assert (bytes_of(part), part["Content-Range"]) == (b"\x80\n", "bytes 12-13/14")
    page = client.get(reverse("chat:conversation", args=[run.thread.code])).content.decode()
    assert "Text · Western (Windows-1252) · " in page


@pytest.mark.django_db(transaction=True)
def test_the_uploaded_bytes_go_with_the_file(excel):
    paths = excel.path, excel.original_path
    assert all(files.storage().exists(path) for path in paths)
    excel.delete()

    assert not any(files.storage().exists(path) for path in paths)


@pytest.mark.django_db
def test_a_sweep_keeps_uploaded_bytes_whose_file_exists(excel, monkeypatch):
    monkeypatch.setattr("chat.flows.sweep_files.UNSENT_FOR", timedelta(days=-1))
    shard = excel.path[:2]

    sweep_orphans(shard)
    assert all(files.storage().exists(path) for path in (excel.path, excel.original_path))
    StoredFile.objects.filter(pk=excel.pk)._raw_delete("default")
    sweep_orphans(shard)
    assert not files.storage().exists(excel.path)
    assert not files.storage().exists(excel.original_path)


@pytest.mark.django_db
def test_bytes_of_a_full_disk_leave_nothing(alice_membership, monkeypatch):
    saved = files.storage().save

    def save(name: str, content: IO[bytes]) -> str:
        if name.endswith("-original"):
            raise OSError("No space left on device")
        return str(saved(name, content))

    monkeypatch.setattr(files.storage(), "save", save)
    with pytest.raises(OSError):
        take_file(alice_membership, upload("é".encode("utf-16")), "x.txt")
    assert not StoredFile.objects.exists()
