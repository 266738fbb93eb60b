from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import now

from accounts import audit
from accounts.folding import fold
from accounts.models import AuditAction
from chat.exceptions import NameTaken, PromptChanged
from chat.folding import MAX_FOLDED
from chat.models import Access, Prompt, PromptVersion
from chat.prompts.stored import to_text

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.prompts.content import PromptContent


@dataclass(frozen=True, slots=True)
class PromptFields:
    """The fields of a prompt's page. The name and the description belong to all versions."""

    name: str
    description: str
    content: PromptContent
    note: str = ""


def add_prompt(
    workspace: Workspace,
    saved: PromptFields,
    *,
    actor: User,
    number: int = 1,
    production: int | None = None,
    access: Access = Access.WRITE,
) -> Prompt:
    """Store a new prompt with a version; an imported one has the number that it had elsewhere.

    :raises NameTaken: the workspace has another one of that name.
    """
    more = {"version": number, "production": production, "workspace_access": access}
    prompt = Prompt(workspace=workspace, created_by=actor, **more, **_columns(saved))
    try:
        with transaction.atomic():
            prompt.save(force_insert=True)
            _add_version(prompt, saved, actor)
    except IntegrityError as error:
        raise NameTaken(saved.name) from error
    return prompt


def save_prompt(prompt: Prompt, saved: PromptFields, edits: int, *, actor: User) -> bool:
    """Store a changed prompt, as it was edited at ``edits``; return whether that made a version.

    A change of the name or the description alone makes none.

    :raises NameTaken: the workspace has another one of that name.
    :raises PromptChanged: somebody else has changed or deleted it since.
    """
    try:
        with transaction.atomic():
            newest = prompt.versions.filter(number=prompt.version).first()
            has_new = newest is not None and newest.content != to_text(saved.content)
            if newest is None or not _update(prompt, edits, saved, prompt.version + has_new):
                raise PromptChanged
            if has_new:
                _add_version(prompt, saved, actor)
    except IntegrityError as error:
        raise NameTaken(saved.name) from error
    return has_new


def summary_of(content: PromptContent) -> dict[str, Any]:
    """Return the facts of a content that lists show."""
    return {
        "variables": [variable.name for variable in content.variables],
        "messages": len(content.messages),
        "model": content.model,
        "has_system": bool(content.system),
    }


def _update(prompt: Prompt, edits: int, saved: PromptFields, version: int) -> bool:
    """Change the row, on condition that nobody else has; return whether it was changed."""
    # The version is a condition too: a new one takes the number after it.
    unchanged = Prompt.objects.filter(pk=prompt.pk, edits=edits, version=prompt.version)
    columns = {**_columns(saved), "version": version, "updated_at": now()}
    if not unchanged.update(**columns, edits=F("edits") + 1):
        return False
    for name, value in columns.items():
        setattr(prompt, name, value)
    prompt.edits = edits + 1
    return True


def _columns(saved: PromptFields) -> dict[str, Any]:
    words = "\n".join((saved.name, saved.description, *saved.content.texts))
    return {
        "name": saved.name,
        "description": saved.description,
        "summary": summary_of(saved.content),
        "folded": fold(words[:MAX_FOLDED]),
    }


def _add_version(prompt: Prompt, saved: PromptFields, actor: User) -> None:
    PromptVersion.objects.create(
        prompt=prompt, number=prompt.version, content=to_text(saved.content), note=saved.note, author=actor
    )
    audit.record(
        prompt.workspace_id,
        AuditAction.SAVE_PROMPT,
        actor=actor,
        subject=prompt.name,
        code=prompt.code,
        after={"version": prompt.version, "note": saved.note},
    )
