"""A configuration of promptfoo: its prompts, its models, and its tests as a table.

https://www.promptfoo.dev/docs/configuration/reference/
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chat.prompts.cases import CHECK_KINDS, AnswerCheck, CaseSet, CaseTable, PromptCase
from chat.prompts.content import PromptContent
from chat.prompts.imported import Json, ReadImport, ReadPrompt, ReadVersion, split_system, with_plain_names
from chat.prompts.placeholders import is_name
from chat.prompts.validity import checked
from chat.prompts.values import as_typed

_MAX_CASES = 5_000
_FILE = "file://"
# The name under which a prompt keeps the parameters of all models.
_EXTRA = "parameter sets"
_ENDPOINTS = {"responses": "responses", "messages": "messages"}
# Words between the vendor and the model in the id of a provider.
_KINDS = frozenset({"chat", "completion", "messages", "responses", "embedding", "realtime"})


def is_promptfoo(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "prompts" in value
        and bool({"providers", "targets", "tests"} & set(value))
    )


def read_promptfoo(value: Json) -> ReadImport:
    left = list[str]()
    models = [_model(each) for each in _list(value.get("providers", value.get("targets")))]
    title = value.get("description")
    title = title.strip()[:100] if isinstance(title, str) and title.strip() else "promptfoo"
    sets = _sets(models)
    prompts = list(_prompts(value, title, models, sets, left))
    cases = _cases(value, left)
    names = tuple(dict.fromkeys(name for _, name, _ in models))
    table = CaseTable(
        title, tuple(each.name for each in prompts), names, cases, tuple(dict.fromkeys(left)), sets
    )
    return ReadImport(
        "a configuration of promptfoo", tuple(prompts), table=table if cases else None, notes=table.left_out
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _model(provider: Any) -> tuple[str, str, Json]:
    """Return the endpoint, the model and the parameters of a provider.

    >>> _model("openai:chat:gpt-4o"), _model({"id": "openrouter:a/b", "config": {"temperature": 0}})
    (('chat/completions', 'gpt-4o', {}), ('chat/completions', 'a/b', {'temperature': 0}))
    """
    config: Any = {}
    if isinstance(provider, dict) and "id" not in provider and len(provider) == 1:
        provider, config = next(iter(provider.items()))
        config = config.get("config", config) if isinstance(config, dict) else {}
    elif isinstance(provider, dict):
        provider, config = provider.get("id"), provider.get("config")
    words = str(provider or "").split(":")
    kind = next((_ENDPOINTS[word] for word in words[1:-1] if word in _ENDPOINTS), "chat/completions")
    rest = words[1:] if len(words) > 1 else words
    name = ":".join(rest[1:] if len(rest) > 1 and rest[0] in _KINDS else rest)
    # Keys and addresses are not parameters, and a key must not be stored.
    kept = {
        key: part
        for key, part in (config.items() if isinstance(config, dict) else ())
        if not key.lower().startswith(("api", "organization", "header", "base", "env", "cost"))
    }
    return kind, name[:200], kept


def _sets(models: list[tuple[str, str, Json]]) -> tuple[CaseSet, ...]:
    """Return the different parameters of the models, each once; none if all have the same.

    >>> found = _sets([("c", "a", {}), ("c", "b", {}), ("c", "a", {"n": 2})])
    >>> [(each.name, each.parameters) for each in found]
    [('a', {}), ('a 2', {'n': 2})]
    """
    found = list[CaseSet]()
    for kind, name, parameters in models:
        if any(each.parameters == parameters for each in found):
            continue
        taken, number, free = {each.name for each in found}, 2, name
        while free in taken:
            number, free = number + 1, f"{name} {number}"
        found.append(CaseSet(free, kind, parameters))
    return tuple(found) if len(found) > 1 else ()


def _prompts(
    value: Json,
    title: str,
    models: list[tuple[str, str, Json]],
    sets: tuple[CaseSet, ...],
    left: list[str],
) -> Iterator[ReadPrompt]:
    kind, model, parameters = models[0] if models else ("", "", {})
    extra = {_EXTRA: {each.name: each.parameters for each in sets}} if sets else {}
    others = " and ".join(each.name for each in sets[1:])
    kept = [f"It has the parameters of {model}. Those of {others} are kept without effect."] if sets else []
    given = _list(value.get("prompts"))
    for at, each in enumerate(given, 1):
        label = f"{title} {at}" if len(given) > 1 else title
        if isinstance(each, dict):
            found = each.get("label")
            label = found[:128] if isinstance(found, str) and found else label
            each = each.get("raw", each.get("id"))
        if not isinstance(each, str) or not each.strip():
            left.append(f"Prompt {at} has no text in this file.")
        elif each.startswith(_FILE) or (
            "\n" not in each and each.endswith((".txt", ".json", ".js", ".py", ".md"))
        ):
            left.append(f"Prompt {at} is in another file: {each[:80]}. Import that file by itself.")
        else:
            system, messages, notes = split_system(_messages(each))
            content = PromptContent(system, messages, (), "", model, kind, parameters, extra)
            yield ReadPrompt(label, (ReadVersion(1, checked(content)),), notes=(*notes, *kept))


def _messages(text: str) -> list[tuple[str, str]]:
    """Return the messages of a prompt that is JSON; another text is one message of the user."""
    try:
        value = json.loads(text) if text.lstrip().startswith("[") else None
    except (ValueError, RecursionError):
        value = None
    if isinstance(value, list) and all(isinstance(each, dict) for each in value):
        pairs = [(each.get("role"), each.get("content")) for each in value]
        if pairs and all(isinstance(role, str) and isinstance(said, str) for role, said in pairs):
            return [(str(role), str(said)) for role, said in pairs]
    return [("user", text.rstrip("\n"))]


def _cases(value: Json, left: list[str]) -> tuple[PromptCase, ...]:
    usual = value.get("defaultTest")
    usual = usual if isinstance(usual, dict) else {}
    found = list[PromptCase]()
    for at, test in enumerate(_list(value.get("tests")), 1):
        if not isinstance(test, dict):
            left.append(f"Tests of another file: {str(test)[:80]}.")
        elif len(found) == _MAX_CASES:
            left.append(f"Tests after the first {_MAX_CASES:,}.")
            break
        else:
            found.append(
                _case(at, {**usual, **test, "assert": [*_asserts(usual), *_asserts(test)]}, usual, left)
            )
    return tuple(found)


def _asserts(test: Json) -> list[Any]:
    return [each for given in _list(test.get("assert")) for each in _flat(given)]


def _flat(given: Any) -> list[Any]:
    """Return the checks of a set; its threshold is not kept."""
    if (
        isinstance(given, dict)
        and given.get("type") == "assert-set"
        and isinstance(given.get("assert"), list)
    ):
        return list(given["assert"])
    return [given]


def _case(at: int, test: Json, usual: Json, left: list[str]) -> PromptCase:
    values = dict[str, str]()
    for source in (usual.get("vars"), test.get("vars")):
        for name, part in source.items() if isinstance(source, dict) else ():
            plain = with_plain_names(f"{{{{{name}}}}}")[0].strip("{}").strip()
            if not is_name(plain):
                left.append(f"The variable “{str(name)[:40]}”, whose name cannot be used here.")
                continue
            values[plain] = as_typed(part)
            if isinstance(part, str) and part.startswith(_FILE):
                left.append(f"The value of {name} in test {at} is in another file: {part[:80]}.")
    checks = []
    for given in test["assert"]:
        check = _check(given)
        if check is None:
            left.append(f"A check of test {at}: {_words(given)}.")
        else:
            checks.append(check)
    description = test.get("description")
    return PromptCase(values, tuple(checks), description[:500] if isinstance(description, str) else "")


def _check(given: Any) -> AnswerCheck | None:
    if not isinstance(given, dict) or not isinstance(given.get("type"), str):
        return None
    kind, is_negated = given["type"].removeprefix("not-"), given["type"].startswith("not-")
    threshold = given.get("threshold")
    is_number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
    if kind not in CHECK_KINDS or (CHECK_KINDS[kind] and not is_number):
        return None
    check = AnswerCheck(kind, given.get("value"), is_negated=is_negated)
    return replace(check, threshold=float(threshold)) if is_number else check  # type: ignore[arg-type]  # checked


def _words(given: Any) -> str:
    if not isinstance(given, dict):
        return str(given)[:120]
    said = as_typed(given.get("value", ""))
    return f"{given.get('type', 'unknown')}{f' {said}' if said else ''}"[:120]
