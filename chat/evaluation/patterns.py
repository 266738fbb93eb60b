from __future__ import annotations


def escaped(text: str) -> str:
    """Return a pattern that matches a text itself.

    >>> escaped("1+1 (a|b)")
    '1\\\\+1 \\\\(a\\\\|b\\\\)'
    """
    return "".join(f"\\{letter}" if letter in r"\^$.|?*+()[]{}/" else letter for letter in text)
