"""How long a conversation is kept, for every fragment that says it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django import template
from django.utils.timezone import now

from chat.retention import Rules
from chat.retention import kept_until as end_of

if TYPE_CHECKING:
    from chat.models import Conversation

register = template.Library()

_SOON = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class KeptUntil:
    until: datetime
    # Whether its owner can keep it by pinning it.
    pins: bool

    @property
    def is_soon(self) -> bool:
        return self.until < now() + _SOON


@register.simple_tag
def kept_until(conversation: Conversation) -> KeptUntil | None:
    """Return until when the rules of the workspace keep a conversation; None if they do for good.

    ``{% kept_until conversation as kept %}``. Only a workspace with such a rule costs a query.
    """
    rules = Rules.of(conversation.workspace)
    until = end_of(conversation, rules)
    return KeptUntil(until, rules.keeps_pinned) if until else None
