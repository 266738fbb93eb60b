from __future__ import annotations

import pytest
from django.db import IntegrityError

from chat import files
from chat.media import Media
from chat.models import Message, StoredFile
from playground.upstream.dialects.shared.transcript import MediaKind

pytestmark = pytest.mark.django_db

PDF = Media(MediaKind.FILE, "application/pdf", "paper.pdf", b"%PDF-1.7 words")


def lies_there(file: StoredFile) -> bool:
    return files.storage().exists(file.path)


def test_it_keeps_bytes_and_gives_them_back(workspace, alice):
    file = files.keep(PDF, workspace, uploader=alice)

    assert files.read(StoredFile.objects.get(code=file.code)) == PDF.content
    assert files.data_url(file) == "data:application/pdf;base64,JVBERi0xLjcgd29yZHM="
    assert (file.byte_size, file.message) == (14, None)


def test_the_name_on_the_disk_is_not_the_users(workspace, alice):
    media = Media(MediaKind.FILE, "text/plain", "../../etc/passwd", b"x")
    file = files.keep(media, workspace, uploader=alice)
    name = file.content.hex
    assert file.path == f"{name[:2]}/{name[2:4]}/{name}"
    # The path cannot be guessed from anything that the pages show.
    assert file.code.hex not in file.path


def test_a_row_that_cannot_be_stored_leaves_no_bytes(workspace, alice, monkeypatch):
    written: list[StoredFile] = []

    def save(file: StoredFile) -> None:
        assert lies_there(file)
        written.append(file)
        raise IntegrityError

    monkeypatch.setattr(StoredFile, "save", save)
    with pytest.raises(IntegrityError):
        files.keep(PDF, workspace, uploader=alice)
    assert not lies_there(written[0])


def test_bytes_go_once_the_deletion_is_committed(workspace, alice, django_capture_on_commit_callbacks):
    file = files.keep(PDF, workspace, uploader=alice)
    with django_capture_on_commit_callbacks(execute=True):
        file.delete()
        assert lies_there(file)
    assert not lies_there(file)


def test_bytes_stay_while_another_wording_has_them(conversation, alice, django_capture_on_commit_callbacks):
    prompt = conversation.head.parent
    file = files.keep(PDF, conversation.workspace, uploader=alice, message=prompt)
    worded = Message.objects.create(conversation=conversation, role=Message.Role.USER, text="Else")
    second = files.again(file, worded)
    with django_capture_on_commit_callbacks(execute=True):
        file.delete()
    assert files.read(second) == PDF.content
    with django_capture_on_commit_callbacks(execute=True):
        second.delete()
    assert not lies_there(second)


@pytest.mark.parametrize("of", ["conversation", "message"])
def test_bytes_go_with_what_they_belong_to(conversation, alice, of, django_capture_on_commit_callbacks):
    prompt = conversation.head.parent
    file = files.keep(PDF, conversation.workspace, uploader=alice, message=prompt)
    with django_capture_on_commit_callbacks(execute=True):
        {"conversation": conversation, "message": prompt}[of].delete()
    assert not StoredFile.objects.filter(pk=file.pk).exists()
    assert not lies_there(file)


def test_bytes_go_with_their_workspace(workspace, alice, django_capture_on_commit_callbacks):
    file = files.keep(PDF, workspace, uploader=alice)
    with django_capture_on_commit_callbacks(execute=True):
        workspace.delete()
    assert not lies_there(file)
