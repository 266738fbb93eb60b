"""Loaders of templates, which leave out most of the indentation of the lines.

It is a fifth of a page with a long list, and no browser shows it. The lines stay, for error reports.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.template.loaders import app_directories, filesystem

if TYPE_CHECKING:
    from django.template import Origin

_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


def with_little_indentation(source: str) -> str:
    """Leave one blank of those at the beginning of a line: in HTML one means as much as many.

    >>> with_little_indentation("<p>\\n  one\\n    <b>two</b>\\n</p>")
    '<p>\\n one\\n <b>two</b>\\n</p>'
    """
    return _INDENTATION.sub(" ", source)


class FilesystemLoader(filesystem.Loader):
    def get_contents(self, origin: Origin) -> str:
        return _read(origin, super().get_contents(origin))


class AppLoader(app_directories.Loader):
    def get_contents(self, origin: Origin) -> str:
        return _read(origin, super().get_contents(origin))


def _read(origin: Origin, source: str) -> str:
    return with_little_indentation(source) if origin.name.endswith(".html") else source
