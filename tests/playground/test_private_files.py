from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from playground import checks
from playground.private_files import keep_contents_private, keep_private, open_to_others, sqlite_file
from tests.installation import Installation
from tests.repository import ROOT

# Reads the modes while a transaction keeps all of SQLite's files on the disk.
_WHILE_WRITING = """
from django.conf import settings
from django.db import transaction
from accounts.models import Workspace
with transaction.atomic():
    Workspace.objects.create(slug="new", name="New")
    for path in sorted(settings.DATA_DIR.glob("playground.sqlite3*")):
        print(path.name, oct(path.stat().st_mode & 0o777))
"""


@pytest.fixture(autouse=True)
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def open_paths(folder: Path) -> list[Path]:
    """Return everything in ``folder`` that others may read, apart from the public static files."""
    found = [path for path in (folder, *folder.rglob("*")) if mode(path) & 0o077]
    return [path for path in found if not path.is_relative_to(folder / "static")]


def manage(installation: Installation, *words: str) -> str:
    ended = subprocess.run(
        [sys.executable, "manage.py", *words],
        env=installation.environment,
        cwd=ROOT,
        umask=0o022,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return ended.stdout


@pytest.mark.parametrize("is_new", [True, False])
def test_an_installation_is_private_to_its_user(tmp_path, prepared, is_new):
    folder = tmp_path / "data"
    installation = Installation(folder)
    if not is_new:
        installation.copy(prepared)
        stored = folder / "files" / "ab" / "cd"
        stored.mkdir(parents=True)
        (stored / "picture").write_bytes(b"1")
        (folder / "server.log").write_text("A line.\n")
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        assert open_paths(folder)

    manage(installation, "prepare")

    assert open_paths(folder) == []
    assert (folder / "playground.sqlite3").stat().st_size
    modes = manage(installation, "shell", "-v", "0", "-c", _WHILE_WRITING).split()
    assert modes[::2] == ["playground.sqlite3", "playground.sqlite3-shm", "playground.sqlite3-wal"]
    assert modes[1::2] == ["0o600"] * 3


def test_a_start_withdraws_what_an_earlier_version_left(tmp_path):
    data, files, database = tmp_path / "data", tmp_path / "a" / "files", tmp_path / "data" / "some.sqlite3"
    data.mkdir()
    for ending in ("", "-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).write_text("kept")

    assert list(open_to_others([data, files], database)) == [
        data,
        *(database.with_name(database.name + ending) for ending in ("", "-wal", "-shm", "-journal")),
    ]
    keep_private([data, files], database)

    assert list(open_to_others([data, files], database)) == []
    assert (mode(data), mode(files), mode(database)) == (0o700, 0o700, 0o600)
    assert database.read_text() == "kept"


def test_a_database_elsewhere_is_private_but_not_its_folder(tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()

    keep_private([], folder / "some.sqlite3")
    keep_private([], tmp_path / "nowhere" / "some.sqlite3")

    assert (mode(folder), mode(folder / "some.sqlite3")) == (0o755, 0o600)
    assert not (tmp_path / "nowhere").exists()


def test_contents_keep_what_their_owner_may_do(tmp_path):
    script, public, outside = tmp_path / "in" / "run", tmp_path / "in" / "static", tmp_path / "outside"
    public.mkdir(parents=True)
    for path in (script, public / "style.css", outside):
        path.write_text("")
        path.chmod(0o755)
    (tmp_path / "in" / "link").symlink_to(outside)

    keep_contents_private(tmp_path / "in", spared=public)

    assert (mode(script), mode(outside), mode(public / "style.css")) == (0o700, 0o755, 0o755)


def test_what_cannot_be_changed_does_not_stop_the_start_and_is_reported(tmp_path, settings, monkeypatch):
    settings.DATA_DIR = settings.FILES_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir(mode=0o755)

    def refuse(*_: object) -> None:
        raise PermissionError

    with monkeypatch.context() as others:
        others.setattr(Path, "chmod", refuse)
        keep_private([settings.DATA_DIR], settings.DATA_DIR / "some.sqlite3")
        keep_contents_private(settings.DATA_DIR)

    found = checks.check_data_folder(None)
    assert {message.id for message in found} == {"playground.W005"}
    assert str(settings.DATA_DIR) in found[0].msg


@pytest.mark.parametrize(
    ("database", "file"),
    [
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": "/srv/chat.sqlite3"}, Path("/srv/chat.sqlite3")),
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": Path("/srv/chat")}, Path("/srv/chat")),
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}, None),
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": "file:memory?mode=memory"}, None),
        ({"ENGINE": "django.db.backends.sqlite3", "NAME": ""}, None),
        ({"ENGINE": "django.db.backends.postgresql", "NAME": "chat"}, None),
        ({}, None),
    ],
)
def test_it_finds_the_file_of_a_database(database, file):
    assert sqlite_file(database) == file
