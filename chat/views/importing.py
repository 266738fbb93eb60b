"""The import of tools and output schemas: from a text, with a choice of what was found, or from a request."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_named_run_for
from chat.exceptions import NameTaken
from chat.flows.import_definitions import import_definitions, plan_import
from chat.pages.importing import summary
from chat.tool_schemas.documents import MAX_BYTES, read_text
from chat.tool_schemas.importing import DefinitionsRefused, read_request

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.tool_schemas.importing import Definition


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def load(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the box for a text, what was found in it, and store what was chosen."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    if request.method != "POST":
        return _page(request, membership, "")
    text = _text(request)
    try:
        found, is_document = read_text(text)
        if "chosen" in request.POST or "import" in request.POST:
            chosen = _chosen(request.POST.getlist("chosen"), found)
            planned = import_definitions(membership, chosen, actor=request.user)
            messages.success(request, summary(planned))
            return redirect("chat:tools", slug)
    except DefinitionsRefused as refusal:
        return _page(request, membership, text, error=str(refusal))
    except NameTaken:
        return _page(request, membership, text, error="Somebody changed the library meanwhile. Try again.")
    context = {
        **_context(membership, text),
        "planned": plan_import(membership, found),
        # A document has many operations, and only a few of them are usually needed.
        "is_ticked": not is_document or len(found) == 1,
    }
    return render(request, "chat/import_found.html", context)


@require_POST
@login_required
def keep(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Save the tools and the schema that an answer's request was sent with in the library."""
    run = get_named_run_for(request.user, code)
    membership = get_membership_for(request.user, run.workspace.slug)
    require(membership, Action.EDIT_LIBRARY)
    found, refused = read_request(run.body)
    try:
        planned = import_definitions(membership, found, actor=request.user)
        said = " ".join([summary(planned), *refused])
    except NameTaken:
        said = "Somebody changed the library meanwhile. Try again."
    return render(request, "chat/_library_kept.html", {"said": said, "workspace": membership.workspace})


def _text(request: AuthenticatedHttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    # A file that is too large is read to one byte more than allowed.
    text: str = file.read(MAX_BYTES + 1).decode("utf-8-sig", "replace")
    return text


def _chosen(posted: list[str], found: list[Definition]) -> list[Definition]:
    places = {int(each) for each in posted if each.isascii() and each.isdigit() and len(each) < 6}
    chosen = [each for place, each in enumerate(found) if place in places]
    if not chosen:
        raise DefinitionsRefused("Nothing was chosen. Tick what to import.")
    return chosen


def _context(membership: Membership, text: str) -> dict[str, object]:
    return {"workspace": membership.workspace, "membership": membership, "section": "tools", "text": text}


def _page(
    request: AuthenticatedHttpRequest, membership: Membership, text: str, error: str = ""
) -> HttpResponse:
    context = {**_context(membership, text), "error": error}
    return render(request, "chat/import_tools.html", context, status=422 if error else 200)
