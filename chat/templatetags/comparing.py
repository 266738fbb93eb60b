"""Rendering of a template in the context of one column, on a page that shows several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.template.context import RequestContext
    from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def within(context: RequestContext, inner: Mapping[str, Any], name: str) -> SafeString:
    """Render the template called ``name`` with the names of ``inner`` above those of the page."""
    engine = context.template.engine if context.template else template.Engine.get_default()
    with context.push(**inner):
        return engine.get_template(name).render(context)
