"""Django's backend for SQLite, which rewrites the places for values of each statement only once.

Django searches the whole statement for ``%s`` each time, although a process runs the same few again and
again. That took a twentieth of a prompt's processor time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.db.backends.sqlite3 import base

# Statements of some thousand characters: most of what a server runs, in a megabyte or two.
_KEPT = 256


class Cursor(base.SQLiteCursorWrapper):
    def convert_query(self, query: str, *, param_names: list[str] | None = None) -> str:
        if param_names is None:
            return _with_question_marks(query)
        return str(super().convert_query(query, param_names=param_names))


@lru_cache(maxsize=_KEPT)
def _with_question_marks(query: str) -> str:
    return str(base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%"))


class DatabaseWrapper(base.DatabaseWrapper):
    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=Cursor)
