from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
@cache_control(public=True, max_age=24 * 3600)
def favicon(request: HttpRequest) -> HttpResponse:
    """Lead to the icon: browsers ask for this address where no page names one, as for a file."""
    return redirect(static("img/favicon.svg"))
