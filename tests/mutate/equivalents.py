"""Mutants that nobody could observe, with the reasons. Keyed by module and by the words of the mutant."""

from __future__ import annotations

EQUIVALENT: dict[str, dict[str, str]] = {
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
