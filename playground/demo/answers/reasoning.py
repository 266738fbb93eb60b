from __future__ import annotations

from dataclasses import replace
from typing import Any

from playground.demo import skills, subject, tokens
from playground.demo.answers import phrases
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.requests import ChatRequest
from playground.demo.subject import Subject
from playground.demo.voice import Voice

# Rounds of second thoughts.
_ROUNDS = {"low": 0, "medium": 2, "high": 6}
_DOUBTS = (
    "Wait, is that really what was asked? The words were “{prompt}”, so the weight lies on {word}.",
    "Suppose the opposite were true of {word}. Then the question would not come up, which speaks for it.",
    "A simpler case first: leave {word} out and see what is left. Not much, so it matters.",
    "What would an expert object to here? Probably that {word} means two things. I take the everyday one.",
    "Check the extremes. With very little of {word} nothing happens; with too much, everything does.",
    "Could I explain it to a child? “It is about {word}, and about what happens next.” Good enough.",
    "Someone has surely measured {word}. I have not, so no figures in the answer.",
    "Going round in circles now; that is usually the sign to write something down.",
)
_ENDINGS = (
    "That settles it. Keep the answer short.",
    "Good. Say it plainly and stop.",
    "Enough thinking: answer.",
)


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Return reasoning, as long as the effort and the budget allow, and an answer."""
    about = subject.read(request.prompt)
    solved = skills.solve(request.prompt)
    thought = _budgeted(_thoughts(request, voice, about, solved), request.parameters)
    said = solved.answer if solved else " ".join(phrases.body(voice, about, 2))
    effort = _effort(request)
    closing = (
        f"I thought about it for {len(thought)} tokens (effort: {effort})."
        if thought
        else ("I answered straight away, because thinking was switched off.")
    )
    answered = replace(ScriptedAnswer.of(f"{said}\n\n{closing}"), reasoning=thought)
    if _nested(request.parameters, "reasoning").get("exclude"):
        answered = replace(answered, reasoning=[], hidden_tokens=len(thought))
    return answered


def _effort(request: ChatRequest) -> str:
    effort = request.parameters.get("reasoning_effort")
    return effort if isinstance(effort, str) and effort in _ROUNDS else "medium"


def _thoughts(request: ChatRequest, voice: Voice, about: Subject, solved: skills.Solved | None) -> list[str]:
    prompt = " ".join(request.prompt.split())[:80]
    lines = [f"The question is {phrases.quoted_at_end(prompt)}"]
    if solved:
        lines += ["This can be worked out rather than guessed.", *solved.steps]
    else:
        telling = ", ".join(about.keywords[:3]) or about.topic
        lines += [
            f"The telling words are {telling}.",
            f"So the answer has to say something about {about.topic}.",
        ]
    for doubt in voice.several(_DOUBTS, _ROUNDS[_effort(request)]):
        word = voice.pick(about.keywords or (about.topic,))
        lines.append(doubt.replace("{prompt}", prompt).replace("{word}", f"“{word}”"))
    return [*lines, voice.pick(_ENDINGS)]


def _budgeted(lines: list[str], parameters: dict[str, Any]) -> list[str]:
    """Split the thoughts into tokens, cut at the budget."""
    thinking, finer = _nested(parameters, "thinking"), _nested(parameters, "reasoning")
    if thinking.get("type") == "disabled":
        return []
    language = _nested(finer, "language")
    if opening := language.get("opening"):
        lines = [str(opening), *lines]
    if language.get("numbered"):
        lines = [f"{place}. {line}" for place, line in enumerate(lines, start=1)]
    pieces = tokens.split("\n".join(lines))
    for budget in (thinking.get("budget_tokens"), finer.get("max_tokens")):
        if isinstance(budget, int | float):
            pieces = pieces[: int(budget)]
    return pieces


def _nested(parameters: dict[str, Any], name: str) -> dict[str, Any]:
    value = parameters.get(name)
    return value if isinstance(value, dict) else {}
