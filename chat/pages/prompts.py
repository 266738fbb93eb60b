"""The library of prompts of a workspace: its list, and the page on which one prompt is edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from accounts.folding import fold
from accounts.permissions import Action, allows
from chat.library_access import can_edit_item, writable_items
from chat.models import Prompt
from chat.pages.deleted import DeletedRow, deleted_context, deleted_row, restorable
from chat.pages.items import access_note, item_context, listed_items
from chat.pages.model_choice import models_by_provider
from chat.pages.search import LONGEST_SEARCH
from chat.prompts.rows import KIND_WORDS
from playground.labels import endpoint_label
from playground.upstream.dialects.registry import endpoint_kinds

if TYPE_CHECKING:
    from django.forms import Form

    from accounts.models import Membership
    from chat.pages.edited_parameters import EditedParameters
    from chat.prompts.differences import PartChange
    from chat.prompts.rows import PromptEditor

# The most variables that a row of the list names.
_NAMED = 6


@dataclass(frozen=True, slots=True)
class ListedPrompt:
    """A prompt in the list."""

    prompt: Prompt
    # The words about its access; empty if everyone sees it.
    note: str = ""

    @property
    def about(self) -> str:
        """The parts of the prompt, in a line."""
        facts = self.prompt.summary
        count = facts.get("messages", 0)
        parts = [f"{count} message{'s' * (count != 1)}"] if count else ["preset"]
        names = facts.get("variables", [])
        if names:
            parts.append(", ".join(names[:_NAMED]) + (" …" if len(names) > _NAMED else ""))
        if facts.get("model"):
            parts.append(facts["model"])
        return " · ".join(parts)


def found_prompts(membership: Membership, text: str = "", shared: str = "") -> list[ListedPrompt]:
    """List the prompts that a member sees, by name: those with all words of ``text`` in name or texts."""
    found = listed_items(Prompt, membership, shared).defer("folded")
    for word in fold(text.replace("\0", "")[:LONGEST_SEARCH]).split():
        found = found.filter(folded__contains=word)
    return [ListedPrompt(prompt, access_note(membership, prompt)) for prompt in found.order_by("name")]


def prompts_context(membership: Membership, text: str, shared: str = "") -> dict[str, Any]:
    workspace = membership.workspace
    listed = found_prompts(membership, text, shared)
    can_edit = allows(membership.role, Action.EDIT_LIBRARY)
    deleted: list[DeletedRow] = []
    if can_edit and not (text or shared):
        gone = restorable(writable_items(Prompt, membership, Prompt.with_deleted.all()))
        deleted = [
            deleted_row("prompt", prompt.name, prompt.deleted_at, workspace.slug, prompt.code)
            for prompt in gone.defer("folded")
        ]
    return {
        "workspace": workspace,
        "membership": membership,
        "section": "prompts",
        "can_edit": can_edit,
        "text": text,
        "shared": shared,
        "has_search": bool(text or listed),
        "listed": listed,
        **deleted_context(deleted),
    }


@dataclass(frozen=True, slots=True)
class PromptPage:
    """The page on which a prompt is edited, a new one too.

    ``theirs`` is how the newest version differs from what was typed, if somebody saved it meanwhile.
    """

    membership: Membership
    prompt: Prompt | None
    form: Form
    editor: PromptEditor
    # The form of the parameters; None without a model, whose parameters are JSON.
    edited: EditedParameters | None = None
    theirs: tuple[PartChange, ...] = ()

    def context(self) -> dict[str, Any]:
        return {
            "workspace": self.membership.workspace,
            "membership": self.membership,
            "section": "prompts",
            "tab": "edit",
            "can_edit": can_edit_item(self.membership, self.prompt),
            **(item_context(self.membership, self.prompt) if self.prompt else {}),
            "prompt": self.prompt,
            "form": self.form,
            "editor": self.editor,
            "edited": self.edited,
            "theirs": self.theirs,
            "kinds": [(kind.value, word) for kind, word in KIND_WORDS.items()],
            "model_groups": self._models(),
            "feedback_url": reverse("chat:parameters", args=[self.membership.workspace.slug]),
            "endpoints": [(kind, endpoint_label(kind)) for kind in endpoint_kinds()],
        }

    def _models(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return the models to choose from, by provider; a chosen one stays, whatever has become of it."""
        groups = [
            (name, [(f"{model.provider.code} {model.model_id}", model.name) for model in models])
            for name, models in models_by_provider(self.membership)
        ]
        chosen = self.editor.model
        if chosen and not any(chosen == value for _, models in groups for value, _ in models):
            groups.insert(0, ("Not available here", [(chosen, chosen.partition(" ")[2])]))
        return groups
