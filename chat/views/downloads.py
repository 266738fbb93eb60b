"""Files that are sent while they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.http import content_disposition_header

from accounts.http import streamed
from chat.media.names import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import StreamingHttpResponse

_KINDS = {"md": "text/markdown", "json": "application/json", "jsonl": "application/jsonl", "csv": "text/csv"}


def as_file(pieces: Iterator[str], title: str, ending: str) -> StreamingHttpResponse:
    """Send pieces as a file with the name ``title`` + ``ending``, such as ".csv"."""
    kind = _KINDS[ending.rpartition(".")[2]]
    response = streamed(pieces, kind)
    # A slash in a title does not start a folder.
    name = clean_name(title.replace("/", "-").replace("\\", "-") + ending)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
