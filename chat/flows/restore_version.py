from __future__ import annotations

from typing import TYPE_CHECKING

from chat.flows.save_prompt import PromptFields, save_prompt

if TYPE_CHECKING:
    from accounts.models import User
    from chat.models import Prompt, PromptVersion


def restore_version(prompt: Prompt, version: PromptVersion, edits: int, *, actor: User) -> bool:
    """Save the content of an earlier version as the newest one; return whether that made a version.

    :raises PromptChanged: somebody else has changed or deleted the prompt since.
    """
    note = f"Version {version.number} again"
    saved = PromptFields(prompt.name, prompt.description, version.read(), note)
    return save_prompt(prompt, saved, edits, actor=actor)
