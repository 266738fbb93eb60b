"""The controls of how a request is sent, at the end of the form of its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from playground.parameters.schema.sending import Sending, Streaming

# No parameter of a schema posts under a name that begins like these.
STREAM, USAGE = "sent.stream", "sent.usage"
OFF = "off"

_ABOUT_STREAM = "On shows the answer while it is written. Off asks for the whole answer at once."
_ABOUT_USAGE = (
    "Streams report their tokens at the end if they are asked to. This needs streaming: an answer that comes "
    "whole has its figures anyway. Without them, tokens and cost are estimated here."
)


@dataclass(frozen=True, slots=True)
class SendingRow:
    """A switch that is on by default, or a sentence (``fixed``) where the schema leaves no choice."""

    name: str
    # The fields of the request that it sets, by which the search of the form finds it.
    sets: str
    label: str
    help: str
    is_sent: bool
    fixed: str = ""

    @property
    def html(self) -> SafeString:
        return render_to_string("playground/parameters/sending.html", {"row": self})


class SendingControls:
    """The choice as posted, or else as it was before."""

    def __init__(self, streaming: Streaming, data: Mapping[str, Any] | None, initial: Sending) -> None:
        self._streaming = streaming
        self.chosen = initial
        if data is not None:
            self.chosen = Sending(data.get(STREAM) != OFF, data.get(USAGE) != OFF)

    @property
    def rows(self) -> list[SendingRow]:
        rows = [
            SendingRow(
                STREAM,
                "stream",
                "Stream the answer",
                _ABOUT_STREAM,
                not self.chosen.is_streamed,
                self._fixed,
            )
        ]
        if self._streaming.can_report_usage:
            rows.append(
                SendingRow(
                    USAGE,
                    "stream_options.include_usage",
                    "Ask for usage figures",
                    _ABOUT_USAGE,
                    not self.chosen.reports_usage,
                )
            )
        return rows

    @property
    def changed_count(self) -> int:
        return sum(row.is_sent for row in self.rows)

    @property
    def _fixed(self) -> str:
        if not self._streaming.can_stream:
            return "This model cannot stream. Its answers always come whole."
        if not self._streaming.can_be_whole:
            return "This model always streams its answers."
        return ""
