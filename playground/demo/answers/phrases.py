"""Sentences about any topic. ``{topic}`` is replaced; the most likely ones come first."""

from __future__ import annotations

from playground.demo.subject import Subject, SubjectKind
from playground.demo.voice import Voice

_OPENERS = (
    "You asked about “{topic}”. I am only the built-in demo, but I listen well.",
    "Ah, “{topic}”. No real model sits behind me, so take this as a sketch of an answer.",
    "“{topic}” it is. I am a demo: the words are cheerful, the knowledge is thin.",
    "Good question, and a brave one to put to a demo: “{topic}”.",
    "Let us see what a few lines of Python can say about “{topic}”.",
    "“{topic}”! Somebody had to ask, and somebody small has to answer.",
)
_BODIES: dict[SubjectKind, tuple[str, ...]] = {
    SubjectKind.HOW: (
        "Begin with the smallest piece of it that can go wrong, and let it go wrong where you can see it.",
        "Do it once by hand before you let anything do it for you; the second time you know what to ask for.",
        "Write down what has to be true afterwards, then walk backwards until you reach what you have now.",
        "Take the part that everybody skips, and do that part first.",
        "Half of the work is naming things, and the other half is noticing that the names were wrong.",
        "Find someone who failed at it recently; they remember the corners.",
    ),
    SubjectKind.WHY: (
        "Usually because two reasonable ideas met and neither would step aside.",
        "One cause is never enough: look for the slow one that was there and the quick one that set it off.",
        "Ask what would have to be different for it not to be so, and the reason is often standing there.",
        "Because it once saved somebody trouble, and habits outlive the trouble they were made for.",
        "Part of it is plain physics, part of it is people, and people are the harder part.",
        "The honest answer begins with “it depends”, and becomes interesting at “on what”.",
    ),
    SubjectKind.WHAT: (
        "It is easiest to meet in an example, a counter-example, and the line between them.",
        "Think of it as a promise: it says what you may rely on and keeps quiet about the rest.",
        "In one breath: something goes in, something is decided, and something else comes out.",
        "Most people know it by its effects long before they know it by its name.",
        "Its edges are where it gets good; the middle is in every textbook.",
        "If it were a tool, it would hang between the ones you use daily and the ones you inherited.",
    ),
    SubjectKind.LIST: (
        "Three to begin with: the obvious one, the cheap one, and the one you would rather not try.",
        "First what is near, then what is new, and last what nobody has asked for yet.",
        "I would order them by how easily each can be undone.",
        "Keep the list short enough to remember on the way to the kitchen.",
        "Cross out the first two; they are everybody's first two.",
    ),
    SubjectKind.GREETING: (
        "Ask me anything: I will not know it, but I will answer quickly.",
        "Everything that you see here travelled as a real stream over HTTP.",
        "Turn a parameter on the right and ask again; the answer shows what changed.",
        "There are other demo models as well: one writes Markdown, one thinks aloud, one takes its time.",
    ),
}
_GREETINGS = (
    "Hello! Nice of you to drop in.",
    "Hi there, and welcome to the playground.",
    "Good to see you! The kettle is on.",
    "Hello, hello. Is this thing streaming? It is.",
)
_LINES = (
    ("{topic}",),
    (
        "somebody opens a window",
        "a small sound, and then a second",
        "the whole street leans in to hear",
        "old roofs keep the count of it",
    ),
    ("and the cat agrees", "then it is evening", "we leave the door ajar", "nothing else to fix"),
)


def opener(voice: Voice, subject: Subject) -> str:
    if subject.kind is SubjectKind.GREETING:
        return voice.pick(_GREETINGS)
    return voice.pick(_OPENERS).format(topic=_plain(subject.topic))


def body(voice: Voice, subject: Subject, sentences: int) -> list[str]:
    return voice.several(_BODIES.get(subject.kind, _BODIES[SubjectKind.WHAT]), sentences)


def poem(voice: Voice, subject: Subject) -> str:
    return "\n".join(voice.pick(choices).format(topic=_plain(subject.topic)) for choices in _LINES)


def quoted_at_end(text: str) -> str:
    """Quote a text at the end of a sentence, with one full stop at most.

    >>> quoted_at_end("Be brief."), quoted_at_end("Hello")
    ('“Be brief.”', '“Hello”.')
    """
    return f"“{text}”" + ("" if text.endswith((".", "!", "?", "…")) else ".")


def _plain(topic: str) -> str:
    """Remove braces from a topic, which `format` would interpret."""
    return topic.replace("{", "(").replace("}", ")")
