"""A prompt as it leaves: as JSON with all its versions, and as code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chat.exceptions import PromptRefused
from chat.flows.build_request import Choice, write_request
from chat.flows.use_prompt import turns_of
from chat.pages.code import code_of_body
from chat.pages.items import item_context
from chat.pages.prompt_today import today_of
from chat.pages.prompt_use import version_to_use
from chat.prompts.content import VariableKind
from chat.prompts.filling import filled
from chat.prompts.imported import ReadPrompt, ReadVersion
from chat.prompts.own_format import written
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects.shared.transcript import Role, Text, TranscriptRefused, Turn

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import Prompt
    from chat.pages.prompt_today import PromptToday
    from chat.prompts.content import PromptContent


def exported(prompt: Prompt) -> str:
    """Return a prompt with all its versions as JSON that can be imported again."""
    versions = prompt.versions.order_by("number")
    read = tuple(ReadVersion(each.number, each.read(), each.note) for each in versions)
    return written([ReadPrompt(prompt.name, read, prompt.description, prompt.production)])


def export_context(membership: Membership, prompt: Prompt) -> dict[str, Any]:
    version = version_to_use(prompt)
    content = version.read() if version else None
    context: dict[str, Any] = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "prompts",
        "tab": "export",
        "can_edit": prompt.is_writable,
        **item_context(membership, prompt),
        "prompt": prompt,
        "version": version,
    }
    if content is None:
        return context
    today = today_of(membership, content)
    files = [each.name for each in content.variables if each.kind is VariableKind.FILE]
    return {**context, "today": today, "files": files, **_code(membership, content, today)}


def _code(membership: Membership, content: PromptContent, today: PromptToday) -> dict[str, Any]:
    """Return the context of ``chat/_code.html``, or the reason why there is no code."""
    if today.endpoint is None:
        return {}
    # Variables stay as they are: whoever runs the code puts values in their place.
    found = filled(content, {each.name: f"{{{{{each.name}}}}}" for each in content.variables})
    turns = turns_of(found, {})
    if found.system:
        turns = [Turn(Role.SYSTEM, (Text(found.system),)), *turns]
    try:
        built = write_request(Choice(today.endpoint, today.parameters), membership.workspace_id, tuple(turns))
    except (PromptRefused, BodyInvalid, TranscriptRefused) as refusal:
        return {"refusal": str(refusal)}
    return code_of_body(built.body, today.endpoint, membership.workspace, membership.user)
