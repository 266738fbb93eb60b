"""The demo at each kind of endpoint: the same requests and answers in the shapes of each dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playground.demo.dialects import messages, responses
from playground.demo.replies import Reply
from playground.demo.requests import ChatRequest
from playground.upstream.dialects.chat_completions import DIALECT

CHAT_COMPLETIONS = DIALECT.kind


def _nothing(_: dict[str, Any]) -> list[tuple[str, str]]:
    return []


@dataclass(frozen=True, slots=True)
class DemoDialect:
    """The demo's side of a dialect: it reads requests and writes answers."""

    read: Callable[[dict[str, Any]], ChatRequest]
    reply: type[Reply]
    id_prefix: str
    # The function that finds the path and the message of each error that no schema can express.
    problems: Callable[[dict[str, Any]], list[tuple[str, str]]] = _nothing


DIALECTS = {
    CHAT_COMPLETIONS: DemoDialect(ChatRequest.from_body, Reply, "chatcmpl-"),
    responses.KIND: DemoDialect(responses.read, responses.ResponsesReply, "resp_"),
    messages.KIND: DemoDialect(messages.read, messages.MessagesReply, "msg_", messages.problems),
}
