"""The cases of a test table: typed, pasted, loaded from a file, and exported."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.access import get_message_for
from chat.columns import require_kept
from chat.evaluation.csv_reading import CasesRefused
from chat.exporting.cases import case_portions
from chat.flows.change_cases import (
    add_case,
    add_cases,
    bring_back_case,
    change_case,
    delete_case,
    purge_case,
)
from chat.flows.collect_case import can_be_collected, collect_case
from chat.forms.test_tables import CaseForm, CasesForm
from chat.library_access import require_writable
from chat.models.deletable import RESTORABLE_FOR
from chat.pages.tables import CASES_PER_PAGE, address_of_case, cases_context, table_context
from chat.table_access import get_case_of, get_deleted_case_of, get_table_for
from chat.views.downloads import as_file

if TYPE_CHECKING:
    from django.http import HttpResponse, StreamingHttpResponse

    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def add(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Add the case that was typed below the others, and show it above the fields of the next one."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    form = CaseForm(table.columns, {}, request.POST)
    last_page = str(-(-table.size // CASES_PER_PAGE) or 1)
    if form.is_valid():
        try:
            add_case(table, form.values, actor=request.user)
        except CasesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            last = -(-(table.size + 1) // CASES_PER_PAGE)
            return redirect(f"{reverse('chat:table', args=[slug, code])}?page={last}#next-case")
    return render(request, "chat/table.html", cases_context(membership, table, last_page, form), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def case(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Show a case whole, and store other values."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code)
    found = get_case_of(table, number)
    form = CaseForm(table.columns, found.values, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        require_writable(membership, table)
        if form.is_valid():
            change_case(found, form.values, actor=request.user)
            messages.success(request, f"Case {number} is saved.")
            return redirect(address_of_case(slug, table, number))
    back = address_of_case(slug, table, number)
    context = {**table_context(membership, table, "cases"), "case": found, "form": form, "back": back}
    return render(request, "chat/table_case.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    """Delete a case, or with ``for_good`` remove one that was deleted before."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    if "for_good" in request.POST:
        purge_case(get_deleted_case_of(table, number))
        messages.success(request, f"Case {number} was deleted for good.")
    else:
        delete_case(get_case_of(table, number), actor=request.user)
        days = RESTORABLE_FOR.days
        messages.success(request, f"Case {number} was deleted. You can bring it back below for {days} days.")
    return redirect(address_of_case(slug, table, number))


@require_POST
@login_required
def bring_back(request: AuthenticatedHttpRequest, slug: str, code: UUID, number: int) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    deleted = get_deleted_case_of(table, number)
    try:
        case = bring_back_case(deleted, actor=request.user)
    except CasesRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("chat:table", slug, code)
    messages.success(request, f"Case {case.number} is back.")
    return redirect(address_of_case(slug, table, case.number))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def load(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the form for cases from a spreadsheet, and add what it posts."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code, Action.EDIT_LIBRARY)
    form = CasesForm(request.POST, request.FILES) if request.method == "POST" else CasesForm()
    if request.method == "POST" and form.is_valid():
        try:
            sheet = form.read(table.columns)
            replaces = form.cleaned_data["replaces"]
            count = add_cases(table, sheet, replaces=replaces, actor=request.user)
        except CasesRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            said = " ".join([f"{count:,} {'case is' if count == 1 else 'cases are'} added.", *sheet.notes])
            messages.success(request, said)
            return redirect("chat:table", slug, code)
    context = {**table_context(membership, table, "cases"), "form": form}
    return render(request, "chat/table_load.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def collect(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Add a prompt of a conversation and its answer to a test table, and say where."""
    message, grant = get_message_for(request.user, code)
    membership = grant.membership
    require(membership, Action.EDIT_LIBRARY)
    require_kept(grant.conversation)
    if not can_be_collected(message):
        raise Http404
    context: dict[str, object] = {"workspace": membership.workspace}
    try:
        context["case"] = collect_case(message, membership, actor=request.user)
    except CasesRefused as refusal:
        context["refusal"] = str(refusal)
    return render(request, "chat/_case_collected.html", context)


@require_safe
@login_required
def export(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> StreamingHttpResponse:
    """Send all cases as a file: CSV, or JSON Lines with ``?as=jsonl``."""
    membership = get_membership_for(request.user, slug)
    table = get_table_for(membership, code)
    is_lines = request.GET.get("as") == "jsonl"
    portions = case_portions(table, is_lines=is_lines)
    return as_file(portions, table.name, ".jsonl" if is_lines else ".csv")
