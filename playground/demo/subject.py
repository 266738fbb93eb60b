"""The subject of a prompt, guessed from its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class SubjectKind(StrEnum):
    GREETING = "greeting"
    HOW = "how"
    WHY = "why"
    POEM = "poem"
    LIST = "list"
    WHAT = "what"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a prompt: ``topic`` is a short phrase from it, ``keywords`` its content words."""

    topic: str
    kind: SubjectKind
    keywords: tuple[str, ...]

    @property
    def title(self) -> str:
        return self.topic[:1].upper() + self.topic[1:]


_FILLERS = frozenset(
    re.findall(
        r"\w+",
        """
        a about all also an and any are as at be been but by can could did do does for from get give had
        has have how i if in into is it its just let like make many me more much my no not of on one or
        our out please so some tell than that the their them then there these they this to too two up us
        very was we were what when where which who why will with would write you your explain describe
        show list say answer short long plan words word sentence sentences
        """,
    )
)
_LEAD = re.compile(
    r"^(?:(?:please|hey|hi|hello|so|now|ok|okay|and|well|could you|can you|would you|will you|i want you to|"
    r"i would like to|help me(?: to)?|let us|let's|tell me|show me|give me|teach me|explain(?: to me)?|"
    r"describe|"
    r"summarise|summarize|compare|list|write(?: me)?|draft|compose|plan|think|what(?:'s| is| are| was| were)|"
    r"who(?:'s| is| are)|how (?:do|does|did|can|could|should|would|to|many|much)|why (?:do|does|did|is|are)|"
    r"why|how|what|when|where|which|who|is|are|does|do|can|"
    r"(?:an?|the|some|three|five|ten) (?:short |quick |brief |little |friendly )*"
    r"(?:haiku|poem|story|list|table|summary|overview|introduction|note|letter|email|plan)|"
    r"about|on|of|for|to|between|how|you|i|we|me|through|step by step|slowly|a|an|the)\b[\s,:]*)+",
    re.IGNORECASE,
)
# Phrases about the form of the answer, which are not part of the topic.
_MANNER = re.compile(
    r"[\s,]+(?:with|in|as|using|by)\s+(?:an?\s+|some\s+|the\s+)?(?:short\s+|simple\s+)?"
    r"(?:tables?|code|formulas?|lists?|bullets?|steps|latex|json|markdown|python|javascript|rust|sql|bash|"
    r"words|sentences|examples?)\b.*",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|day|afternoon|evening)|hallo|salut|hola)\b", re.I
)
_LONGEST_TOPIC = 6
_LOOKED_AT = 2000


def read(prompt: str) -> Subject:
    """Guess the subject of a prompt; the topic is never empty.

    >>> read("Please explain how tides work.").topic
    'tides work'
    >>> read("Hello!").kind
    <SubjectKind.GREETING: 'greeting'>
    """
    prompt = prompt.strip()[:_LOOKED_AT]
    first = re.split(r"(?<=[.?!])\s|\n", prompt, maxsplit=1)[0]
    rest = _LEAD.sub("", first).strip(" \t\"'“”.?!,:;*_`#>()[]{}|$\\/<")
    words = _MANNER.sub("", rest).split()[:_LONGEST_TOPIC]
    while words and words[-1].lower().strip(",;:") in _FILLERS:
        words.pop()
    topic = " ".join(words).strip(" \"'“”.?!,:;*_`#>()[]{}|$\\/<") or "this"
    return Subject(topic[:80], _kind(prompt, rest), keywords(prompt))


def keywords(text: str, most: int = 6) -> tuple[str, ...]:
    """Return the distinct content words of a text, in order."""
    found = dict.fromkeys(word.lower() for word in re.findall(r"[^\W\d_]{3,30}", text))
    return tuple(word for word in found if word not in _FILLERS)[:most]


def _kind(prompt: str, rest: str) -> SubjectKind:
    lower = prompt.lower()
    if _GREETING.match(prompt) and len(rest.split()) <= 2:
        return SubjectKind.GREETING
    for kind, pattern in (
        (SubjectKind.POEM, r"\b(haiku|poem|verse|rhyme|song)\b"),
        (SubjectKind.LIST, r"\b(list|ideas|names|examples|ways|tips|reasons)\b"),
        (SubjectKind.WHY, r"\bwhy\b"),
        (SubjectKind.HOW, r"\bhow\b"),
    ):
        if re.search(pattern, lower):
            return kind
    return SubjectKind.WHAT
