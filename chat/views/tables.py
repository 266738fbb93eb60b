"""Test tables: their list, the cases and the checks of one."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exceptions import NameTaken
from chat.flows.save_test_table import add_test_table, change_test_table, set_checks
from chat.forms.test_tables import CaseForm, TableForm, posted_checks
from chat.library_access import require_writable
from chat.pages.items import shared_in
from chat.pages.tables import cases_context, checks_context, list_context, table_context
from chat.table_access import get_table_for
from chat.views.deleted_items import bring_back_item, delete_item, is_for_good

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

TAKEN = "There is a test table of this name. Choose another name."


@require_safe
@login_required
def tables(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    return render(request, "chat/tables.html", list_context(membership, shared_in(request.GET)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the form of a new table, and store what it posts."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    form = TableForm(request.POST if request.method == "POST" else None)
    form.fields["name"].widget.attrs["autofocus"] = True
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            table = add_test_table(membership.workspace, data["name"], data["columns"], actor=request.user)
        except NameTaken:
            form.add_error("name", TAKEN)
        else:
            return redirect("chat:table", slug, table.code)
    context = {**list_context(membership), "form": form}
    return render(request, "chat/table_new.html", context, status=422 if form.errors else 200)


@require_safe
@login_required
def table(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the cases of a table."""
    membership = get_membership_for(request.user, slug)
    found = get_table_for(membership, code)
    page = request.GET.get("page", "1")
    form = CaseForm(found.columns, {})
    return render(request, "chat/table.html", cases_context(membership, found, page, form))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def checks(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the checks of a table, and store what is posted."""
    membership = get_membership_for(request.user, slug)
    found = get_table_for(membership, code)
    if request.method != "POST":
        context = checks_context(membership, found, found.check_settings)
        return render(request, "chat/table_checks.html", context)
    require_writable(membership, found)
    settings_, problems = posted_checks(request.POST)
    if any(problems):
        context = checks_context(membership, found, settings_, problems)
        return render(request, "chat/table_checks.html", context, status=422)
    set_checks(found, settings_, actor=request.user)
    messages.success(request, "The checks are saved.")
    return redirect("chat:checks", slug, code)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def settings(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show the name and the variables of a table, and store what is posted."""
    membership = get_membership_for(request.user, slug)
    found = get_table_for(membership, code, Action.EDIT_LIBRARY)
    initial = {"name": found.name, "columns": "\n".join(found.columns)}
    form = TableForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            change_test_table(found, data["name"], data["columns"], actor=request.user)
        except NameTaken:
            form.add_error("name", TAKEN)
        else:
            messages.success(request, f"{found} is saved.")
            return redirect("chat:table", slug, code)
    context = {**table_context(membership, found, "settings"), "form": form}
    return render(request, "chat/table_settings.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Delete a table, or with ``for_good`` remove one that was deleted before."""
    membership = get_membership_for(request.user, slug)
    found = get_table_for(membership, code, Action.EDIT_LIBRARY, with_deleted=is_for_good(request))
    delete_item(request, found)
    return redirect("chat:tables", slug)


@require_POST
@login_required
def bring_back(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    bring_back_item(request, get_table_for(membership, code, Action.EDIT_LIBRARY, with_deleted=True))
    return redirect("chat:tables", slug)
