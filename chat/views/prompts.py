"""The library of prompts."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.exceptions import NameTaken, PromptChanged
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.forms.stored_prompts import StoredPromptForm, name_taken
from chat.library_access import get_prompt_for
from chat.models import Prompt
from chat.pages.items import shared_in
from chat.pages.prompt_parameters import parameters_of
from chat.pages.prompt_uses import uses_context
from chat.pages.prompts import PromptPage, prompts_context
from chat.prompts.content import MessageRole
from chat.prompts.differences import changes
from chat.prompts.editing import act_on, content_of
from chat.prompts.posted import posted_editor
from chat.prompts.rows import MessageRow, PromptEditor, editor_of
from chat.views.deleted_items import bring_back_item, delete_item, is_for_good

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.prompts.content import PromptContent

MEANWHILE = (
    "{name} saved version {version} while you were editing. Save again to store yours as the next version. "
    "Both stay."
)
RENAMED = "Somebody changed the name or the description while you were editing. Save again to store yours."
PURGED = "Somebody deleted this prompt meanwhile. Save again to store yours as a new prompt."
DELETED = "Somebody deleted this prompt meanwhile, so nothing was saved. Copy what you need."
# The action that only looks for variables, which a page does while somebody types.
_FIND = "find"


@require_safe
@login_required
def prompts(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    text = request.GET.get("q", "").strip()
    return render(request, "chat/prompts.html", prompts_context(membership, text, shared_in(request.GET)))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show an empty editor, and store what it posts."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    if request.method == "POST":
        return _post(request, membership, None)
    editor, form = (
        PromptEditor(messages=[MessageRow(MessageRole.USER)]),
        StoredPromptForm(membership),
    )
    form.fields["name"].widget.attrs["autofocus"] = True
    return _show(request, PromptPage(membership, None, form, editor))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def prompt(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show a prompt, and store its changes."""
    membership = get_membership_for(request.user, slug)
    if request.method == "POST":
        require(membership, Action.EDIT_LIBRARY)
        # The text that somebody has typed is shown once more, even if the prompt is gone.
        try:
            found = get_prompt_for(membership, code, Action.EDIT_LIBRARY, with_deleted=True)
        except Http404:
            return _typed_for_nothing(request, membership)
        return _post(request, membership, found)
    found = get_prompt_for(membership, code)
    newest = found.versions.get(number=found.version)
    initial = {"name": found.name, "description": found.description, "edits": found.edits}
    form = StoredPromptForm(membership, found, initial=initial)
    editor = editor_of(newest.read())
    return _show(request, PromptPage(membership, found, form, editor, parameters_of(membership, editor)))


@require_safe
@login_required
def uses(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show where a prompt is used."""
    membership = get_membership_for(request.user, slug)
    found = get_prompt_for(membership, code)
    return render(request, "chat/prompt_uses.html", uses_context(membership, found))


@require_POST
@login_required
def delete(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Delete a prompt, or with ``for_good`` remove one that was deleted before."""
    membership = get_membership_for(request.user, slug)
    found = get_prompt_for(membership, code, Action.EDIT_LIBRARY, with_deleted=is_for_good(request))
    delete_item(request, found)
    return redirect("chat:prompts", slug)


@require_POST
@login_required
def bring_back(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    membership = get_membership_for(request.user, slug)
    bring_back_item(request, get_prompt_for(membership, code, Action.EDIT_LIBRARY, with_deleted=True))
    return redirect("chat:prompts", slug)


def _post(request: AuthenticatedHttpRequest, membership: Membership, found: Prompt | None) -> HttpResponse:
    editor = posted_editor(request.POST)
    form = StoredPromptForm(membership, found, request.POST)
    if action := request.POST.get("act", ""):
        if action == _FIND and not editor.has_changed:
            # A page that is swapped under the typing hand would lose characters.
            return HttpResponse(status=HTTPStatus.NO_CONTENT)
        act_on(editor, action)
        edited = parameters_of(membership, editor, request.POST)
        return _show(request, PromptPage(membership, found, form, editor, edited))
    page = PromptPage(membership, found, form, editor, parameters_of(membership, editor, request.POST))
    content = content_of(editor)
    # A list, so that each part collects its errors.
    is_valid = all([form.is_valid(), page.edited is None or page.edited.is_valid()])
    if content is None or not is_valid or editor.error:
        return _show(request, page, status=422)
    return _save(request, page, content)


def _typed_for_nothing(request: AuthenticatedHttpRequest, membership: Membership) -> HttpResponse:
    """Show what was typed as a new prompt: the prompt does not exist, or not any more."""
    editor = posted_editor(request.POST)
    form = StoredPromptForm(membership, None, request.POST)
    form.add_error(None, PURGED)
    edited = parameters_of(membership, editor, request.POST)
    return _show(request, PromptPage(membership, None, form, editor, edited), status=404)


def _save(request: AuthenticatedHttpRequest, page: PromptPage, content: PromptContent) -> HttpResponse:
    data, found, workspace = page.form.cleaned_data, page.prompt, page.membership.workspace
    saved = PromptFields(data["name"], data["description"], content, data["note"])
    try:
        if found is None:
            found = add_prompt(workspace, saved, actor=request.user)
            said = f"{saved.name} is saved."
        elif save_prompt(found, saved, data["edits"] or 0, actor=request.user):
            said = f"Version {found.version} of {saved.name} is saved."
        else:
            said = f"{saved.name} is saved. Its content is the same as in version {found.version}."
    except NameTaken:
        page.form.add_error("name", name_taken(saved.name))
        return _show(request, page, status=422)
    except PromptChanged:
        return _show(request, _after_others(request, page, content), status=422)
    messages.success(request, said)
    return redirect("chat:prompt", workspace.slug, found.code)


def _after_others(request: AuthenticatedHttpRequest, page: PromptPage, content: PromptContent) -> PromptPage:
    """Return the page with what was typed, and with what somebody else has saved meanwhile."""
    found = Prompt.with_deleted.filter(pk=page.prompt.pk).first() if page.prompt else None
    if found is None:
        raise Http404
    found.is_writable = True
    # The next click on Save is based upon the newest version.
    form = StoredPromptForm(page.membership, found, {**request.POST.dict(), "edits": found.edits})
    newest = found.versions.select_related("author").get(number=found.version)
    theirs = changes(content, newest.read())
    if found.deleted_at is not None:
        form.add_error(None, DELETED)
    elif theirs:
        name = newest.author.display_name if newest.author else "Somebody"
        form.add_error(None, MEANWHILE.format(name=name, version=found.version))
    else:
        form.add_error(None, RENAMED)
    return replace(page, prompt=found, form=form, theirs=theirs)


def _show(request: AuthenticatedHttpRequest, page: PromptPage, status: int = 200) -> HttpResponse:
    return render(request, "chat/prompt.html", page.context(), status=status)
