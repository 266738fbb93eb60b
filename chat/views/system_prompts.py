from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.access import get_conversation_for
from chat.exceptions import ConversationGone
from chat.flows.set_system_prompt import keep_for_new_chat, set_system_prompt, use_version
from chat.forms.system_prompts import SystemForm
from chat.pages.composer import chosen_endpoint, draft_of
from chat.pages.conversation import system_context
from chat.pages.system_prompt import block_of, new_block

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from chat.access import Grant

BLOCK = "chat/_system_prompt.html"
MEANWHILE = (
    "{name} changed the system prompt while you were editing. Save again to replace it. Both versions stay."
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def system(request: AuthenticatedHttpRequest, code: UUID) -> HttpResponse:
    """Show a version of the system prompt, with ``?plain`` its text alone, or set another one."""
    if request.method == "POST":
        return _set(request, get_conversation_for(request.user, code, Action.SEND))
    grant = get_conversation_for(request.user, code)
    number = request.GET.get("number", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 9
    template = "chat/_system_text.html" if "plain" in request.GET else BLOCK
    return _show(request, grant, int(number) if is_number else 0, template)


def _set(request: AuthenticatedHttpRequest, grant: Grant) -> HttpResponse:
    conversation = grant.conversation
    form = SystemForm(request.POST)
    typed = request.POST.get("system_text", "")
    if not form.is_valid():
        return _refuse(request, grant, typed, _reason(form))
    try:
        if (number := request.POST.get("use", "")).isdecimal() and len(number) < 9:
            use_version(conversation, request.user, int(number))
        elif _is_stale(grant, form.cleaned_data["known"], form.cleaned_data["system_text"]):
            return _refuse(request, grant, typed)
        else:
            set_system_prompt(conversation, request.user, form.cleaned_data["system_text"])
    except ConversationGone as error:
        raise Http404 from error
    if not request.htmx:
        return redirect("chat:conversation", conversation.code)
    return _show(request, get_conversation_for(request.user, conversation.code))


def _is_stale(grant: Grant, known: str, text: str) -> bool:
    """Return whether the page showed another version than the current one when this was written."""
    current = grant.conversation.system_prompt_id
    return known != str(current or "") and text != grant.conversation.system_text


def _refuse(request: AuthenticatedHttpRequest, grant: Grant, typed: str, error: str = "") -> HttpResponse:
    block = block_of(grant.conversation, chosen_endpoint(grant.conversation, grant.membership))
    block.typed = typed
    block.error = error or MEANWHILE.format(name=block.author_name or "Somebody")
    return render(request, BLOCK, system_context(grant, block), status=422)


def _reason(form: SystemForm) -> str:
    return " ".join(str(error) for error in form.errors.get("system_text", []))


def _show(
    request: AuthenticatedHttpRequest,
    grant: Grant,
    number: int = 0,
    template: str = BLOCK,
) -> HttpResponse:
    block = block_of(grant.conversation, chosen_endpoint(grant.conversation, grant.membership), number)
    if number not in (0, block.number):
        raise Http404
    return render(request, template, system_context(grant, block))


@require_POST
@login_required
def keep_system(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Keep the system prompt of the next new chat, as it was written in any tab."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.SEND)
    draft, form = draft_of(membership), SystemForm(request.POST)
    endpoint = chosen_endpoint(draft, membership)
    if form.is_valid():
        keep_for_new_chat(draft, request.user, form.cleaned_data["system_text"])
        block = new_block(form.cleaned_data["system_text"], endpoint)
    else:
        block = new_block(draft.system_text, endpoint)
        block.typed, block.error = request.POST.get("system_text", ""), _reason(form)
    if not request.htmx:
        return redirect("chat:new", slug)
    context = {
        "conversation": None,
        "workspace": membership.workspace,
        "can": {"send": True},
        "system": block,
    }
    return render(request, BLOCK, context)
