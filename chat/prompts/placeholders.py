"""Placeholders of variables in texts: ``{{name}}``, with or without spaces inside the braces.

Langfuse and OpenAI write them so. A name begins with a letter or an underscore and has letters, digits, and
``_ - .`` after it; any other text in braces, such as an expression of a template language, stays as it is.
A backslash before the braces keeps them: ``\\{{name}}`` is the text ``{{name}}``. Two backslashes there are a
backslash and a placeholder, as in Handlebars, and so on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from chat.prompts.content import MAX_NAME

_NAME = rf"[^\W\d][\w.-]{{0,{MAX_NAME - 1}}}"
# A run of backslashes is read as a whole, which also keeps a long one from taking quadratic time.
_PLACEHOLDER = re.compile(rf"(?<!\\)(\\*+)\{{\{{[ \t]{{0,20}}({_NAME})[ \t]{{0,20}}\}}\}}")
_WHOLE_NAME = re.compile(_NAME)
# Braces that people of other tools would take for a placeholder.
_BRACES = re.compile(r"\{\{([^{}\n]{1,80})\}\}")


def is_name(name: str) -> bool:
    """
    >>> is_name("order.number"), is_name("2nd"), is_name("")
    (True, False, False)
    """
    return _WHOLE_NAME.fullmatch(name) is not None


def names_in(texts: Iterable[str]) -> list[str]:
    """Return the names of the variables in texts, in their order, each once.

    >>> names_in(["{{ b }} {{a}} {{b}}", r"\\{{kept}} {{if x}} { {c} }"])
    ['b', 'a']
    """
    found = dict.fromkeys(
        match[2] for text in texts for match in _PLACEHOLDER.finditer(text) if not len(match[1]) % 2
    )
    return list(found)


def odd_names_in(texts: Iterable[str]) -> list[str]:
    """Return what stands in double braces and is no name of a variable.

    >>> odd_names_in(["{{first name}} {{a}}"])
    ['first name']
    """
    found = dict.fromkeys(match[1].strip() for text in texts for match in _BRACES.finditer(text))
    return [each for each in found if each and not is_name(each)]


def replaced(text: str, value_of: Callable[[str], str | None]) -> str:
    """Put values in place of the placeholders. Those without a value stay; values are not looked at again.

    >>> replaced(r"{{a}} {{ b }} \\{{a}} \\\\{{a}}", {"a": "{{b}}"}.get)
    '{{b}} {{ b }} {{a}} \\\\{{b}}'
    """

    def put(match: re.Match[str]) -> str:
        slashes = match[1]
        half = slashes[: len(slashes) // 2]
        if len(slashes) % 2:
            return half + match[0][len(slashes) :]
        value = value_of(match[2])
        return match[0] if value is None else half + value

    return _PLACEHOLDER.sub(put, text)


def escaped(text: str) -> str:
    """Return a text that shows the braces of ``text`` and has no variables.

    >>> escaped(r"{{a}} \\{{b}}")
    '\\\\{{a}} \\\\\\\\\\\\{{b}}'
    """
    return _PLACEHOLDER.sub(lambda match: match[1] * 2 + "\\" + match[0][len(match[1]) :], text)


def from_plain_braces(text: str) -> str:
    """Return a text of a tool without escapes, so that its placeholders stay placeholders here.

    >>> from_plain_braces(r"\\{{a}} {{b}}")
    '\\\\\\\\{{a}} {{b}}'
    """
    return _PLACEHOLDER.sub(lambda match: match[1] * 2 + match[0][len(match[1]) :], text)
