"""Frames for the text of live runs: out-of-band HTML, made from templates only."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.template.loader import get_template
from django.utils.safestring import mark_safe

from chat.pages.answers import live_parts
from chat.pages.checked import CheckLine
from chat.pages.failures import retry_notice
from chat.pages.receipt import live_receipt
from chat.sockets.cursors import Position
from playground.upstream.answer import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chat.live.run import LiveRun
    from chat.markdown import IncrementalRenderer
    from chat.pages.receipt import Receipt
    from chat.sockets.cursors import Cursor

RECEIPT_SECONDS = 0.25
# Seconds between two frames with what stands beside the text. It is sent whole.
PARTS_SECONDS = 0.25


def delta(live_run: LiveRun, cursor: Cursor, *, hides_names: bool = False) -> str:
    """Render what a reader at ``cursor`` lacks, and move the cursor to the end.

    The result is empty if the reader lacks nothing. Times, and reasons that name the provider, would tell a
    hidden model.
    """
    is_reset = cursor.epoch != live_run.epoch or not _is_within(live_run, cursor)
    if is_reset:
        cursor.epoch, cursor.answer, cursor.reasoning = live_run.epoch, Position(), Position()
    answer = _advance(live_run.text_html, cursor.answer)
    reasoning = _advance(live_run.reasoning_html, cursor.reasoning)
    has_notice = hides_names or _notice(live_run) == cursor.notice
    parts = _parts(live_run, cursor, is_reset=is_reset)
    if answer is None and reasoning is None and has_notice and not parts and not is_reset:
        return ""
    html = "".join(_fill("reasoning-", live_run, reasoning, is_reset))
    html += "".join(_fill("", live_run, answer, is_reset))
    html += parts
    if not hides_names and (not has_notice or is_reset):
        cursor.notice = _notice(live_run)
        html += _notice_html(live_run)
    moment = time.monotonic()
    if hides_names:
        return html
    if is_reset or not has_notice or moment - cursor.receipt_at >= RECEIPT_SECONDS:
        cursor.receipt_at = moment
        html += _receipt_html(live_run)
        html += _check(live_run, cursor, is_reset=is_reset)
    return html


def _receipt_html(live_run: LiveRun) -> str:
    receipt = live_receipt(live_run)
    if not (receipt.rate and receipt.tokens):
        return _rendered_receipt(receipt).replace(_CODE, live_run.code_text)
    # Two numbers change four times a second. All else is rendered once.
    form = _rendered_receipt(replace(receipt, rate=_RATE, tokens=_TOKENS))
    return (
        form.replace(_CODE, live_run.code_text).replace(_RATE, receipt.rate).replace(_TOKENS, receipt.tokens)
    )


@lru_cache(maxsize=1024)
def _rendered_receipt(receipt: Receipt) -> str:
    return _rendered("chat/frames/receipt.html", _CODE, receipt=receipt)


def _check(live_run: LiveRun, cursor: Cursor, *, is_reset: bool) -> str:
    """Render what is known of the answer's JSON, if that has changed."""
    if live_run.check is None:
        return ""
    line = live_run.check.line
    if line == cursor.check and not is_reset:
        return ""
    cursor.check = line
    check = CheckLine(line, live_run.check.has_problem)
    return get_template("chat/frames/check.html").render({"run_code": live_run.code, "check": check})


def is_behind(live_run: LiveRun, cursor: Cursor) -> bool:
    """Return whether the next frame is due soon, even without further events."""
    return live_run.parts_version != cursor.parts_version


def _parts(live_run: LiveRun, cursor: Cursor, *, is_reset: bool) -> str:
    """Render what stands beside the text, if it has changed and was not sent a moment ago."""
    moment = time.monotonic()
    is_due = live_run.parts_version != cursor.parts_version and moment - cursor.parts_at >= PARTS_SECONDS
    if not (is_due or is_reset):
        return ""
    cursor.parts_version, cursor.parts_at = live_run.parts_version, moment
    return _parts_html(live_run) if live_run.parts_version or is_reset else ""


