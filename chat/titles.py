"""The title of a conversation: of its first prompt or first attachment, or by a model of the first exchange.

People rename it later.
"""

from __future__ import annotations

import re

from accounts.names import one_line
from playground.upstream.dialects.shared.transcript import Role, Text, Transcript, Turn

TITLE_CHARACTERS = 60
# The title of each temporary chat.
TEMPORARY_TITLE = "Temporary chat"
# The beginning of a prompt in which the title is looked for.
_READ = 20_000

# The most characters of the prompt, and of the answer, that a model reads for a title.
READ_BY_MODEL = 1_000
INSTRUCTION = (
    "Write a title for the conversation below, in the language of its prompt. Use at most six words. "
    "Reply with the title alone, without quotation marks or a full stop."
)
# A line of a model in which its title is looked for.
_LONGEST_LINE = 500
# Some models write around a title: the marks of Markdown, a label and quotes.
_OPENING = re.compile(r"^(?:#{1,6}|>|[*+-])\s+")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_LABEL = re.compile(r"^(?:title|titel|titre|título|titolo|название|标题|タイトル)\s*[:：]\s*", re.IGNORECASE)
_QUOTES = '"“”„‟«»‹›「」『』《》'
_APOSTROPHES = "'‘’‚"


def title_of(prompt: str) -> str:
    """Make a title of the first line of a prompt, cut between words.

    >>> title_of("  Write a haiku\\nabout rain")
    'Write a haiku'
    >>> title_of("\\u202e\\n\\u2066What is \\u202eterces\\u202c?")
    'What is terces?'
    """
    line = next(filter(None, map(one_line, prompt[:_READ].splitlines())), "New chat")
    return _cut(line)


def title_request(prompt: str, answer: str) -> Transcript:
    """Write the messages that ask a model for the title of a conversation, of its beginning alone."""
    text = f"{INSTRUCTION}\n\nPrompt:\n{_beginning(prompt)}\n\nAnswer:\n{_beginning(answer)}"
    return (Turn(Role.USER, (Text(text),)),)


def title_in(text: str) -> str:
    """Return the title that a model has written, as one plain line; empty if there is none.

    >>> title_in('**Title:** "Rain in *Kyoto*."\\n\\nLet me know!')
    'Rain in Kyoto'
    >>> title_in(" \\u202e\\n***\\n")
    ''
    """
    for line in text[:_READ].splitlines():
        title = _plain(one_line(line[:_LONGEST_LINE]))
        if any(character.isalnum() for character in title):
            return _cut(title)
    return ""


def _plain(line: str) -> str:
    """Remove what is not the title itself.

    >>> _plain("## `C#` and __snake_case__"), _plain("«Don't» or \"do\"."), _plain("Title: 'Don't panic.'")
    ('C# and snake_case', '«Don\'t» or "do"', "Don't panic")
    """
    line = _OPENING.sub("", line)
    # The second time finds what was inside of other emphasis.
    for _ in range(2):
        line = _EMPHASIS.sub(r"\2", line)
    line = _LABEL.sub("", line).rstrip(".。 ")
    inside = line[1:-1]
    is_quoted = line[:1] in (marks := _QUOTES + _APOSTROPHES) and line[-1:] in marks
    if len(line) > 2 and is_quoted and not any(mark in inside for mark in _QUOTES):
        line = inside.rstrip(".。 ").strip()
    return line


def _cut(line: str) -> str:
    if len(line) <= TITLE_CHARACTERS:
        return line
    return line[:TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"


def _beginning(text: str) -> str:
    text = text.strip()
    return text if len(text) <= READ_BY_MODEL else f"{text[:READ_BY_MODEL]}…"


def name_of_copy(name: str, mark: str, longest: int | None) -> str:
    """Return the name or title of a copy, which says once that it is one.

    >>> name_of_copy("Zebra", " (copy)", 20), name_of_copy("Zebra (copy)", " (copy)", 10)
    ('Zebra (copy)', 'Zeb (copy)')
    """
    return name.removesuffix(mark)[: (longest or 0) - len(mark)] + mark
