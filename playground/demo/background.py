"""Answers that the demo gives in the background: they are kept by id, and ready after a few looks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playground.demo.answers import ScriptedAnswer
    from playground.demo.dialects.responses import ResponsesReply
    from playground.demo.steps import Steps

MOST_KEPT = 1_000


@dataclass(slots=True)
class _Kept:
    reply: ResponsesReply
    answer: ScriptedAnswer
    looks: int = 0
    is_cancelled: bool = False


@dataclass(slots=True)
class BackgroundAnswers:
    """The answers by id. The first look finds one in the queue, ``looks`` more find it in progress."""

    looks: int = 1
    _kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)

    def begin(self, reply: ResponsesReply, answer: ScriptedAnswer, *, is_stream: bool) -> Steps:
        self._kept[reply.id] = _Kept(reply, answer)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return reply.stream(answer) if is_stream else reply.pending("queued", answer)

    def look(self, response_id: str) -> Steps | None:
        """Return the response as it is now; None if there is none with that id."""
        kept = self._kept.get(response_id)
        if kept is None:
            return None
        kept.looks += 1
        if kept.is_cancelled:
            return kept.reply.pending("cancelled", kept.answer)
        if kept.looks > self.looks + 1:
            return kept.reply.whole(kept.answer)
        return kept.reply.pending("queued" if kept.looks == 1 else "in_progress", kept.answer)

    def cancel(self, response_id: str) -> Steps | None:
        if response_id in self._kept:
            self._kept[response_id].is_cancelled = True
        return self.look(response_id)

    def forget(self) -> None:
        """Drop all answers, as a provider does after some time."""
        self._kept.clear()
