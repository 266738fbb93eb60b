"""Times on pages: in the reader's zone, with the exact moment on hover and focus."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime

from accounts.time_zones import exactly, in_words

register = template.Library()


@register.inclusion_tag("elements/time.html")
def moment(at: datetime, form: str, *, inside: bool = False) -> dict[str, Any]:
    """Show a moment: ``{% moment key.created_at "j M Y" %}``, or ``"ago"`` for the distance from now.

    ``inside=True`` is for a moment inside of a link, which has the focus itself.
    """
    return {
        "iso": at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "exact": exactly(at),
        "text": naturaltime(at) if form == "ago" else in_words(at, form),
        "is_inside": inside,
    }
