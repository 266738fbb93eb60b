"""The service interface of AI/ML API as a script: its lists of what was charged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

from playground.demo.api import HttpRequest
from playground.demo.steps import Cut, Head, Steps, Write, whole


@dataclass
class ScriptedCharges:
    """``logged`` and ``moved`` are the rows of the two lists, in their documented shapes."""

    logged: list[dict[str, Any]] = field(default_factory=list)
    moved: list[dict[str, Any]] = field(default_factory=list)
    # The answers to the next requests, instead of the lists: a status with a body; 0 cuts the line.
    refusals: list[tuple[int, bytes]] = field(default_factory=list)
    # The list that the key may not see, if there is one.
    hidden: str = ""
    # The sum that the provider gives; None if it gives none.
    spend: float | None = None
    asked: list[str] = field(default_factory=list)

    def log(self, at: datetime, usd: float, *, run: str = "", inference_id: str = "inf", **more: Any) -> None:
        self.logged.insert(
            0,
            {
                "created": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
                "status": "succeeded",
                "origin": "api",
                "model": "openai/gpt-5",
                "cost": {"usd": usd, "credits": round(usd * 2_000_000)},
                "tokens": {"input": 0, "output": 0, "total": 0},
                "request_id": "req-1",
                "inference_id": inference_id,
                "client_request_id": run or None,
                **more,
            },
        )

    def move(self, at: datetime, usd: float, inference_id: str) -> None:
        self.moved.insert(
            0,
            {
                "created_at": at.isoformat(),
                "direction": "CHARGE",
                "type": "MODEL_USAGE",
                "amount": {"usd": usd, "credits": round(usd * 2_000_000)},
                "model": None,
                "reference_id": inference_id,
            },
        )

    def respond(self, request: HttpRequest) -> Steps | None:
        if not request.path.startswith("/v2/"):
            return None
        if request.path == "/v2/usage/detail":
            return (
                _steps(200, json.dumps({"spend": self.spend}).encode()) if self.spend else _steps(404, b"{}")
            )
        self.asked.append(f"{request.path}?{request.query}")
        if self.refusals:
            return _steps(*self.refusals.pop(0))
        if self.hidden and request.path.endswith(self.hidden):
            return _steps(403, b'{"error": {"message": "This key may not."}}')
        query = {name: values[0] for name, values in parse_qs(request.query).items()}
        limit = int(query.get("limit", 50))
        if request.path == "/v2/logs":
            rows = _within(self.logged, "created", query["start"], query["end"])
            start = int(query.get("offset", 0))
            pages: dict[str, Any] = {"limit": limit, "offset": start, "total": len(rows)}
            pages["has_more"] = start + limit < len(rows)
        else:
            rows = _within(self.moved, "created_at", query["from"], query["to"])
            start = int(query.get("cursor", "0"))
            has_more = start + limit < len(rows)
            pages = {"next_cursor": str(start + limit) if has_more else None, "has_more": has_more}
        found = {"data": rows[start : start + limit], "pagination": pages}
        return _steps(200, json.dumps(found).encode())


def _within(rows: list[dict[str, Any]], name: str, start: str, end: str) -> list[dict[str, Any]]:
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    return [
        row for row in rows if not _has_time(row[name]) or first <= datetime.fromisoformat(row[name]) < last
    ]


def _has_time(value: object) -> bool:
    return isinstance(value, str) and value[:2] == "20"


def _steps(status: int, body: bytes) -> Steps:
    if not status:
        return iter([Head(200, (("content-type", "application/json"),)), Write(body), Cut()])
    kind = "text/html" if body.startswith(b"<") else "application/json"
    return whole(status, body, ("content-type", kind))
