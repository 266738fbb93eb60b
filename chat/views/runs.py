from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from chat.access import get_run_to_stop
from chat.flows.stop_run import stop_run
from chat.relays import background

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def stop(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Ask a run to stop. The page gets its end through the socket."""
    run = get_run_to_stop(request.user, code)
    stop_run(run, request.user)
    background.stop(run)
    return HttpResponse(status=204)
