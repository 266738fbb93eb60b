"""Which parameters of a request a sentence of an upstream complains about.

Every upstream has its own sentences, and new ones come every month. So nothing is parsed: of the
names that were sent, those count that stand in a sentence of complaint, where they are written as
names are. What a sentence suggests instead is cut off before.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class Why(StrEnum):
    # The endpoint does not take the parameter at all.
    PARAMETER = "parameter"
    # It takes the parameter, but not this value.
    VALUE = "value"
    # It takes each of them, but not together.
    CONFLICT = "conflict"


_TOGETHER = re.compile(
    r"\bboth\b|\btogether\b|mutually exclusive|compatible|\bone of\b|\beither\b|same time|"
    r"\b(?:with|when|while|if|unless)\b",
    re.IGNORECASE,
)
_BAD_VALUE = re.compile(
    r"(?:unsupported|invalid|incorrect|illegal) (?:value|type)|\bof type\b|only the default", re.IGNORECASE
)
_UNKNOWN = re.compile(
    r"unsupported|un(?:recogni[sz]ed|known|expected|permitted)|extra(?:neous)?\b|additional propert|"
    r"deprecated|removed|cannot find field|(?:not|n't) (?:support|accept|recogni[sz]e|allow)\b|"
    r"(?:not|n't|no longer)(?: \w+){0,2} (?:supported|permitted|allowed|available|implemented|enabled|"
    r"recogni[sz]ed|a valid|valid (?:param|arg|field))",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\b(?:must|should|may only|can only|needs? to|has to|range|m(?:ax|in)imum|greater|less|larger|smaller|"
    r"at least|at most|exceeds?|above|below|between|too \w+|expected|positive|negative|invalid|not one of|"
    r"not a valid)\b",
    re.IGNORECASE,
)
# The subject of these is a parameter whose value is refused, their object one that is.
_DOES_NOT = re.compile(r"\b(?:does|do)(?: not|n['’]t) (?:support|accept|allow|recogni[sz]e)\b", re.IGNORECASE)
_SUGGESTION = re.compile(
    r"\b(?:expected one of|did you mean|(?:please )?use [\"'`‘“]|instead of|"
    r"(?:supported|allowed|valid|accepted|permitted|available) "
    r"(?:values|parameters|options|fields|keys|arguments) (?:are|include|is)?)",
    re.IGNORECASE,
)
# A full stop inside of a name or number ends no sentence.
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n+")
_ONLY_DEFAULT = re.compile(r"\bonly the default\b", re.IGNORECASE)
# Names in such a sentence are at odds with each other, even where they stand in a list.
_SURELY_TOGETHER = re.compile(
    r"\bboth\b|together|exclusive|compatible|one of|either|same time", re.IGNORECASE
)
# What is said of the whole request, not of a part with that name. Hardly two of them wrap each other,
# and without a bound a text of nothing but these would be read anew from each of them.
_WRAPPERS = r"(?:(?:body|request|param(?:eter)?s?|generation_?config|extra_body|[$#])[./]){0,4}"
_OPEN = "[\"'`‘“\\[(]"
_LEADS_TO_A_NAME = (
    r"(?:support|accept|recogni[sz]e|allow|param(?:eter)?s?(?:\(s\))?|arguments?|fields?|keys?|propert(?:y|ies)|"
    r"supplied|provided|range of|valid|unsupported|unknown|unrecogni[sz]ed|extra|:|,|\band)"
)
_FOLLOWS_A_NAME = (
    r"(?:(?:parameter|argument|field|value)s?\s+)?"
    r"(?:is|are|was|were|must|should|may|can|cannot|does|do|needs?|has|isn't|aren't|values?|parameter)\b"
)


def why_of(words: str) -> Why:
    """What words that come with the place of a parameter have against it.

    >>> why_of("Extra inputs are not permitted").value, why_of("Input should be less than 2").value
    ('parameter', 'value')
    """
    return Why.VALUE if _BAD_VALUE.search(words) or not _UNKNOWN.search(words) else Why.PARAMETER


def leaves_no_choice(words: str) -> bool:
    """Whether all other values of the parameter were refused with this one."""
    return bool(_ONLY_DEFAULT.search(words))


def complaints(text: str, sent: Collection[str]) -> Iterator[tuple[Why, list[str], str]]:
    """What is wrong, with which of the names that were ``sent``, and the sentence that says so."""
    for written in _SENTENCE_END.split(text.replace('\\"', '"')):
        # The patterns would try every way to share out a long gap between their parts.
        sentence = told = " ".join(written.split())
        if suggestion := _SUGGESTION.search(sentence):
            told = sentence[: suggestion.start()]
        places = {name: place for name in sent if (place := _place_of(name, told)) is not None}
        names = sorted(places, key=lambda name: places[name])
        if names and (found := _judge(told, names, places)):
            yield *found, sentence


def _judge(told: str, names: list[str], places: dict[str, int]) -> tuple[Why, list[str]] | None:
    if _BAD_VALUE.search(told):
        return Why.VALUE, names[:1]
    if len(names) > 1 and _TOGETHER.search(told) and not _is_list(told, names, places):
        return Why.CONFLICT, names
    if verb := _DOES_NOT.search(told):
        objects = [name for name in names if places[name] >= verb.end()]
        return (Why.PARAMETER, objects) if objects else (Why.VALUE, names)
    if _UNKNOWN.search(told):
        return Why.PARAMETER, names
    if _VALUE.search(told) or _leads(names[0], told):
        return Why.VALUE, names[:1]
    return None


def _is_list(told: str, names: list[str], places: dict[str, int]) -> bool:
    """Whether the names only follow one another: ``unknown arguments: a, b`` is no conflict."""
    if _SURELY_TOGETHER.search(told):
        return False
    between = told[places[names[0]] : places[names[-1]]]
    return not _TOGETHER.search(between)


def _place_of(name: str, text: str) -> int | None:
    """Where ``name`` stands as the name of a parameter, if it does."""
    found = (pattern.search(text) for pattern in _ways_to_write(name))
    return next((match.start("name") for match in found if match), None)


def _leads(name: str, text: str) -> bool:
    """Whether the text begins with the place: ``thinking.budget_tokens: Input is …``."""
    return bool(re.match(rf"\W*{_WRAPPERS}{_any_case(name)}[\w.\[\]/]*\s*:\s", text, re.IGNORECASE))


def _any_case(name: str) -> str:
    """``top_p`` as it was sent, and as ``topP``."""
    first, *others = name.split("_")
    camel = first + "".join(part.capitalize() for part in others)
    return re.escape(name) if camel == name else f"(?:{re.escape(name)}|{re.escape(camel)})"


@lru_cache(maxsize=1024)
def _ways_to_write(name: str) -> tuple[re.Pattern[str], ...]:
    # With what is inside of it, for a message that goes further: tools[0].function.
    spelled = rf"{_WRAPPERS}(?P<name>{_any_case(name)})(?![\w-])(?:[.\[/][\w.\[\]/]*)?"
    ways = [rf"{_OPEN}[#$/]{{0,4}}{spelled}\s*[^\w\s]"]
    if "_" in name:
        # No English word, wherever it stands.
        ways.append(rf"(?<![\w.\]/-]){spelled}")
    ways += [
        rf"(?:^|[;:]\s+|#/?){spelled}\s*:",
        rf"{_LEADS_TO_A_NAME}\s*:?\s+{spelled}",
        rf"(?<!\bthe )(?<!\bthis )(?<!\byour )(?<!\ba )(?<![\w.]){spelled}\s+{_FOLLOWS_A_NAME}",
    ]
    return tuple(re.compile(way, re.IGNORECASE) for way in ways)
