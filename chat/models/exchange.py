from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from chat.models.run import Run
from playground.upstream.errors.exceptions import FailureKind, UpstreamError
from playground.upstream.recording.kept_stream import KeptStream
from playground.upstream.recording.recorder import Ending, Recording
from playground.upstream.recording.replaying import Kept
from playground.upstream.storable import storable


class Exchange(models.Model):
    """A try of a run as it went over the wire. It holds no key, and only a digest of the run's body."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="exchanges")
    # The number of the try, counted from 1.
    number = models.PositiveSmallIntegerField()
    sent_at = models.DateTimeField(db_index=True)
    method = models.CharField(max_length=10)
    url = models.TextField()
    # Both are lists of [name, value].
    request_headers = models.JSONField(default=list)
    response_headers = models.JSONField(default=list)
    # SHA-256 of the sent bytes, in hexadecimal.
    body_digest = models.CharField(max_length=64)
    body_size = models.PositiveBigIntegerField()
    # None if no answer came.
    status = models.PositiveSmallIntegerField(null=True)
    # Times from the request to the head of the answer, and to its end.
    head_ms = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(default=0)
    # The format is that of playground.upstream.recording.raw_stream.
    raw = models.BinaryField()
    raw_size = models.PositiveBigIntegerField()
    pieces = models.PositiveIntegerField(default=0)
    dropped = models.PositiveBigIntegerField(default=0)
    # Whether the body was read to its end.
    is_complete = models.BooleanField(default=False)
    ending = models.CharField(max_length=6, choices=[(ending.value, ending.value) for ending in Ending])
    # {"kind", "message", "status", "request_id", "detail", "retry_after"} of what broke it off.
    error = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["run", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "number"], name="one_exchange_each"),
        ]

    def __str__(self) -> str:
        return f"try {self.number} of run {self.run_id}"

    @classmethod
    def of(cls, run: Run, number: int, recording: Recording) -> Exchange | None:
        """Build an unsaved exchange, or None if nothing was sent. Packing is too slow for the event loop."""
        if recording.sent_at is None:
            return None
        packed = recording.raw.pack()
        return cls(
            run=run,
            number=number,
            sent_at=recording.sent_at,
            method=recording.method,
            url=recording.url,
            request_headers=storable(recording.request_headers),
            response_headers=storable(recording.response_headers),
            body_digest=recording.body_digest,
            body_size=len(recording.body),
            status=recording.status,
            head_ms=recording.head_ms,
            duration_ms=recording.duration_ms,
            raw=packed,
            raw_size=recording.raw.size,
            pieces=recording.raw.pieces,
            dropped=recording.raw.dropped,
            is_complete=recording.is_complete,
            ending=recording.ending,
            error=_error(recording.error),
        )

    @property
    def stream(self) -> KeptStream:
        return KeptStream(bytes(self.raw))

    @property
    def kept(self) -> Kept:
        """The exchange in the form that a replay takes."""
        return Kept(
            endpoint=self.run.endpoint_kind,
            status=self.status,
            headers={name.lower(): value for name, value in self.response_headers},
            pieces=(piece.data for piece in self.stream.pieces()),
            ending=Ending(self.ending),
            error=_as_error(self.error),
        )


def _error(error: UpstreamError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    found: dict[str, Any] = storable(
        {
            "kind": str(error.kind),
            "message": error.message,
            "status": error.status,
            "request_id": error.request_id,
            "detail": error.detail,
            "retry_after": error.retry_after,
        }
    )
    return found


def _as_error(found: dict[str, Any] | None) -> UpstreamError | None:
    if found is None:
        return None
    return UpstreamError(
        FailureKind(found["kind"]),
        found["message"],
        status=found["status"],
        request_id=found["request_id"],
        detail=found["detail"],
        retry_after=found["retry_after"],
    )
