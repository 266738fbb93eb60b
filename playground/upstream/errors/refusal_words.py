"""The search for refused parameters in an upstream's sentences.

Every upstream has its own sentences, and new ones come every month. So sentences are not parsed. A sent
name counts as refused if a sentence of complaint holds it, written as a name is. Alternatives that a
sentence suggests are cut off first.
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
    # The endpoint takes the parameter, but not this value.
    VALUE = "value"
    # The endpoint takes each of the parameters, but not together.
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
# The subject of these verbs is a parameter whose value is refused; their object is a refused parameter.
_DOES_NOT = re.compile(r"\b(?:does|do)(?: not|n['’]t) (?:support|accept|allow|recogni[sz]e)\b", re.IGNORECASE)
_SUGGESTION = re.compile(
    r"\b(?:expected one of|did you mean|(?:please )?use [\"'`‘“]|instead of|"
    r"(?:supported|allowed|valid|accepted|permitted|available) "
    r"(?:values|parameters|options|fields|keys|arguments) (?:are|include|is)?)",
    re.IGNORECASE,
)
# A full stop inside a name or number ends no sentence.
_SENTENCE_END = re.compile(r"(?<=[.;!?])\s+|\n+")
_ONLY_DEFAULT = re.compile(r"\bonly the default\b", re.IGNORECASE)
# Names in such a sentence are in conflict, even if they stand in a list.
_SURELY_TOGETHER = re.compile(
    r"\bboth\b|together|exclusive|compatible|one of|either|same time", re.IGNORECASE
)
# These words mean the whole request, not a part with that name. They hardly nest, and without the bound
# a text of nothing but these would take quadratic time.
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
    """Return the reason that words about one parameter give.

    >>> why_of("Extra inputs are not permitted").value, why_of("Input should be less than 2").value
    ('parameter', 'value')
    """
    return Why.VALUE if _BAD_VALUE.search(words) or not _UNKNOWN.search(words) else Why.PARAMETER


def leaves_no_choice(words: str) -> bool:
    """Return whether the words refuse every value but the default."""
    return bool(_ONLY_DEFAULT.search(words))


def complaints(text: str, sent: Collection[str]) -> Iterator[tuple[Why, list[str], str]]:
    """Yield a reason, the names that it is about (among ``sent``), and the sentence that states it."""
    for written in _SENTENCE_END.split(text.replace('\\"', '"')):
        # On long runs of white space the patterns would take quadratic time.
        sentence = complaint = " ".join(written.split())
        if suggestion := _SUGGESTION.search(sentence):
            complaint = sentence[: suggestion.start()]
        places = {name: place for name in sent if (place := _place_of(name, complaint)) is not None}
        names = sorted(places, key=lambda name: places[name])
        if names and (found := _judge(complaint, names, places)):
            yield *found, sentence


def _judge(complaint: str, names: list[str], places: dict[str, int]) -> tuple[Why, list[str]] | None:
    if _BAD_VALUE.search(complaint):
        return Why.VALUE, names[:1]
    if len(names) > 1 and _TOGETHER.search(complaint) and not _is_list(complaint, names, places):
        return Why.CONFLICT, names
    if verb := _DOES_NOT.search(complaint):
        objects = [name for name in names if places[name] >= verb.end()]
        return (Why.PARAMETER, objects) if objects else (Why.VALUE, names)
    if _UNKNOWN.search(complaint):
        return Why.PARAMETER, names
    if _VALUE.search(complaint) or _leads(names[0], complaint):
        return Why.VALUE, names[:1]
    return None


def _is_list(complaint: str, names: list[str], places: dict[str, int]) -> bool:
    """Return whether the names are only listed: ``unknown arguments: a, b`` is no conflict."""
    if _SURELY_TOGETHER.search(complaint):
        return False
    between = complaint[places[names[0]] : places[names[-1]]]
    return not _TOGETHER.search(between)


def _place_of(name: str, text: str) -> int | None:
    """Return the position of ``name`` written as a parameter's name, or None."""
    found = (pattern.search(text) for pattern in _ways_to_write(name))
    return next((match.start("name") for match in found if match), None)


def _leads(name: str, text: str) -> bool:
    """Return whether the text begins with the place: ``thinking.budget_tokens: Input is …``."""
    return bool(re.match(rf"\W*{_WRAPPERS}{_any_case(name)}[\w.\[\]/]*\s*:\s", text, re.IGNORECASE))


def _any_case(name: str) -> str:
    """Return a pattern for ``top_p`` as it was sent, and as ``topP``."""
    first, *others = name.split("_")
    camel = first + "".join(part.capitalize() for part in others)
    return re.escape(name) if camel == name else f"(?:{re.escape(name)}|{re.escape(camel)})"


@lru_cache(maxsize=1024)
def _ways_to_write(name: str) -> tuple[re.Pattern[str], ...]:
    # The name may be followed by a path inside the parameter: tools[0].function.
    spelled = rf"{_WRAPPERS}(?P<name>{_any_case(name)})(?![\w-])(?:[.\[/][\w.\[\]/]*)?"
    ways = [rf"{_OPEN}[#$/]{{0,4}}{spelled}\s*[^\w\s]"]
    if "_" in name:
        # A name with an underscore cannot be an English word.
        ways.append(rf"(?<![\w.\]/-]){spelled}")
    ways += [
        rf"(?:^|[;:]\s+|#/?){spelled}\s*:",
        rf"{_LEADS_TO_A_NAME}\s*:?\s+{spelled}",
        rf"(?<!\bthe )(?<!\bthis )(?<!\byour )(?<!\ba )(?<![\w.]){spelled}\s+{_FOLLOWS_A_NAME}",
    ]
    return tuple(re.compile(way, re.IGNORECASE) for way in ways)
