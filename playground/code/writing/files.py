"""Files that code reads: a variable for each, and their places in the body."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from playground.code.writing.layout import FromFile

if TYPE_CHECKING:
    from playground.code.request import CodeRequest, Json


def variables_of(request: CodeRequest) -> dict[str, str]:
    """Return the name of a variable for each file that the code reads, by the file's name."""
    names = dict.fromkeys(use.name for use in request.files)
    return {name: f"file_{number}" for number, name in enumerate(names, 1)}


def body_with_files(request: CodeRequest) -> Json:
    """Return the body in a readable order of fields, with a :class:`FromFile` at the place of each file."""
    # A database may keep the fields in an order of its own. The longest ones come between short ones.
    body = request.body
    ends = ("stream", "stream_options")
    names = [*(n for n in ("model",) if n in body), *(n for n in body if n not in ("model", *ends))]
    body = {name: body[name] for name in (*names, *(n for n in ends if n in body))}
    if not request.files:
        return body
    body = copy.deepcopy(body)
    variables = variables_of(request)
    for use in request.files:
        place: Any = body
        for step in use.path[:-1]:
            place = place[step]
        place[use.path[-1]] = FromFile(variables[use.name], use.prefix)
    return body
