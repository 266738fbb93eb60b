"""Times on pages: in the reader's zone, with the exact moment on hover and focus."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.template.loader import get_template
from django.utils import timezone

from accounts.time_zones import exactly, in_words

if TYPE_CHECKING:
    from datetime import tzinfo

register = template.Library()


@register.simple_tag
def moment(at: datetime, form: str, *, inside: bool = False) -> str:
    """Show a moment: ``{% moment key.created_at "j M Y" %}``, or ``"ago"`` for the distance from now.

    ``inside=True`` is for a moment inside of a link, which has the focus itself.
    """
    if form == "ago":
        return _element(at, str(naturaltime(at)), is_inside=inside)
    return _fixed(at, form, timezone.get_current_timezone(), inside)


# A prompt brings the same few moments again and again: those of its messages, and the ends of limits.
@lru_cache(maxsize=4096)
def _fixed(at: datetime, form: str, zone: tzinfo, is_inside: bool) -> str:
    with timezone.override(zone):
        return _element(at, in_words(at, form), is_inside=is_inside)


def _element(at: datetime, text: str, *, is_inside: bool) -> str:
    iso = at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    context = {"iso": iso, "exact": exactly(at), "text": text, "is_inside": is_inside}
    return get_template("elements/time.html").render(context)
