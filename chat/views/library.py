"""The library of tools and output schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exceptions import EntryChanged, NameTaken
from chat.flows.delete_library_entry import delete_library_entry
from chat.flows.save_library_entry import EntryFields, add_library_entry, change_library_entry
from chat.forms.library import form_for, read_examples, taken
from chat.library_access import get_entry_for, library_kind, require_writable
from chat.models import Tool
from chat.pages.items import shared_in
from chat.pages.library import EntryPage, list_context, word_of
from chat.pages.schema_rows import root_view
from chat.tool_schemas.editing import after_json, after_rows, editor_of, settled

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import LibraryEntry

CHANGED = (
    "Somebody else changed or deleted this meanwhile, so nothing was saved. Copy what you need, then "
    "reload the page."
)


@require_safe
@login_required
def tools(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    text, shared = request.GET.get("q", "").strip(), shared_in(request.GET)
    return render(request, "chat/library.html", list_context(membership, text, shared))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: AuthenticatedHttpRequest, slug: str, word: str) -> HttpResponse:
    """Show an empty editor, and store what it posts."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    kind = library_kind(word)
    if request.method == "POST":
        return _save(request, membership, word, kind, None)
    form = form_for(kind)(membership)
    form.fields["name"].widget.attrs["autofocus"] = True
    return _show(request, EntryPage(membership, word, None, form, editor_of("")))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def entry(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    """Show an entry, and store its changes."""
    membership = get_membership_for(request.user, slug)
    found = get_entry_for(membership, word, code)
    if request.method == "POST":
        require_writable(membership, found)
        return _save(request, membership, word, type(found), found)
    names = ("name", "description", "is_strict", "version", "result_schema")
    initial = {name: getattr(found, name) for name in names if hasattr(found, name)}
    form = form_for(type(found))(membership, found, initial=initial)
    examples = tuple(found.examples) if isinstance(found, Tool) else ()
    return _show(request, EntryPage(membership, word, found, form, editor_of(found.schema), examples))


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    found = get_entry_for(membership, word, code, Action.EDIT_LIBRARY)
    delete_library_entry(found, actor=request.user)
    messages.success(request, f"{found} was deleted. Chats that use it keep their copy.")
    return redirect("chat:tools", slug)


@require_POST
@login_required
def arrange(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Bring the rows and the JSON of an editor into agreement after a change of one of them."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    action = request.POST.get("act", "")
    is_json = request.POST.get("side") == "json" and not action
    editor = after_json(request.POST) if is_json else after_rows(request.POST, action)
    context = {
        "workspace": membership.workspace,
        "can_edit": True,
        "editor": editor,
        "root": root_view(editor),
        # The side in which somebody types must not be replaced.
        "shows_rows": bool(action) or (is_json and not editor.json_error),
        "shows_text": editor.has_new_text,
    }
    return render(request, "chat/_schema_arranged.html", context)


def _save(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    word: str,
    kind: type[LibraryEntry],
    found: LibraryEntry | None,
) -> HttpResponse:
    form = form_for(kind)(membership, found, request.POST)
    examples, examples_error = read_examples(request.POST) if kind is Tool else ((), "")
    if action := request.POST.get("act", ""):
        # A browser without scripts pressed a button of the rows.
        editor = after_rows(request.POST, action)
        return _show(request, EntryPage(membership, word, found, form, editor, examples))
    editor = settled(request.POST)
    if form.is_valid() and editor.is_valid and not examples_error:
        data = form.cleaned_data
        fields = EntryFields(
            data["name"],
            data["description"],
            editor.text,
            data["is_strict"],
            data.get("result_schema", ""),
            examples,
        )
        try:
            if found is None:
                found = add_library_entry(kind, membership.workspace, fields, actor=request.user)
            else:
                change_library_entry(found, fields, data["version"] or 0, actor=request.user)
        except NameTaken:
            form.add_error("name", taken(kind, fields.name))
        except EntryChanged:
            form.add_error(None, CHANGED)
        else:
            messages.success(request, f"{fields.name} is saved.")
            return redirect("chat:entry", membership.workspace.slug, word_of(found), found.code)
    return _show(
        request, EntryPage(membership, word, found, form, editor, examples, examples_error), status=422
    )


def _show(request: AuthenticatedHttpRequest, page: EntryPage, status: int = 200) -> HttpResponse:
    return render(request, "chat/library_entry.html", page.context(), status=status)
