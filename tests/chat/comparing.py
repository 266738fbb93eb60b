"""Comparisons for tests."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from chat.flows.build_request import Choice
from chat.flows.create_comparison import create_comparison
from chat.flows.send_to_columns import ToColumn, send_to_columns
from playground.models import Endpoint

if TYPE_CHECKING:
    from uuid import UUID

    from accounts.models import User, Workspace
    from chat.models import Conversation, Run

MODELS = ("demo/plain", "demo/markdown")


def endpoint_named(model_id: str) -> Endpoint:
    found = Endpoint.objects.select_related("model__provider")
    return found.get(model__model_id=model_id, kind="chat/completions")


def compare(workspace: Workspace, user: User, count: int = 2) -> Conversation:
    """Return the entry of a comparison whose columns have the demo's models in turn."""
    names = [MODELS[place % len(MODELS)] for place in range(count)]
    return create_comparison(workspace, user, [Choice(endpoint_named(name), {}) for name in names])


def columns_of(entry: Conversation) -> list[Conversation]:
    return list(entry.columns.select_related("model__provider").order_by("column_place"))


def send(
    entry: Conversation, user: User, text: str = "Hello", key: UUID | None = None, **more: Any
) -> list[Run]:
    """Send a prompt to all columns, each with its model."""
    parts = [
        ToColumn(column, Choice(endpoint_named(column.model.model_id), column.parameters))
        for column in columns_of(entry)
        if column.model
    ]
    return send_to_columns(entry, user, text, parts, key or uuid.uuid4(), **more)
