"""Posted data to entries. ``cleaning`` checks them afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playground.parameters.form.entry import MAX_ITEMS, PREFIX, Entry, branch_name, child_name
from playground.parameters.schema.spec import Kind, ParameterSpec


class Posted:
    """The posted fields of parameters, and which of them belong to no control."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        getlist = getattr(data, "getlist", None)
        self._lists: dict[str, list[str]] = {
            name: _texts(getlist(name) if getlist else data[name])
            for name in data
            if isinstance(name, str) and name.startswith(PREFIX)
        }
        self._left = set(self._lists)
        # A page posts all its controls. Those of most parameters are blank.
        self._filled = {
            ".".join(name.split(".", 2)[:2])
            for name, values in self._lists.items()
            if any(values) or _is_in_list(name)
        }

    def fills(self, root: str) -> bool:
        """Return whether any control of a parameter is not blank; a blank entry of a list counts."""
        return root in self._filled

    def take(self, name: str) -> list[str]:
        self._left.discard(name)
        return self._lists.get(name, [])

    def take_one(self, name: str) -> str:
        # The last value counts, as in a QueryDict.
        return next(reversed(self.take(name)), "")

    def indices(self, name: str) -> list[int]:
        """List the numbers that follow ``name.`` in posted names, in order."""
        start = len(name) + 1
        found = set()
        for posted in self._lists:
            if posted.startswith(f"{name}."):
                part = posted[start:].split(".", 1)[0]
                if part.isascii() and part.isdigit() and len(part) <= 6:
                    found.add(int(part))
        return sorted(found)

    def unasked(self) -> list[str]:
        """Return the names that were posted with a value and belong to no control."""
        return sorted(name for name in self._left if any(self._lists[name]))


def read_entry(spec: ParameterSpec, name: str, posted: Posted) -> Entry:
    entry = Entry(spec, name, states=frozenset(filter(None, posted.take(f"{name}.state"))))
    entry.json_text = _newlines(posted.take_one(f"{name}.json"))
    if spec.kind in (Kind.TAGS, Kind.CHECKS):
        entry.texts = [text for text in posted.take(name)[: MAX_ITEMS + 1] if text]
    elif spec.kind in (Kind.ARRAY, Kind.MAP):
        entry.items = _read_items(spec, name, posted)
    elif spec.kind in (Kind.OBJECT, Kind.TUPLE):
        entry.children = {
            child.name: read_entry(child, child_name(name, child), posted) for child in spec.children
        }
    else:
        entry.text = _newlines(posted.take_one(name))
        # All branches are read, so that fields of those not chosen do not count as unknown.
        entry.children = {
            branch.token: read_entry(branch.spec, branch_name(name, branch), posted)
            for branch in spec.branches
            if branch.spec is not None
        }
    return entry


def _read_items(spec: ParameterSpec, name: str, posted: Posted) -> list[Entry]:
    items = []
    # Reading one more than allowed lets cleaning report the excess.
    for index in posted.indices(name)[: MAX_ITEMS + 1]:
        row = f"{name}.{index}"
        if spec.kind is Kind.MAP:
            item = read_entry(spec.each, f"{row}.value", posted)
            item.key = posted.take_one(f"{row}.key")
            if item.is_blank:
                # The blank row at the end is for the next key.
                continue
        else:
            item = read_entry(spec.each, row, posted)
            # This field marks an entry in which nothing is filled in.
            posted.take(f"{row}.item")
        items.append(item)
    return items


def _is_in_list(name: str) -> bool:
    return any(part.isdigit() for part in name.split(".")[2:])


def _texts(values: Any) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        values = [values]
    return [value if isinstance(value, str) else str(value) for value in values]


def _newlines(text: str) -> str:
    # Browsers post line breaks as CRLF, whatever was typed or set.
    return text.replace("\r\n", "\n")
