"""Sources of results in the library: saved examples, and schemas of results."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from accounts.permissions import Action, allows
from chat.library_access import visible_items
from chat.models import Tool
from chat.pages.tool_calls import call_views
from chat.transcript import calls_of

if TYPE_CHECKING:
    from accounts.models import Membership
    from chat.models import Message

# The name of the only parameter in the form of a result.
RESULT = "result"


def result_sources(message: Message, membership: Membership) -> dict[str, Any]:
    calls = call_views(calls_of(message))
    visible = visible_items(Tool, membership).filter(name__in={call.name for call in calls})
    # The older one counts of two with one name, such as a private one and one of the team.
    tools = {tool.name: tool for tool in visible.order_by("-pk")}
    return {
        "message": message,
        "calls": [(call, tools[call.name]) for call in calls if call.name in tools],
        "can_save": allows(membership.role, Action.EDIT_LIBRARY),
    }


def result_schema(membership: Membership, name: str) -> dict[str, Any] | None:
    """Return the schema of a tool's results, if the library has one."""
    named = visible_items(Tool, membership).filter(name=name).order_by("pk")
    text = named.values_list("result_schema", flat=True).first()
    schema: dict[str, Any] | None = json.loads(text) if text else None
    return schema


def empty_value(schema: dict[str, Any]) -> Any:
    """Return the result of a form in which nothing was filled in."""
    stated = schema.get("type", "object")
    empty: dict[str, Any] = {"object": {}, "array": [], "string": ""}
    return next(
        (empty[each] for each in ([stated] if isinstance(stated, str) else stated) if each in empty), None
    )


def as_request(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema whose only parameter is the result, since a form is made of a request's schema."""
    shared: dict[str, Any] = {name: schema[name] for name in ("$defs", "definitions") if name in schema}
    return {"type": "object", "properties": {RESULT: schema}, "required": [RESULT], **shared}