# Rendered parts with their version, by run: all readers of a run are sent the same.
_rendered_parts: WeakKeyDictionary[LiveRun, tuple[int, str]] = WeakKeyDictionary()


def _parts_html(live_run: LiveRun) -> str:
    version, html = _rendered_parts.get(live_run, (-1, ""))
    if version != live_run.parts_version:
        parts = live_parts(live_run.answer)
        if parts == live_parts(Answer()):
            # A first frame mostly has nothing beside the text.
            html = _no_parts().replace(_CODE, live_run.code_text)
        else:
            html = _rendered("chat/frames/parts.html", live_run.code_text, parts=parts)
        _rendered_parts[live_run] = live_run.parts_version, html
    return html


@cache
def _no_parts() -> str:
    return _rendered("chat/frames/parts.html", _CODE, parts=live_parts(Answer()))


def _notice(live_run: LiveRun) -> int:
    """Number the notice that explains why the answer has not begun; equal notices have equal numbers."""
    if live_run.queue_position is not None:
        return -1 - live_run.queue_position
    again = live_run.retrying
    if again is None and live_run.answer.awaited and live_run.answer.is_empty:
        return 2 if live_run.answer.awaited.state == "in_progress" else 1
    return 0 if again is None else 2 * again.number + (again.seconds > 0)


def _notice_html(live_run: LiveRun) -> str:
    if not _notice(live_run):
        return _no_notice().replace(_CODE, live_run.code_text)
    position, notice = live_run.queue_position, retry_notice(live_run)
    return _rendered("chat/frames/notice.html", live_run.code_text, queue_position=position, notice=notice)


@cache
def _no_notice() -> str:
    return _rendered("chat/frames/notice.html", _CODE, queue_position=None, notice=None)


def _rendered(name: str, run_code: str, **context: Any) -> str:
    """Render a frame for a run. The result is a plain text, so that filling it in escapes nothing again."""
    return get_template(name).render({"run_code": run_code, **context}) + ""


def _fill(half: str, live_run: LiveRun, part: Part | None, is_reset: bool) -> Iterator[str]:
    """Yield the pieces of a frame for one half of an answer, ``""`` or ``"reasoning-"``."""
    code = live_run.code_text
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


# Rendering the same few tags twenty times a second for each socket would cost more than the rest of
# a frame. So each template is rendered once, around marks, and filled by joining.
@lru_cache(maxsize=1024)
def _around(name: str, run_code: str, half: str) -> tuple[str, str]:
    before, after = _form(name, half).replace(_CODE, run_code).split(_MARK)
    return before, after


@cache
def _form(name: str, half: str) -> str:
    context = {"run_code": _CODE, "half": half, "content": mark_safe(_MARK)}  # noqa: S308
    return get_template(name).render(context).rstrip("\n")


# No template and no model text holds a NUL.
_MARK, _CODE = "\0", "\0code\0"
_RATE, _TOKENS = "\0rate\0", "\0tokens\0"


def _is_within(live_run: LiveRun, cursor: Cursor) -> bool:
    """Return whether the answer has these blocks: a cursor from the browser may claim anything."""
    return cursor.answer.blocks <= len(live_run.text_html.blocks) and cursor.reasoning.blocks <= len(
        live_run.reasoning_html.blocks
    )


@dataclass(frozen=True, slots=True)
class Part:
    """New HTML of one half of an answer: finished blocks, and the open one.

    ``added`` continues the open block that the reader has; if it is None, ``tail_html`` replaces that block.
    """

    blocks_html: str
    tail_html: str
    added: str | None


def _advance(renderer: IncrementalRenderer, position: Position) -> Part | None:
    """Return what a reader at ``position`` lacks, and move the position; None if nothing is missing."""
    open_end = renderer.open_end()
    blocks = renderer.blocks
    if position.blocks == len(blocks) and position.tail == open_end.version:
        return None
    new = "".join(blocks[position.blocks :])
    added = None if new else open_end.added_since(position.tail)
    position.blocks, position.tail = len(blocks), open_end.version
    # This HTML is sanitised by chat.markdown, the only module that makes HTML of a model's text.
    return Part(new, "" if added is not None else open_end.html, added)
