"""The passphrase of an archive, as commands ask for it: never as an argument, which other people can see."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.archive.container import ArchiveError, check_passphrase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.core.management import CommandParser


def add_passphrase(parser: CommandParser) -> None:
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        help="a file whose first line is the passphrase, such as /dev/stdin; else the terminal asks for it",
    )


def asked_passphrase(options: Mapping[str, Any], *, twice: bool = False) -> str:
    """Return the passphrase from a file or the terminal.

    :param twice: whether the terminal asks for it again: nobody opens an archive with a slip of the pen.
    :raises ArchiveError: there is none, it is too short, or the two differ.
    """
    path: Path | None = options["passphrase_file"]
    if path:
        try:
            passphrase = path.read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise ArchiveError(f"The passphrase cannot be read from {path}: {error}") from error
    elif sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase of the archive: ")
        if twice and getpass.getpass("Again: ") != passphrase:
            raise ArchiveError("The two passphrases differ.")
    else:
        raise ArchiveError("Give the passphrase with --passphrase-file.")
    check_passphrase(passphrase)
    return passphrase
