"""Error responses in the real API's shape."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from playground.demo.steps import Steps, json_response


def error_body(status: int, message: str, request_id: str, path: str, meta: Any = None) -> dict[str, Any]:
    body: dict[str, Any] = {
        "message": message,
        "path": path,
        "requestId": request_id,
        "statusCode": status,
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if meta is not None:
        body["meta"] = meta
    return body


def error(
    status: int,
    message: str,
    request_id: str,
    path: str,
    *headers: tuple[str, str],
    meta: Any = None,
) -> Steps:
    return json_response(status, error_body(status, message, request_id, path, meta), *headers)


def invalid(problems: list[tuple[str, str]], request_id: str, path: str) -> Steps:
    """Return a response 400 that lists each place where a body violates its schema."""
    listed = "; ".join(f"{place}: {message}" if place else message for place, message in problems)
    meta = {"errors": [{"path": place, "message": message} for place, message in problems]}
    return error(400, f"Body validation error! {listed}", request_id, path, meta=meta)
