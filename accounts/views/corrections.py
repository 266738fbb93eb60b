"""The page on which an admin corrects the cost of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import ledger, money
from accounts.access import get_entry_of, get_membership_for, require
from accounts.flows.correct_run import correct_run
from accounts.forms.corrections import CorrectionForm
from accounts.models import LedgerEntry
from accounts.permissions import Action
from accounts.prices import Basis, how_in_words

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def correction(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, entry = _target(request, slug, code)
    return _page(request, membership, entry, CorrectionForm())


@require_POST
@login_required
def correct(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership, entry = _target(request, slug, code)
    form = CorrectionForm(request.POST)
    if not form.is_valid():
        return _page(request, membership, entry, form)
    usd = form.cleaned_data["usd"]
    if correct_run(entry, usd, form.cleaned_data["reason"], actor=request.user):
        messages.success(request, f"Corrected: the run costs {money.usd(usd)} now.")
    else:
        messages.info(request, f"Nothing to correct: the run costs {money.usd(usd)} already.")
    return redirect("accounts:correction", slug, code)


def _target(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> tuple[Membership, LedgerEntry]:
    membership = get_membership_for(request.user, slug)
    require(membership, Action.CORRECT_COSTS)
    return membership, get_entry_of(membership.workspace, code)


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, entry: LedgerEntry, form: CorrectionForm
) -> HttpResponse:
    entries = LedgerEntry.objects.filter(run_code=entry.run_code).select_related("corrected_by")
    rows = [
        (each, money.usd(money.cost_in_usd(each.usd, each.credits)), _how(each))
        for each in entries.order_by("number")
    ]
    context = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "usage_all",
        "entry": entry,
        "rows": rows,
        "cost": money.usd(ledger.charged(entry).usd),
        "form": form,
    }
    return render(request, "accounts/correction.html", context)


def _how(entry: LedgerEntry) -> str:
    return entry.reason or how_in_words(Basis.of(entry.basis), entry.source) or entry.get_source_display()
