"""Answers that the demo gives in the background: they are kept by id, and ready after a few looks."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.demo.steps import Cut, Write

if TYPE_CHECKING:
    from playground.demo.answers import ScriptedAnswer
    from playground.demo.dialects.responses import ResponsesReply
    from playground.demo.steps import Steps

MOST_KEPT = 1_000


@dataclass(slots=True)
class _Kept:
    reply: ResponsesReply
    answer: ScriptedAnswer
    is_stream: bool = False
    looks: int = 0
    is_cancelled: bool = False


@dataclass(slots=True)
class BackgroundAnswers:
    """The answers by id. The first look finds one in the queue, ``looks`` more find it in progress.

    ``cuts`` are numbers of events after which the next streams break. Without ``can_continue``, no stream
    goes on.
    """

    looks: int = 1
    cuts: list[int] = field(default_factory=list)
    can_continue: bool = True
    _kept: OrderedDict[str, _Kept] = field(default_factory=OrderedDict)

    def begin(self, reply: ResponsesReply, answer: ScriptedAnswer, *, is_stream: bool) -> Steps:
        self._kept[reply.id] = _Kept(reply, answer, is_stream)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._until_cut(reply.stream(answer)) if is_stream else reply.pending("queued", answer)

    def continued(self, response_id: str, number: int) -> Steps | None:
        """Stream the events after that number; None if there is no such stream."""
        kept = self._kept.get(response_id)
        if kept is None or not (kept.is_stream and self.can_continue):
            return None
        return self._until_cut(kept.reply.stream_after(kept.answer, number))

    def _until_cut(self, steps: Steps) -> Steps:
        after = self.cuts.pop(0) if self.cuts else 0
        events = 0
        for step in steps:
            yield step
            events += isinstance(step, Write)
            if events == after > 0:
                yield Cut()
                return

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
