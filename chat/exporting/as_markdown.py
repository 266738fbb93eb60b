"""The branch that a conversation shows, as a transcript in Markdown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.timezone import localtime

from chat.exporting.portions import along
from chat.models import Message
from chat.transcript import Tree, calls_in, said_in
from playground.labels import model_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.exporting.portions import Exported
    from chat.models import Conversation, StoredFile
    from playground.labels import ModelKey

_MARKS = re.compile(r"([\\`*_\[\]<>#|])")


def as_markdown(conversation: Conversation) -> Iterator[str]:
    """Yield the pieces of the transcript."""
    when = localtime(conversation.created_at)
    yield f"# {escaped(conversation.title)}\n\n{when:%d %B %Y, %H:%M}\n"
    system = conversation.system_text
    for portion in along(Tree(conversation).path(conversation.head_id)):
        runs = [each.run for each in portion if each.run]
        names = model_names(conversation.workspace, {(run.provider_code, run.model_id) for run in runs})
        for each in portion:
            # The first answer tells under which system prompt the conversation began.
            if system and each is portion[0]:
                yield f"\n## System prompt\n\n{system}\n"
                system = ""
            yield f"\n## {_heading(each, names)}\n\n{_body(each)}\n"
    if system:
        yield f"\n## System prompt\n\n{system}\n"


def escaped(text: str) -> str:
    r"""Return a text as one line that Markdown shows as it is.

    >>> escaped("Rain *in*\n[Ulm](javascript:)")
    'Rain \\*in\\* \\[Ulm\\](javascript:)'
    """
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def fenced(text: str, language: str = "") -> str:
    """Return a text as a code block, whose fence is longer than any run of backticks in it.

    >>> fenced("a ``` b")
    '````\\na ``` b\\n````'
    """
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def _heading(each: Exported, names: dict[ModelKey, str]) -> str:
    message, run = each.message, each.run
    if message.role == Message.Role.TOOL:
        return f"Result of {escaped(str(message.data.get('name') or 'a call'))}"
    if message.role == Message.Role.SYSTEM:
        return "System"
    if message.role == Message.Role.USER:
        return escaped(each.author_name or "User")
    if run:
        return escaped(names[run.provider_code, run.model_id])
    named = message.model_id or message.data.get("imported", {}).get("model")
    return escaped(str(named or "Assistant"))


def _body(each: Exported) -> str:
    message, said = each.message, said_in(each.message)
    parts = [_file(file) for file in each.files]
    if reasoning := said.get("reasoning"):
        parts.append(
            "\n".join(f"> {line}".rstrip() for line in ["**Reasoning**", "", *reasoning.split("\n")])
        )
    text = said.get("text") or said.get("refusal") or said.get("transcript") or ""
    if text:
        parts.append(fenced(text) if message.role == Message.Role.TOOL else text)
    for call in calls_in(said):
        parts.append(f"Call of `{escaped(call.name)}`:\n\n{fenced(call.arguments, 'json')}")
    if each.run and each.run.error:
        parts.append(f"*The answer failed: {escaped(str(each.run.error.get('message', '')))}*")
    return "\n\n".join(parts)


def _file(file: StoredFile) -> str:
    if file.address:
        return f"Attached: {escaped(file.name)} (<{file.address}>)"
    return f"Attached: {escaped(file.name)} ({file.media_type}, {file.byte_size:,} bytes)"
