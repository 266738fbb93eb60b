from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import TemporaryUploadedFile

from playground.whole_files import DRAFT, WholeFiles

FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def storage(tmp_path) -> WholeFiles:
    return WholeFiles(tmp_path / "files", file_permissions_mode=0o600, directory_permissions_mode=0o700)


def left(storage: WholeFiles) -> list[str]:
    return [path.name for path in Path(storage.location).rglob("*") if path.is_file()]


class CutShort(ContentFile):  # type: ignore[type-arg]
    """A content of which the disk takes the first piece."""

    def chunks(self, chunk_size: int | None = None):
        yield b"a piece"
        raise FULL


def raises(error: BaseException):
    def call(*_: object, **__: object) -> None:
        raise error

    return call


def test_it_keeps_a_file_under_its_name_for_its_user_alone(storage):
    assert storage.save("ab/cd/name", ContentFile(b"all of it")) == "ab/cd/name"

    path = Path(storage.path("ab/cd/name"))
    assert path.read_bytes() == b"all of it"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert left(storage) == ["name"]


def test_it_keeps_an_empty_file_and_one_that_lies_on_the_disk_already(storage):
    storage.save("empty", ContentFile(b""))
    with TemporaryUploadedFile("x", "text/plain", 4, None) as upload:
        upload.write(b"text")
        upload.flush()
        storage.save("moved", upload)

    assert Path(storage.path("moved")).read_bytes() == b"text"
    assert sorted(left(storage)) == ["empty", "moved"]


def test_a_full_disk_leaves_nothing_behind(storage):
    with pytest.raises(OSError, match="No space left"):
        storage.save("ab/cd/name", CutShort(b""))

    assert left(storage) == []


@pytest.mark.parametrize("where", ["fsync", "replace"])
@pytest.mark.parametrize("error", [FULL, OSError(errno.EDQUOT, "Quota"), KeyboardInterrupt()])
def test_nor_does_one_that_tells_late(storage, monkeypatch, where, error):
    with monkeypatch.context() as disk:
        disk.setattr(os, where, raises(error))
        with pytest.raises(type(error)):
            storage.save("name", ContentFile(b"bytes"))

    assert left(storage) == []
    storage.save("name", ContentFile(b"bytes"))
    assert left(storage) == ["name"]


def test_the_name_appears_after_the_last_byte(storage):
    seen: list[list[str]] = []

    class Watched(File):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None):
            for piece in (b"one ", b"two"):
                yield piece
                seen.append(left(storage))

    storage.save("name", Watched(None))

    assert all(name.startswith("name.") and name.endswith(DRAFT) for names in seen for name in names)
    assert [len(names) for names in seen] == [1, 1]
    assert Path(storage.path("name")).read_bytes() == b"one two"
