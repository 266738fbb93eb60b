"""The versions of a prompt: shown, restored, and pinned for production."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for
from accounts.permissions import Action
from chat.exceptions import PromptChanged
from chat.flows.pin_version import pin_version
from chat.flows.restore_version import restore_version
from chat.library_access import get_prompt_for
from chat.pages.prompt_versions import number_in, versions_context

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest

CHANGED = "Somebody else changed this prompt meanwhile, so nothing was restored. Look at the newest version."


@require_safe
@login_required
def versions(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show a version, and how it differs from another."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code)
    shown, against = (number_in(request.GET.get(name, "")) for name in ("number", "against"))
    return render(request, "chat/prompt_versions.html", versions_context(membership, prompt, shown, against))


@require_POST
@login_required
def restore(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Save an earlier version as the newest one."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code, Action.EDIT_LIBRARY)
    version = prompt.versions.filter(number=number_in(request.POST.get("number", ""))).first()
    if version is None:
        raise Http404
    try:
        is_new = restore_version(
            prompt, version, number_in(request.POST.get("edits", "")), actor=request.user
        )
    except PromptChanged:
        messages.error(request, CHANGED)
    else:
        said = f"Version {version.number} is restored as version {prompt.version}."
        messages.success(request, said if is_new else f"Version {version.number} equals the newest version.")
    return redirect("chat:prompt_versions", slug, prompt.code)


@require_POST
@login_required
def pin(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Pin a version for production, or none."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code, Action.EDIT_LIBRARY)
    number = number_in(request.POST.get("number", ""))
    try:
        pin_version(prompt, number or None, actor=request.user)
    except PromptChanged as error:
        raise Http404 from error
    said = f"Version {number} is pinned for production." if number else "No version is pinned for production."
    messages.success(request, said)
    return redirect("chat:prompt_versions", slug, prompt.code)
