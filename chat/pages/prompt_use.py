"""The form that fills in the variables of a prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.pages.items import item_context
from chat.pages.prompt_today import today_of
from chat.pages.prompts import found_prompts
from chat.prompts.content import MessageRole, VariableKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import Membership
    from chat.models import Prompt, PromptVersion
    from chat.prompts.content import PromptContent, Variable

# The fields of the form are named after the variables.
FIELD = "value."


@dataclass(frozen=True, slots=True)
class ValueField:
    """A variable in the form, with what was typed for it and what is wrong with that."""

    variable: Variable
    typed: str
    problem: str = ""

    @property
    def name(self) -> str:
        return f"{FIELD}{self.variable.name}"

    @property
    def id(self) -> str:
        return f"value-{self.variable.name}"

    @property
    def bounds(self) -> str:
        """The bounds of the value in words; empty if there are none."""
        each = self.variable
        words = [f"at least {each.least:g}"] if each.least is not None else []
        words += [f"at most {each.most:g}"] if each.most is not None else []
        words += [f"at most {each.longest:,} characters"] if each.longest is not None else []
        return ", ".join(words)


def fields_of(
    content: PromptContent, typed: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None
) -> list[ValueField]:
    """Return the fields of a content, with its defaults where nothing was typed yet."""
    problems = problems or {}
    return [
        ValueField(
            each, each.default if typed is None else typed.get(each.name, ""), problems.get(each.name, "")
        )
        for each in content.variables
    ]


def version_to_use(prompt: Prompt, number: int = 0) -> PromptVersion | None:
    """Return the version with a number; without one, the version for production, else the newest."""
    wanted = number or prompt.production or prompt.version
    return prompt.versions.filter(number=wanted).first()


def is_plain(content: PromptContent) -> bool:
    """Return whether a prompt is one text, which the composer can take without a new chat."""
    files = any(each.kind is VariableKind.FILE for each in content.variables)
    is_one = len(content.messages) == 1 and content.messages[0].role is MessageRole.USER
    return is_one and not (files or content.system or content.parameters)


def pick_context(membership: Membership) -> dict[str, Any]:
    return {"workspace": membership.workspace, "listed": found_prompts(membership)}


def use_context(
    membership: Membership, prompt: Prompt, version: PromptVersion, fields: list[ValueField] | None = None
) -> dict[str, Any]:
    content = version.read()
    return {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "prompts",
        "tab": "use",
        "can_edit": prompt.is_writable,
        **item_context(membership, prompt),
        "prompt": prompt,
        "version": version,
        "content": content,
        "fields": fields_of(content) if fields is None else fields,
        "today": today_of(membership, content),
    }
