"""What a socket sends: out-of-band HTML for what its reader lacks, made from templates only."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID
from weakref import WeakKeyDictionary

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from chat.access import get_conversation_for
from chat.models import Run
from chat.pages.answers import live_parts
from chat.pages.conversation import page_fragment_context
from chat.pages.failures import retry_notice
from chat.pages.messages import message_view, turns_after, whole_thread
from chat.pages.receipt import live_receipt
from chat.transcript import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User
    from chat.access import Grant
    from chat.live.run import LiveRun
    from chat.markdown import IncrementalRenderer

RECEIPT_SECONDS = 0.25
# How often what stands beside the text is made anew while it changes: it is sent whole.
PARTS_SECONDS = 0.25
# A cursor comes back from the browser, where it may have become anything; Python refuses to read
# numbers beyond some thousand digits.
MAX_CURSOR_DIGITS = 20


@dataclass(slots=True)
class Position:
    """How far a reader is in one half of an answer: finished blocks, and which state of the open one."""

    blocks: int = 0
    tail: int = -1


class Cursor:
    """How far one socket is in one run. Its text form travels to the browser and back.

    A cursor of another rendering (the process that made it is gone) starts over.
    """

    def __init__(self, text: str = "") -> None:
        self.epoch, self.answer, self.reasoning = _parse(text)
        self.receipt_at = 0.0
        # What the page has of the answer beside its text, and since when.
        self.parts = 0
        self.parts_at = 0.0
        # Which notice the page has, of a try or of a place; 0 is none.
        self.notice = 0

    def __str__(self) -> str:
        # The open block is not counted: after a reconnect it is sent once more, whole.
        return f"{self.epoch}.{self.answer.blocks}.{self.reasoning.blocks}"


def _parse(text: str) -> tuple[str, Position, Position]:
    epoch, _, rest = text.partition(".")
    first, _, second = rest.partition(".")
    if first.isdecimal() and second.isdecimal() and len(rest) <= MAX_CURSOR_DIGITS:
        return epoch, Position(int(first)), Position(int(second))
    return "", Position(), Position()


def delta(live: LiveRun, cursor: Cursor) -> str:
    """The frame that brings a reader from ``cursor`` to the end, and move the cursor there.

    Empty when the reader lacks nothing.
    """
    is_reset = cursor.epoch != live.epoch or not _is_within(live, cursor)
    if is_reset:
        cursor.epoch, cursor.answer, cursor.reasoning = live.epoch, Position(), Position()
    answer = _advance(live.text_html, cursor.answer)
    reasoning = _advance(live.reasoning_html, cursor.reasoning)
    is_told = _notice(live) == cursor.notice
    parts = _parts(live, cursor, is_reset=is_reset)
    if answer is None and reasoning is None and is_told and not parts and not is_reset:
        return ""
    html = "".join((*_fill("reasoning-", live, reasoning, is_reset), *_fill("", live, answer, is_reset)))
    html += parts
    if not is_told or is_reset:
        cursor.notice = _notice(live)
        notice = {"run_code": live.code, "queue_position": live.queue_position, "notice": retry_notice(live)}
        html += get_template("chat/frames/notice.html").render(notice)
    moment = time.monotonic()
    if is_reset or not is_told or moment - cursor.receipt_at >= RECEIPT_SECONDS:
        cursor.receipt_at = moment
        context = {"run_code": live.code, "receipt": live_receipt(live)}
        html += get_template("chat/frames/receipt.html").render(context)
    return html


def is_behind(live: LiveRun, cursor: Cursor) -> bool:
    """Whether something was held back that is due soon, even if nothing else comes."""
    return live.parts_version != cursor.parts


def _parts(live: LiveRun, cursor: Cursor, *, is_reset: bool) -> str:
    """All that stands beside the text, if it changed and was not sent a moment ago."""
    moment = time.monotonic()
    is_due = live.parts_version != cursor.parts and moment - cursor.parts_at >= PARTS_SECONDS
    if not (is_due or is_reset):
        return ""
    cursor.parts, cursor.parts_at = live.parts_version, moment
    return _parts_html(live) if live.parts_version or is_reset else ""


# Two people who watch one answer are sent the same.
_made: WeakKeyDictionary[LiveRun, tuple[int, str]] = WeakKeyDictionary()


def _parts_html(live: LiveRun) -> str:
    version, html = _made.get(live, (-1, ""))
    if version != live.parts_version:
        context = {"run_code": live.code, "parts": live_parts(live.answer)}
        html = get_template("chat/frames/parts.html").render(context)
        _made[live] = live.parts_version, html
    return html


def _notice(live: LiveRun) -> int:
    """What keeps the answer from beginning: a number of its own for each thing to say about it."""
    if live.queue_position is not None:
        return -1 - live.queue_position
    again = live.retrying
    return 0 if again is None else 2 * again.number + (again.seconds > 0)


def _fill(half: str, live: LiveRun, part: Part | None, is_reset: bool) -> Iterator[str]:
    """The pieces of a frame for one half of an answer, ``""`` or ``"reasoning-"``."""
    code = str(live.code)
    if is_reset:
        yield from _slot("chat/frames/all_blocks.html", code, half, part.blocks_html if part else "")
        yield from _slot("chat/frames/tail.html", code, half, part.tail_html if part else "")
    elif part:
        if part.blocks_html:
            yield from _slot("chat/frames/blocks.html", code, half, part.blocks_html)
        if part.added is None:
            yield from _slot("chat/frames/tail.html", code, half, part.tail_html)
        else:
            yield from _slot("chat/frames/growing.html", code, half, part.added)


def _slot(name: str, run_code: str, half: str, content: str) -> tuple[str, str, str]:
    before, after = _around(name, run_code, half)
    return before, content, after


# Twenty times a second and socket, rendering the same few tags would cost more than all the rest
# of a frame: the template is rendered once a run, around a mark, and filled by joining.
@lru_cache(maxsize=1024)
def _around(name: str, run_code: str, half: str) -> tuple[str, str]:
    context = {"run_code": run_code, "half": half, "content": mark_safe(_MARK)}  # noqa: S308
    before, after = get_template(name).render(context).split(_MARK)
    return before, after.rstrip("\n")


# No template and no model text holds a NUL.
_MARK = "\0"


@dataclass(frozen=True, slots=True)
class News:
    """What a page lacks beside the text of live runs."""

    html: str
    head: str
    # Runs on the shown branch that are being written, and whose lease each of them is.
    live: dict[UUID, str]
    # Runs that the page still shows as live.
    ended: list[UUID]


def news(user: User, conversation_code: UUID, known_head: str, shown_live: list[UUID]) -> News:
    """Turns that a page with that head has not got: the ones that follow, or the whole thread.

    :raises Http404, PermissionDenied: the reader lost access since.
    """
    grant = get_conversation_for(user, conversation_code)
    conversation = grant.conversation
    head = str(conversation.head.code) if conversation.head else ""
    path = Tree(conversation).path(conversation.head_id)
    # Before the turns are made: a run that ends in between is shown as ended and reported as
    # live, which costs a frame. The other way round the page would wait for ever.
    live = dict(Run.objects.filter(answer__in=path, status__in=Run.LIVE).values_list("code", "lease_owner"))
    html = "" if head == known_head else _thread(grant, known_head)
    ended = Run.objects.filter(conversation=conversation, code__in=shown_live).exclude(status__in=Run.LIVE)
    return News(html, head, live, list(ended.values_list("code", flat=True)))


def _thread(grant: Grant, known_head: str) -> str:
    following = turns_after(grant, UUID(known_head)) if known_head else None
    context = page_fragment_context(grant)
    if following:
        return get_template("chat/frames/turn.html").render({**context, "turns": following})
    return get_template("chat/frames/thread.html").render({**context, "thread": whole_thread(grant)})


def done(user: User, conversation_code: UUID, run_code: UUID) -> str:
    """The frame that puts the stored answer, rendered as a whole, in place of the streamed one."""
    grant = get_conversation_for(user, conversation_code)
    run = Run.objects.select_related("answer").get(code=run_code, conversation=grant.conversation)
    context = page_fragment_context(grant) | {"message": message_view(grant, run.answer)}
    return get_template("chat/frames/done.html").render(context)


def _is_within(live: LiveRun, cursor: Cursor) -> bool:
    """A cursor comes back from the browser: it may claim anything."""
    return cursor.answer.blocks <= len(live.text_html.blocks) and cursor.reasoning.blocks <= len(
        live.reasoning_html.blocks
    )


@dataclass(frozen=True, slots=True)
class Part:
    """What one half of an answer has got since: finished blocks, and the open one.

    ``added`` continues the open block that the reader has; else ``tail_html`` replaces it.
    """

    blocks_html: str
    tail_html: str
    added: str | None


def _advance(renderer: IncrementalRenderer, position: Position) -> Part | None:
    """What a reader at ``position`` lacks; None when that is nothing."""
    tail = renderer.tail()
    blocks = renderer.blocks
    if position.blocks == len(blocks) and position.tail == tail.version:
        return None
    new = "".join(blocks[position.blocks :])
    added = None if new else tail.added_since(position.tail)
    position.blocks, position.tail = len(blocks), tail.version
    # Sanitised by chat.markdown, which alone makes HTML of a model's words.
    return Part(new, "" if added is not None else tail.html, added)
