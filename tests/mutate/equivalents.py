"""Mutants that nobody could observe, with the reasons. Keyed by module and by the words of the mutant."""

from __future__ import annotations

_SHORTCUT = "A shortcut: without it the same is found, with more work."

EQUIVALENT: dict[str, dict[str, str]] = {
    "chat/flows/claim_runs.py": {
        "running = max(0, settings.MAX_STREAMS - most) @ constant: 0 -> (1)": _SHORTCUT,
    },
    "chat/live/run.py": {
        "self.parts_version += 1 @ constant: 1 -> (2)": "Versions are only compared for equality.",
    },
    "playground/upstream/dialects/shared/reading/think.py": {
        "self._tag = TAGS[0] @ constant: 0 -> (1)": "The tag is set again when one is read.",
    },
    "playground/upstream/dialects/shared/reading/tool_calls.py": {
        'kind: str = "", @ constant: "" -> (\'X\')': "Callers leave it out for calls that have a type alone.",
    },
    "chat/flows/finish_run.py": {
        'base_url=run.endpoint.model.provider.base_url if run.endpoint else "", @ constant: "" -> (\'X\')': (
            "Neither is the address of a provider."
        ),
    },
    "chat/flows/reap_runs.py": {
        "constant: \"\" -> ('X')": "No process has this name.",
    },
    "playground/upstream/dialects/chat_completions/read.py": {
        "constant: \"choice\" -> ('choiceX')": "A part of a key: any other word serves.",
    },
    "playground/upstream/sse.py": {
        "constant: b\"data: \" -> (b'data: X')": _SHORTCUT,
        "boundary: len(data) <= self._max_event_bytes -> (len(data) < self._max_event_bytes)": _SHORTCUT,
        "removed statement: self._was_tried = True -> pass": _SHORTCUT,
        "removed statement: self._was_tried = False -> pass": _SHORTCUT,
    },
    "playground/parameters/schema/output_length.py": {
        "boundary: value >= MOST_TOKENS -> (value > MOST_TOKENS)": (
            "The bound itself, rounded up, is the bound."
        ),
    },
}


def reason_of(module: str, line: str, words: str) -> str | None:
    """Return why a mutant is equivalent, or None.

    ``line`` is the source line it begins on: a key may be ``words``, or ``line`` and ``words`` with ``@``.
    """
    listed = EQUIVALENT.get(module, {})
    return listed.get(f"{line.strip()} @ {words}") or listed.get(words)
