"""The inspector of a run: its tabs, the try that it shows, and the context of the tab that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chat.models import Exchange
from chat.pages.endings import missing_pieces
from chat.pages.inspector.cost import cost_context
from chat.pages.inspector.events import events_context
from chat.pages.inspector.raw import raw_context
from chat.pages.inspector.request import request_context
from chat.pages.inspector.timeline import timeline_context
from chat.pages.retention import why_not_stored
from playground.labels import model_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chat.models import Run

# The label and the template of each tab.
_TABS = {
    "request": ("Request", "chat/inspector/_request.html"),
    "raw": ("Raw", "chat/inspector/_raw.html"),
    "events": ("Events", "chat/inspector/_events.html"),
    "timeline": ("Timeline", "chat/inspector/_timeline.html"),
    "cost": ("Cost", "chat/inspector/_cost.html"),
    "code": ("Code", "chat/inspector/_code.html"),
}
# Tabs that show one try of several.
_OF_A_TRY = frozenset({"request", "raw", "events"})
# Tabs that show what is stored at the end of a run.
_AFTER_THE_END = frozenset({"raw", "events", "cost"})


@dataclass(frozen=True, slots=True)
class Tab:
    name: str
    label: str
    is_open: bool


def inspector_context(run: Run, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the context of ``chat/_inspector.html``: ``asked`` may name a tab, a try and a kind of event."""
    name = asked.get("tab", "")
    if name not in _TABS:
        name = "request"
    tries = list(Exchange.objects.filter(run=run).values_list("number", flat=True))
    asked_try = asked.get("try", "")
    number = next((each for each in tries if str(each) == asked_try), tries[-1] if tries else None)
    exchange = Exchange.objects.filter(run=run, number=number).first() if number is not None else None
    if exchange is not None:
        exchange.run = run
    return {
        "run": run,
        "conversation": run.subject,
        "model_name": _model_name(run),
        "missing": missing_pieces(run.unreadable_pieces),
        "tabs": [Tab(each, label, each == name) for each, (label, _) in _TABS.items()],
        "tab": name,
        "tab_template": _TABS[name][1],
        "tries": tries,
        "number": number,
        "exchange": exchange,
        "has_tries": len(tries) > 1 and name in _OF_A_TRY,
        "is_too_early": run.is_live and name in _AFTER_THE_END,
        "not_stored": why_not_stored(run) if exchange is None and name in ("raw", "events") else "",
        **_context_of(name, run, exchange, asked),
    }


def _context_of(name: str, run: Run, exchange: Exchange | None, asked: Mapping[str, str]) -> dict[str, Any]:
    if name == "timeline":
        return timeline_context(run)
    if name == "request":
        return request_context(run, exchange)
    if run.is_live or name == "code":
        return {}
    if name == "cost":
        return cost_context(run)
    if exchange is None:
        return {}
    return raw_context(exchange) if name == "raw" else events_context(exchange, asked.get("kind", ""))


def _model_name(run: Run) -> str:
    key = (run.provider_code, run.model_id)
    return model_names(run.workspace, [key])[key]
