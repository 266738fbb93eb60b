"""The body of a request: transcript and parameters, checked against the whole schema."""

from __future__ import annotations

from typing import Any

from playground.exceptions import PlaygroundError
from playground.parameters.schema.request_schema import RequestSchema, read_request_schema
from playground.parameters.schema.sending import Sending
from playground.parameters.schema.validation import find_errors

STREAMED = Sending()


class BodyInvalid(PlaygroundError):
    """The schema refuses the body. ``errors`` holds place (``messages.0.content``) and message of each."""

    def __init__(self, errors: list[tuple[str, str]]) -> None:
        self.errors = errors
        super().__init__("; ".join(f"{path}: {message}" if path else message for path, message in errors))


def build_body(
    schema: dict[str, Any] | RequestSchema,
    model_id: str,
    transcript: dict[str, Any],
    parameters: dict[str, Any],
    *,
    sending: Sending = STREAMED,
    digest: str | None = None,
) -> dict[str, Any]:
    """Build the body from parameters, transcript and envelope, and check it.

    The envelope is the model, ``stream`` and, where the schema has it, the request for usage figures at the
    end of the stream, as ``sending`` chooses them. Nothing else is added.

    :param transcript: the fields of the endpoint's dialect that hold it. A field that is a parameter as well
        already contains the parameter's value.
    :param schema: the JSON of a request schema, or the request schema.
    :param digest: that of the JSON, if the caller has it; that saves computing it.
    :raises BodyInvalid: the schema refuses the body.
    """
    if isinstance(schema, RequestSchema):
        request_schema = schema
    else:
        request_schema = read_request_schema(schema, digest=digest)
    body: dict[str, Any] = {"model": model_id, **parameters, **transcript}
    # People read bodies, so the order of the fields is a fixed one.
    body = {name: body[name] for name in ("model", *transcript, *parameters)}
    # The schema does not mention extra parameters, so it does not judge them either.
    extra = parameters.keys() - request_schema.properties - transcript.keys()
    body |= request_schema.streaming.fields(sending)
    errors = [
        (".".join(str(part) for part in path), message)
        for path, message in find_errors(
            request_schema.body_validator, {name: body[name] for name in body if name not in extra}
        )
    ]
    if errors:
        raise BodyInvalid(errors)
    return body
