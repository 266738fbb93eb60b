from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts import audit as log
from accounts.access import get_membership_for, one_after_the_other, require
from accounts.flows.set_audit_retention import set_audit_retention
from accounts.forms.audit import RetentionForm
from accounts.http import streamed
from accounts.models import AuditAction, AuditArea
from accounts.pages.audit import AuditFilters, found_events, portion_of, portions_of, range_choices
from accounts.pages.date_range import read_range
from accounts.permissions import Action, allows
from accounts.spreadsheets import csv_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.http import HttpResponse, QueryDict, StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import AuditEvent, Membership

_COLUMNS = ("at", "actor", "action", "subject", "subject_code", "before", "after", "origin", "event")
_FORMATS = {"csv": "text/csv", "jsonl": "application/jsonl"}


@require_safe
@login_required
def audit(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show who did what in the workspace."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_AUDIT)
    return _page(request, membership)


@require_GET
@login_required
def export(request: AuthenticatedHttpRequest, slug: str) -> StreamingHttpResponse:
    """Send the events that the filters find, whole, as ``?as=`` csv or jsonl."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEE_AUDIT)
    given, form = request.GET.dict(), request.GET.get("as", "csv")
    if form not in _FORMATS:
        raise Http404
    days = read_range(given)
    with transaction.atomic():
        log.record(
            membership.workspace,
            AuditAction.EXPORT_AUDIT,
            actor=request.user,
            after={"from": days.first, "to": days.last, "as": form},
        )
    portions = portions_of(found_events(membership.workspace, days, AuditFilters.of(given)))
    response = streamed(_as_csv(portions) if form == "csv" else _as_jsonl(portions), _FORMATS[form])
    name = f"audit-{slug}-{days.first.isoformat()}-to-{days.last.isoformat()}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
@login_required
@one_after_the_other
def retention(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Set how long events are kept."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SET_RETENTION)
    form = _retention_form(membership, request.POST)
    if not form.is_valid():
        return _page(request, membership, form)
    set_audit_retention(membership.workspace, form.cleaned_data["days"], actor=request.user)
    messages.success(request, "Saved.")
    return redirect("accounts:audit", slug)


def _retention_form(membership: Membership, data: QueryDict | None = None) -> RetentionForm:
    return RetentionForm(data, initial={"days": membership.workspace.audit_days})


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, form: RetentionForm | None = None
) -> HttpResponse:
    given, workspace = request.GET.dict(), membership.workspace
    days = read_range(given)
    filters = AuditFilters.of({**given, "range": "", "first": "", "last": "", **days.query})
    after = given.get("after", "")
    context = {
        "workspace": workspace,
        "membership": membership,
        "section": "audit",
        "filters": filters,
        "days": days,
        "ranges": range_choices(days, filters),
        "areas": AuditArea.choices,
        "portion": portion_of(found_events(workspace, days, filters), after),
        "is_later": bool(after),
        "can_set": allows(membership.role, Action.SET_RETENTION),
        "form": form or _retention_form(membership),
    }
    return render(request, "accounts/audit.html", context)


def _as_csv(portions: Iterable[list[AuditEvent]]) -> Iterator[str]:
    # Excel reads a file as UTF-8 only if it begins with the mark.
    yield "\ufeff" + csv_lines([_COLUMNS])
    for events in portions:
        yield csv_lines(_cells(log.as_dict(event)) for event in events)


def _cells(event: dict[str, Any]) -> list[str]:
    found = (event[name] for name in _COLUMNS)
    return [json.dumps(cell, ensure_ascii=False) if isinstance(cell, dict) else cell for cell in found]


def _as_jsonl(portions: Iterable[list[AuditEvent]]) -> Iterator[str]:
    for events in portions:
        yield "".join(f"{json.dumps(log.as_dict(event), ensure_ascii=False)}\n" for event in events)
