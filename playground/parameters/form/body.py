"""The body of one request: transcript and touched parameters, checked against the schema."""

from __future__ import annotations

from typing import Any

from playground.exceptions import PlaygroundError
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.validation import find_errors


class BodyInvalid(PlaygroundError):
    """The schema refuses the body. ``errors``: where (``messages.0.content``) and why, in words."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{path}: {message}" if path else message for path, message in errors))


def build_body(
    schema: dict[str, Any],
    model_id: str,
    transcript: dict[str, Any],
    parameters: dict[str, Any],
    *,
    stream: bool = True,
    digest: str | None = None,
) -> dict[str, Any]:
    """The body to send; raises BodyInvalid.

    ``transcript`` are the fields that hold it, in the endpoint's dialect; where one of them is a
    parameter as well, it has taken that up already. Nothing is added that was not asked for, save
    for the envelope: model, transcript, ``stream`` and, where the schema has it, the request for
    usage figures at the end of the stream. ``digest`` is the schema's own, if the caller has it: it
    saves computing it.
    """
    request_schema = read_request_schema(schema, digest=digest)
    body: dict[str, Any] = {"model": model_id, **parameters, **transcript, "stream": stream}
    # In the order in which people read it.
    body = {name: body[name] for name in ("model", *transcript, *parameters, "stream")}
    if stream and "stream_options" in request_schema.properties:
        body["stream_options"] = {"include_usage": True}
    errors = [
        (".".join(str(part) for part in path), message)
        for path, message in find_errors(request_schema.body_validator, body)
    ]
    if errors:
        raise BodyInvalid(errors)
    return body
