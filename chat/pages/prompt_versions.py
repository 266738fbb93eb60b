"""The versions of a prompt: their list, one of them, and how it differs from another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404

from chat.pages.items import item_context
from chat.prompts.differences import changes
from chat.prompts.outline import outline

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import Prompt

# The list shows so many at first.
_MOST_LISTED = 200


def number_in(text: str) -> int:
    """Return the number of a version in an address; 0 if there is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


def versions_context(membership: Membership, prompt: Prompt, shown: int, against: int) -> dict[str, Any]:
    """Return the version ``shown``, the newest if 0, compared with ``against``, the one before it if 0.

    :raises Http404: the prompt has no such version.
    """
    number = shown or prompt.version
    other = against or number - 1
    listed = list(prompt.versions.select_related("author").defer("content")[:_MOST_LISTED])
    found = {
        each.number: each
        for each in prompt.versions.select_related("author").filter(number__in=(number, other))
    }
    version = found.get(number)
    if version is None or (against and against not in found):
        raise Http404
    content = version.read()
    before = found.get(other)
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "prompts",
        "tab": "versions",
        "can_edit": prompt.is_writable,
        **item_context(membership, prompt),
        "prompt": prompt,
        "versions": listed,
        "version": version,
        "before": before,
        "changes": changes(before.read(), content) if before else (),
        "parts": list(outline(content)),
    }
