"""The library of a workspace: its list, and the page of one tool or output schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from accounts.permissions import Action, allows
from chat.library_access import can_edit_item
from chat.models import OutputSchema, Tool
from chat.pages.items import access_note, item_context, listed_items
from chat.pages.schema_rows import root_view
from chat.pages.search import LONGEST_SEARCH
from chat.tool_schemas.importing import TOOL, read_request

if TYPE_CHECKING:
    from django.forms import Form

    from accounts.models import Membership
    from chat.models import LibraryEntry, Run
    from chat.tool_schemas.editing import Editor

# The most properties that a row of the list names.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class Listed:
    """An entry in a list."""

    entry: LibraryEntry
    word: str
    # The words about its access; empty if everyone sees it.
    note: str = ""

    @property
    def properties(self) -> str:
        """The first properties of the schema, in a line."""
        found = self.entry.schema_value.get("properties")
        names = list(found) if isinstance(found, dict) else []
        return ", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def word_of(entry: LibraryEntry) -> str:
    """Return the word for the kind of an entry in addresses and sentences."""
    return "tool" if isinstance(entry, Tool) else "schema"


def found_in(
    membership: Membership, kind: type[LibraryEntry], text: str = "", shared: str = ""
) -> list[Listed]:
    """List the entries that a member sees whose name or description contains ``text``, by name."""
    entries = listed_items(kind, membership, shared)
    # PostgreSQL refuses a NUL, and SQLite a long pattern.
    text = text.replace("\0", "")[:LONGEST_SEARCH]
    if text:
        entries = entries.filter(Q(name__icontains=text) | Q(description__icontains=text))
    return [
        Listed(entry, word_of(entry), access_note(membership, entry)) for entry in entries.order_by("name")
    ]


def words_to_keep(run: Run | None, membership: Membership) -> str:
    """Name what this member could save of a run's request: "tools", "schema" or "tools and schema"."""
    if run is None or not allows(membership.role, Action.EDIT_LIBRARY):
        return ""
    kinds = [each.kind for each in read_request(run.body)[0]]
    tools = kinds.count(TOOL)
    words = [f"tool{'s' if tools > 1 else ''}"] if tools else []
    return " and ".join([*words, "schema"] if len(kinds) > tools else words)


def list_context(membership: Membership, text: str, shared: str = "") -> dict[str, Any]:
    workspace = membership.workspace
    tools, schemas = (found_in(membership, kind, text, shared) for kind in (Tool, OutputSchema))
    return {
        "workspace": workspace,
        "membership": membership,
        "section": "tools",
        "can_edit": allows(membership.role, Action.EDIT_LIBRARY),
        "text": text,
        "shared": shared,
        "has_search": bool(text or tools or schemas),
        "groups": [("tool", "Tools", "tool", tools), ("schema", "Output schemas", "schema", schemas)],
    }


@dataclass(frozen=True, slots=True)
class EntryPage:
    """The content of the page of one entry, of a new one too."""

    membership: Membership
    word: str
    entry: LibraryEntry | None
    form: Form
    editor: Editor
    examples: tuple[dict[str, str], ...] = ()
    examples_error: str = ""

    def context(self) -> dict[str, Any]:
        can_edit = can_edit_item(self.membership, self.entry)
        return {
            "workspace": self.membership.workspace,
            "membership": self.membership,
            "section": "tools",
            "can_edit": can_edit,
            **(item_context(self.membership, self.entry) if self.entry else {}),
            "word": self.word,
            "entry": self.entry,
            "form": self.form,
            "editor": self.editor,
            "root": root_view(self.editor),
            # An empty pair is for the next example.
            "examples": [*self.examples, *([{"name": "", "text": ""}] if can_edit else [])],
            "examples_error": self.examples_error,
        }
