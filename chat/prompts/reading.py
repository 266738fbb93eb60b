"""The prompts in a text, whichever tool wrote it. Nothing is stored, fetched or executed."""

from __future__ import annotations

import re
from typing import Any

from chat.prompts.content import ContentRefused
from chat.prompts.imported import MAX_PROMPTS, PromptImportRefused, ReadImport, ReadPrompt
from chat.prompts.own_format import is_own, read_own_prompts
from chat.prompts.reading_langfuse import is_langfuse, is_langfuse_list, read_langfuse, read_langfuse_list
from chat.prompts.reading_openai import is_response, printed_response, read_response
from chat.prompts.reading_page import read_page
from chat.prompts.reading_promptfoo import is_promptfoo, read_promptfoo
from playground.catalogue.documents import DocumentRefused, load

MAX_BYTES = 5_000_000
_EXPECTED = (
    "Expected is a response of OpenAI, the text of its prompt page, a prompt of Langfuse, a configuration of "
    "promptfoo, or an export of this library."
)
_YAML = re.compile(r"^(?:description|prompts|providers|targets|tests|defaultTest)\s*:", re.MULTILINE)


def read_prompts(text: str) -> ReadImport:
    """Read the prompts of a text.

    :raises PromptImportRefused: it holds none that can be read; the message says what was expected.
    """
    text = text.lstrip("\ufeff").strip().replace("\r\n", "\n")
    if not text:
        raise PromptImportRefused("Paste a text or choose a file first.")
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise PromptImportRefused(f"The text has more than {MAX_BYTES // 1_000_000} MB. Import it in parts.")
    try:
        if printed := printed_response(text):
            return _of_value(printed)
        if text.startswith(("{", "[")) or _YAML.search(text):
            return _of_value(_loaded(text))
        return ReadImport("the text of a prompt", (read_page(text.replace("\0", "")),))
    except ContentRefused as refusal:
        raise PromptImportRefused(str(refusal)) from refusal


def _loaded(text: str) -> Any:
    try:
        return load(text.encode())
    except (DocumentRefused, UnicodeEncodeError) as refusal:
        raise PromptImportRefused(f"This cannot be read: it is {refusal}. {_EXPECTED}") from refusal


def _of_value(value: Any) -> ReadImport:
    if is_own(value):
        return ReadImport("an export of this library", read_own_prompts(value))
    if is_response(value):
        return ReadImport("a response of OpenAI", (read_response(value),))
    if is_langfuse_list(value):
        return ReadImport("a list of Langfuse", listed=read_langfuse_list(value)[:MAX_PROMPTS])
    if is_promptfoo(value):
        return read_promptfoo(value)
    several = value if isinstance(value, list) else value.get("data") if isinstance(value, dict) else None
    if is_langfuse(value):
        several = [value]
    if isinstance(several, list) and several and all(map(is_langfuse, several)):
        return _of_langfuse(several[:MAX_PROMPTS])
    raise PromptImportRefused(f"There is no prompt in this. {_EXPECTED}")


def _of_langfuse(several: list[Any]) -> ReadImport:
    """Read prompts, and join versions of the same name. One that cannot be read does not stop the others.

    :raises PromptImportRefused: none can be read.
    """
    by_name, refused = dict[str, ReadPrompt](), list[str]()
    for value in several:
        try:
            found = read_langfuse(value)
        except (ContentRefused, PromptImportRefused) as refusal:
            refused.append(f"{value['name'][:80]} cannot be imported. {refusal}")
        else:
            known = by_name.get(found.name)
            by_name[found.name] = found if known is None else known.with_more(found)
    if not by_name:
        raise PromptImportRefused(" ".join(refused[:3]))
    return ReadImport("an export of Langfuse", tuple(by_name.values()), notes=tuple(refused))
