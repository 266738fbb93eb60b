"""The tags around reasoning, and the places in a text where a tag is only talked about."""

from __future__ import annotations

import re
from typing import NamedTuple


class Tag(NamedTuple):
    open: str
    close: str


# The tag of most models comes first. Its closing half may stand alone, because templates of some local
# servers put the opening half into the prompt.
TAGS = (
    Tag("<think>", "</think>"),
    # Prompts for Claude and many fine-tuned models.
    Tag("<thinking>", "</thinking>"),
    # Mistral's Magistral behind servers that do not parse it.
    Tag("[THINK]", "[/THINK]"),
    # Gemini behind its endpoint for OpenAI's clients.
    Tag("<thought>", "</thought>"),
    # ByteDance's Seed-OSS.
    Tag("<seed:think>", "</seed:think>"),
    # Kimi-VL.
    Tag("◁think▷", "◁/think▷"),
)
ORPHAN = TAGS[0].close

# Finish reasons of an answer that the model ended itself. A model that calls a tool while it thinks
# need not close its tag first, so the reasons for calls are not among them.
_BY_ITSELF = frozenset(
    ["stop", "end_turn", "stop_sequence", "eos", "eos_token", "end", "complete", "completed", "normal"]
)

_FENCE = re.compile(
    r"^[ \t>]*+(?:(?:[-*+]|\d{1,9}+[.)])[ \t]++)?+(?P<marks>`{3,}+|~{3,}+)(?P<rest>[^\n]*+)$", re.MULTILINE
)
QUOTES = ("`", '"')
_BACKTICKS = re.compile(r"(?<!\\)`+")
# Beginnings of lines that quote or list something.
_MARKER = re.compile(r"[ \t]*(?:[-*+|>#]+|\d{1,9}[.)])[ \t]*")
_OPENERS = tuple("`\"'“‘„«‹「『([{*_")
_ENDS_OF_SENTENCES = tuple('.!?…。！？।؟:;)]}"”’»」』`*')
# A line that is indented by so many columns is code.
_CODE_INDENT = 4


def ended_by_itself(reason: str) -> bool:
    return reason.lower() in _BY_ITSELF


def is_in_code(text: str) -> bool:
    """Return whether what follows the text would be in a code block or a code span, in linear time.

    >>> is_in_code("a `b` c"), is_in_code("a `b"), is_in_code("```\\na"), is_in_code("```\\na\\n```\\n")
    (False, True, True, False)
    """
    fence, start = "", 0
    for found in _FENCE.finditer(text):
        marks, rest = found["marks"], found["rest"]
        if fence:
            if marks.startswith(fence) and not rest.strip():
                fence, start = "", found.end()
        elif not (marks[0] == "`" and "`" in rest):
            fence = marks
    if fence:
        return True
    span = 0
    for run in _BACKTICKS.finditer(text, max(start, text.rfind("\n\n"))):
        if not span:
            span = len(run[0])
        elif span == len(run[0]):
            span = 0
    return bool(span)


def closes_reasoning(text: str, gap: str) -> bool:
    """Return whether a closing tag without an opening one ends reasoning rather than being talked about.

    ``text`` comes before the tag; ``gap`` is the white space after it, before more text. The tag has to
    be the last one of its line, outside code, and either alone there or behind a whole sentence or word.

    >>> closes_reasoning("So be it.\\n", "\\n\\n"), closes_reasoning("So be it.", "\\n")
    (True, True)
    >>> closes_reasoning("It ends with ", " "), closes_reasoning("It ends with ", "\\n")
    (False, False)
    """
    if not ("\n" in gap or "\r" in gap) or any(tag.open in text for tag in TAGS):
        return False
    line = re.split(r"[\n\r]", text[-1_000:])[-1]
    if not line.strip():
        return len(line.expandtabs(4)) < _CODE_INDENT and not is_in_code(text)
    if _MARKER.fullmatch(line) or line.endswith(_OPENERS):
        return False
    is_apart = line[-1].isspace()
    return not (is_apart and not line.rstrip().endswith(_ENDS_OF_SENTENCES)) and not is_in_code(text)


def is_left_over(text: str) -> bool:
    """Return whether a closing tag at the very end of an answer is noise: GLM 4.5 ends plain answers so.

    >>> is_left_over("Yes."), is_left_over("Yes.\\n"), is_left_over("It ends with ")
    (True, True, False)
    """
    line = text[-1_000:].rpartition("\n")[2]
    return (not line or not (line[-1].isspace() or line.endswith(_OPENERS))) and not is_in_code(text)


def is_quoted(before: str, after: str) -> bool:
    """Return whether a tag between these texts stands in quotation marks or in a code span.

    >>> is_quoted("the tag `", "` ends it"), is_quoted("it is `x`", "`x`")
    (True, False)
    """
    mark = before[-1:]
    if mark not in QUOTES or not after.startswith(mark):
        return False
    return before.rpartition("\n")[2].count(mark) % 2 == 1


def cut_off(text: str, tag: str) -> int:
    """Return how many characters at the end of the text may be the beginning of the tag."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return length
    return 0
