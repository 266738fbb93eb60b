"""Log probabilities of the tokens of an answer and of their alternatives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playground.upstream.dialects.shared.reading.limits import MAX_LOGPROBS
from playground.upstream.events import Logprobs, TokenLogprob

if TYPE_CHECKING:
    from playground.upstream.events import Event

_MOST = 1e300


class LogprobReader:
    """The reader of OpenAI's list of objects, and of the parallel lists of Together and older servers."""

    def __init__(self) -> None:
        self._left = MAX_LOGPROBS

    def feed(self, found: object, choice: int, events: list[Event]) -> None:
        if isinstance(found, dict):
            tokens = self._read_list(found.get("content")) or self._read_columns(found)
        else:
            tokens = self._read_list(found)
        if tokens:
            events.append(Logprobs(tokens, choice))

    def _read_list(self, found: object) -> list[TokenLogprob]:
        tokens = []
        for item in found if isinstance(found, list) else ():
            pair = _pair(item)
            if pair is None or self._left <= 0:
                continue
            top = item.get("top_logprobs")
            others = [other for other in map(_pair, top) if other] if isinstance(top, list) else []
            others = others[: self._left]
            self._left -= 1 + len(others)
            tokens.append(TokenLogprob(*pair, others))
        return tokens

    def _read_columns(self, found: dict[str, Any]) -> list[TokenLogprob]:
        words, numbers = found.get("tokens"), found.get("token_logprobs")
        if not isinstance(words, list) or not isinstance(numbers, list):
            return []
        columns = zip(words, numbers, strict=False)
        return self._read_list([{"token": word, "logprob": number} for word, number in columns])


def _pair(item: object) -> tuple[str, float] | None:
    if not isinstance(item, dict):
        return None
    token, number = item.get("token"), item.get("logprob")
    if not isinstance(token, str) or isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return (token, float(number)) if abs(number) < _MOST else None
