"""Prompts that come from other tools and from files, and that leave as JSON and as code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.access import get_membership_for
from chat.access import get_prompt_of
from chat.pages.prompt_files import export_context, exported
from chat.prompts.imported import PromptImportRefused
from chat.prompts.reading import MAX_BYTES
from playground import clients

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


MEANWHILE = "Somebody stored a prompt of the same name meanwhile, so nothing was imported. Try again."


@require_safe
@login_required
def export(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show a prompt as code, or with ``?form=json`` send it with all its versions as a file."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_of(membership.workspace, code)
    if request.GET.get("form") == "json":
        response = HttpResponse(exported(prompt), content_type="application/json; charset=utf-8")
        name = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in prompt.name)
        response["Content-Disposition"] = content_disposition_header(True, f"{name}.json") or "attachment"
        return response
    return render(request, "chat/prompt_export.html", export_context(membership, prompt))


def _of_langfuse(request: AuthenticatedHttpRequest) -> str:
    """Fetch the prompts of Langfuse as the text that a person would paste.

    The keys serve this request alone: the preview carries the prompts, not the keys.
    """
    keys = [request.POST.get(name, "") for name in ("address", "public_key", "secret_key")]
    found = clients.langfuse_prompts(*keys)
    if not found:
        raise PromptImportRefused("This project of Langfuse has no prompts.")
    return json.dumps(found, ensure_ascii=False)


def _text(request: AuthenticatedHttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        return request.POST.get("text", "")
    # A file that is too large is read to one byte more than allowed.
    text: str = file.read(MAX_BYTES + 1).decode("utf-8-sig", "replace")
    return text


def _context(membership: Membership, text: str) -> dict[str, object]:
    return {"workspace": membership.workspace, "membership": membership, "section": "prompts", "text": text}


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    text: str,
    error: str = "",
    langfuse_error: str = "",
) -> HttpResponse:
    context = {**_context(membership, text), "error": error, "langfuse_error": langfuse_error}
    # Only the secret is typed again.
    context |= {name: request.POST.get(name, "")[:500] for name in ("address", "public_key")}
    status = 422 if error or langfuse_error else 200
    return render(request, "chat/import_prompts.html", context, status=status)
