from __future__ import annotations

import json
import re

from playground.demo import subject
from playground.demo.answers import code, phrases
from playground.demo.answers.answer import ScriptedAnswer
from playground.demo.instances import instance
from playground.demo.requests import ChatRequest
from playground.demo.subject import Subject
from playground.demo.voice import Voice

_LEADS = (
    "Everything on this page about **{topic}** was written by a program without a model, "
    "to show what an answer can look like.",
    "A short tour of **{topic}**, with *every* kind of furniture that Markdown has.",
    "What follows is mostly form: **{topic}** in lists, tables, code and formulas.",
)
_QUOTES = (
    "Whoever explains {topic} twice has understood it once.",
    "There are two hard things about {topic}, and the second one is stopping.",
    "Nobody is born knowing {topic}; a few have merely forgotten how they learnt it.",
)
_ROWS = (
    ("The quick way", "minutes", "low", "breaks on Mondays"),
    ("The careful way", "hours", "medium", "rarely breaks"),
    ("The proper way", "days", "high", "outlives you"),
    ("The lazy way", "none", "none", "surprisingly often right"),
)


def answer(request: ChatRequest, voice: Voice) -> ScriptedAnswer:
    """Write a rich document about the prompt, or only the parts that the prompt names."""
    about = subject.read(request.prompt)
    wanted = request.parameters.get("response_format")
    kind = wanted.get("type") if isinstance(wanted, dict) else "text"
    if kind in ("json_object", "json_schema"):
        return ScriptedAnswer.of(_json(wanted if isinstance(wanted, dict) else {}, about, voice))
    sections = _sections(request.prompt)
    if request.parameters.get("verbosity") == "low":
        sections = sections[:2]
    lead = voice.pick(_LEADS).replace("{topic}", _safe(about.topic))
    parts = [f"# {_safe(about.title)}", lead, *(_SECTIONS[name](about, voice) for name in sections)]
    if request.parameters.get("verbosity") == "high":
        parts += ["## In closing", " ".join(phrases.body(voice, about, 4))]
    return ScriptedAnswer.of("\n\n".join(parts))


def _sections(prompt: str) -> list[str]:
    """Return the parts that the prompt names, else all of them."""
    lower = prompt.lower()
    named = {
        "list": r"\b(list|points|steps)\b",
        "table": r"\b(table|compare|comparison)\b",
        "code": r"\b(code|program|function|script|python|javascript|sql|rust|bash)\b",
        "formula": r"\b(formula|formulas|latex|math|maths|equation)\b",
        "quote": r"\b(quote|quotation)\b",
        "tasks": r"\b(tasks?|todo|to-do|checklist)\b",
    }
    found = [name for name, pattern in named.items() if re.search(pattern, lower)]
    return found or list(_SECTIONS)


def _list(about: Subject, voice: Voice) -> str:
    first, second, third = phrases.body(voice, about, 3)
    words = [*about.keywords, about.topic, "the rest"][:3]
    nested = "\n".join(f"   - {_safe(word)}: {len(word)} letters" for word in words)
    return (
        f"## The short version\n\n1. {first}\n{nested}\n2. {second}\n"
        f"   - and when that is done\n     - do it again, *slowly*\n3. {third}"
    )


def _table(about: Subject, voice: Voice) -> str:
    chosen = voice.several([str(place) for place in range(len(_ROWS))], 3)
    rows = [_ROWS[int(place)] for place in chosen]
    body = "\n".join(f"| {name} | {time} | {cost} | {note} |" for name, time, cost, note in rows)
    heading = f"## {_safe(about.title)} at a glance"
    return f"{heading}\n\n| approach | time | cost | afterwards |\n|:--|--:|:-:|:--|\n{body}"


def _formula(about: Subject, voice: Voice) -> str:
    count, base = len(about.keywords) or 1, voice.number(2, 9)
    return (
        f"## As a formula\n\nYour prompt has $n = {count}$ telling words. If each of them can be read in "
        f"$k = {base}$ ways, there are\n\n$$\nk^n = {base}^{{{count}}} = {base**count}\n$$\n\n"
        "readings, and the mean effort to find the right one is\n\n"
        "$$\n\\bar{x} = \\frac{1}{k^n}\\sum_{i=1}^{k^n} i = \\frac{k^n + 1}{2} "
        f"= {(base**count + 1) / 2:g}\n$$"
    )


def _quote(about: Subject, voice: Voice) -> str:
    words = voice.pick(_QUOTES).replace("{topic}", _safe(about.topic))
    return f"> {words}\n>\n> — nobody in particular"


def _tasks(about: Subject, voice: Voice) -> str:
    doing = voice.several(("read the code above", "change one thing in it", "tell somebody what happened"), 3)
    tasks = "\n".join(f"- [ ] {task}" for task in doing[1:])
    return (
        f"## What to do next\n\n- [x] ask about {_safe(about.topic)}\n- [x] {doing[0]}\n{tasks}\n\n"
        "More about the notation: [CommonMark](https://commonmark.org/help/). "
        "~~Nothing else.~~ One more thing: inline code looks like `this`.\n\n---"
    )


def _json(wanted: dict[str, object], about: Subject, voice: Voice) -> str:
    holder = wanted.get("json_schema")
    if isinstance(holder, dict):
        return json.dumps(instance(holder.get("schema"), about.topic), ensure_ascii=False, indent=2)
    thoughts = phrases.body(voice, about, 2)
    value = {"topic": about.topic, "keywords": list(about.keywords), "thoughts": thoughts, "is_demo": True}
    return json.dumps(value, ensure_ascii=False, indent=2)


def _safe(text: str) -> str:
    """Escape a topic so that it cannot end a heading, a cell or bold text."""
    return re.sub(r"[\\`*_{}\[\]<>|#$~]", "", text).strip() or "this"


_SECTIONS = {
    "list": _list,
    "table": _table,
    "code": code.section,
    "formula": _formula,
    "quote": _quote,
    "tasks": _tasks,
}
