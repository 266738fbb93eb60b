"""Files and folders that only the user who runs the server may read.

The database holds sessions and messages, so other users of the machine must not read it, whatever the
umask is and whatever an earlier version left. SQLite gives its -wal, -shm and -journal files the
permissions of the database: https://sqlite.org/wal.html
"""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FOLDER, FILE = 0o700, 0o600
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_BESIDE_A_DATABASE = ("-wal", "-shm", "-journal")


def sqlite_file(database: Mapping[str, object]) -> Path | None:
    """Return the file of a database setting; None for other databases and for those in memory."""
    name = str(database.get("NAME", ""))
    if not str(database.get("ENGINE", "")).endswith("sqlite3") or not name or name.startswith((":", "file:")):
        return None
    return Path(name)


def keep_private(folders: Iterable[Path], database: Path | None) -> None:
    """Make the folders and an SQLite database, or withdraw what other users may do with them.

    Folders that cannot be changed stay as they are; a system check reports them.
    """
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.mkdir(mode=FOLDER, parents=True, exist_ok=True)
            _withdraw(folder)
    if database is None or not database.parent.is_dir():
        return
    with contextlib.suppress(OSError):
        # An empty file is an empty database. SQLite itself would make one as the umask says. One that is
        # there is not opened: closing it would take away the locks that this process has on it, see
        # https://www.sqlite.org/howtocorrupt.html, "POSIX advisory locks".
        with contextlib.suppress(FileExistsError):
            os.close(os.open(database, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, FILE))
        for path in _of_database(database):
            _withdraw(path)


def keep_contents_private(folder: Path, *, spared: Path | None = None) -> None:
    """Withdraw what other users may do with everything in ``folder``, apart from ``spared``.

    Symbolic links are left alone: they lead out of the folder.
    """
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if Path(parent, name) != spared]
        for name in (*folders, *files):
            _withdraw_quietly(Path(parent, name))


def open_to_others(folders: Iterable[Path], database: Path | None) -> Iterator[Path]:
    """Yield the folders and files of a database that other users of the machine can read or change."""
    for path in (*folders, *(_of_database(database) if database else ())):
        with contextlib.suppress(OSError):
            if path.stat().st_mode & _OTHERS:
                yield path


def _of_database(database: Path) -> list[Path]:
    beside = (database.with_name(database.name + ending) for ending in _BESIDE_A_DATABASE)
    return [database, *(path for path in beside if path.exists())]


def _withdraw_quietly(path: Path) -> None:
    # A file may be gone by now, or belong to someone else.
    with contextlib.suppress(OSError):
        if not path.is_symlink():
            _withdraw(path)


def _withdraw(path: Path) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & _OTHERS:
        path.chmod(mode & ~_OTHERS)
