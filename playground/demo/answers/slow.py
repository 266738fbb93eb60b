from __future__ import annotations

from playground.demo import subject
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.voice import Voice

_BEGINNINGS = (
    "There is no hurry with {topic}.",
    "Let us take {topic} one word at a time.",
    "Slowly, then: {topic}.",
)
_MIDDLES = (
    "First comes a little of it, and then, when you had stopped waiting, a little more.",
    "Somebody far away turns a page, and here a word arrives.",
    "You could make tea now, and I would still be in this sentence when you came back.",
    "The tide has its own clock and so have I.",
    "Every word was weighed, found light, and sent anyway.",
)
_HINTS = (
    "You may press Stop at any moment: what has arrived so far stays.",
    "Reload the page if you like: I go on talking, and nothing is lost or said twice.",
    "Open this conversation in a second window, and both will read the same words.",
)


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Answer slowly, for about half a minute."""
    topic = subject.read(request.prompt).topic
    beginning = voice.pick(_BEGINNINGS).replace("{topic}", topic)
    paragraphs = [
        " ".join([beginning, *voice.several(_MIDDLES, 3)]),
        " ".join(voice.several(_HINTS, 3)),
        "And that was all. Thank you for waiting.",
    ]
    return ScriptedAnswer.of("\n\n".join(paragraphs))
