"""A link that opens the setup of a composer: see docs/links.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from chat.pages.trying import ENDPOINT, MODEL, NAMES, PROMPT, SYSTEM
from playground.parameters.form.texts import write_texts

if TYPE_CHECKING:
    from chat.flows.build_request import Choice

# Many proxies and programs accept no longer addresses.
LONGEST_LINK = 8_000


@dataclass(frozen=True, slots=True)
class SetupLink:
    """A link, or the length that it would have had, and the names of what it cannot contain."""

    address: str
    length: int
    left_out: list[str]

    @property
    def is_too_long(self) -> bool:
        return self.length > LONGEST_LINK


def setup_link(choice: Choice, origin: str, prompt: str, system_text: str) -> SetupLink:
    """Write a link with everything that differs from a fresh composer. ``origin`` is that of this server."""
    endpoint = choice.endpoint
    parameters = {name: value for name, value in choice.parameters.items() if name not in NAMES}
    texts = write_texts(endpoint, parameters)
    values = {
        MODEL: endpoint.model.model_id,
        ENDPOINT: endpoint.kind,
        PROMPT: prompt,
        SYSTEM: system_text,
    }
    query = urlencode({**{name: value for name, value in values.items() if value}, **texts.kept})
    address = f"{origin}{reverse('chat:try')}?{query}"
    left_out = [each.name for each in texts.dropped] + sorted(choice.parameters.keys() & NAMES)
    return SetupLink(address if len(address) <= LONGEST_LINK else "", len(address), left_out)
