"""A prompt taken into a new chat, and a conversation saved as a prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.columns import get_named_conversation_for, require_kept
from chat.exceptions import NameTaken
from chat.flows.record_use import record_use
from chat.flows.save_conversation_as_prompt import content_of_conversation
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.flows.use_prompt import use_prompt
from chat.forms.stored_prompts import SavedChatForm, name_taken
from chat.library_access import get_prompt_for
from chat.media import Media, MediaRefused, examine
from chat.pages.prompt_today import today_of
from chat.pages.prompt_use import FIELD, fields_of, use_context, version_to_use
from chat.pages.prompt_versions import number_in
from chat.prompts.content import ContentRefused, VariableKind
from chat.prompts.values import CheckedValues, checked_values
from chat.views.composing import UPLOAD

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.flows.open_setup import OpenedSetup
    from chat.models import Prompt, PromptVersion
    from chat.prompts.content import PromptContent

_MEGABYTE = 1024 * 1024


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def use(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Ask for the values of a prompt, and open it in a new chat. Nothing is sent."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code, Action.SEND)
    given = request.POST if request.method == "POST" else request.GET
    version = version_to_use(prompt, number_in(given.get("number", "")))
    if version is None:
        raise Http404
    if request.method == "POST":
        return _open(request, membership, prompt, version)
    return render(request, "chat/prompt_use.html", use_context(membership, prompt, version))


def _open(
    request: AuthenticatedHttpRequest, membership: Membership, prompt: Prompt, version: PromptVersion
) -> HttpResponse:
    content = version.read()
    values, files, problems = read_values(request, content)
    today = today_of(membership, content)
    if not problems and today.endpoint is not None:
        try:
            chosen = today.endpoint, today.parameters
            opened = use_prompt(membership, content, *chosen, values.texts, files, prompt.name)
        except MediaRefused as refusal:
            messages.error(request, str(refusal))
        else:
            record_use(version, opened.conversation, actor=request.user)
            return redirect(address_of(opened, membership.workspace.slug))
    context = use_context(membership, prompt, version, fields_of(content, values.typed, problems))
    return render(request, "chat/prompt_use.html", context, status=422)


def read_values(
    request: AuthenticatedHttpRequest, content: PromptContent
) -> tuple[CheckedValues, dict[str, Media], dict[str, str]]:
    """Return the texts and the files that were posted for a prompt, and problems by variable."""
    given = request.POST.items()
    typed = {name[len(FIELD) :]: str(text) for name, text in given if name.startswith(FIELD)}
    values = checked_values(content.variables, typed)
    files, problems = _files(request, content)
    return values, files, problems | values.problems


def _files(
    request: AuthenticatedHttpRequest, content: PromptContent
) -> tuple[dict[str, Media], dict[str, str]]:
    """Return the files by variable, and what is wrong with the others."""
    found, problems = dict[str, Media](), dict[str, str]()
    for variable in content.variables:
        if variable.kind is not VariableKind.FILE:
            continue
        upload = request.FILES.get(f"{FIELD}{variable.name}")
        if upload is None:
            if variable.is_required:
                problems[variable.name] = "Choose a file."
        elif (upload.size or 0) > settings.MAX_UPLOAD_MB * _MEGABYTE:
            problems[variable.name] = f"A file can have at most {settings.MAX_UPLOAD_MB} MB."
        else:
            try:
                found[variable.name] = examine(upload.read(), upload.name or "file")
            except MediaRefused as refusal:
                problems[variable.name] = str(refusal)
    return found, problems


def address_of(opened: OpenedSetup, slug: str) -> str:
    """Return the address of the chat that shows a setup."""
    uploads = "&".join(f"{UPLOAD}={code}" for code in opened.uploads)
    if opened.conversation is None:
        return f"{reverse('chat:new', args=[slug])}?{'&'.join(filter(None, ('opened', uploads)))}"
    address = reverse("chat:conversation", args=[opened.conversation.code])
    return f"{address}?{uploads}" if uploads else address


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def save_as_prompt(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show what a prompt of a conversation would keep, and store it."""
    grant = get_named_conversation_for(request.user, code)
    membership, conversation = grant.membership, grant.conversation
    require(membership, Action.EDIT_LIBRARY)
    require_kept(conversation)
    form = SavedChatForm(membership, None, request.POST if request.method == "POST" else None)
    form.fields["name"].initial = conversation.title
    problem, content = "", None
    try:
        with_messages = (form.is_valid() and form.cleaned_data["keeps"] == "all") or not form.is_bound
        content = content_of_conversation(conversation, with_messages=with_messages)
    except ContentRefused as refusal:
        problem = str(refusal)
    if form.is_bound and form.is_valid() and content is not None:
        saved = PromptFields(form.cleaned_data["name"], form.cleaned_data["description"], content)
        try:
            prompt = add_prompt(membership.workspace, saved, actor=request.user)
        except NameTaken:
            form.add_error("name", name_taken(saved.name))
        else:
            messages.success(request, f"{saved.name} is saved. Put {{{{name}}}} where a text should differ.")
            return redirect("chat:prompt", membership.workspace.slug, prompt.code)
    context = {"form": form, "conversation": conversation, "content": content, "problem": problem}
    context |= {"workspace": membership.workspace, "membership": membership, "section": "prompts"}
    return render(request, "chat/save_as_prompt.html", context, status=422 if form.is_bound else 200)
