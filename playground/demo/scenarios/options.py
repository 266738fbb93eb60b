from __future__ import annotations

from collections.abc import Callable

from playground.demo.replies import Reply
from playground.demo.steps import Steps

Options = dict[str, str]
Scenario = Callable[[Reply, Options], Steps]

SENTENCE = "The kettle is warm, the window is open, and the answer arrives piece by piece."
THOUGHT = "Someone asks about the kettle. It was on a minute ago."
_MOST_TOKENS = 1_000_000


def number(options: Options, name: str, default: float) -> float:
    """Return a numeric option, or the default if it is missing or not a number."""
    try:
        return float(options.get(name, default))
    except ValueError:
        return default


def token_count(options: Options, default: int) -> int:
    return max(0, min(int(number(options, "tokens", default)), _MOST_TOKENS))
