"""Prompts that come from other tools and from files, and that leave as JSON and as code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.evaluation.csv_reading import CasesRefused
from chat.evaluation.imported import sheet_of
from chat.exceptions import NameTaken
from chat.flows.import_prompts import import_prompts, plan_prompts
from chat.flows.import_table import import_table
from chat.library_access import get_prompt_for
from chat.pages.experiment_link import models_named, query_of
from chat.pages.prompt_files import export_context, exported
from chat.prompts.imported import PromptImportRefused
from chat.prompts.reading import MAX_BYTES, read_prompts
from playground import clients
from playground.upstream.errors.exceptions import FailureKind, UpstreamError

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.flows.import_prompts import PlannedPrompt
    from chat.prompts.cases import CaseTable

_OF_THE_KEYS = (FailureKind.UNAUTHORISED, FailureKind.FORBIDDEN)
MEANWHILE = "Somebody stored a prompt of the same name meanwhile, so nothing was imported. Try again."


@sensitive_post_parameters("secret_key")
@sensitive_variables("keys")
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def load(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Show the box for a text, what was found in it, and store what was chosen."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    if request.method != "POST":
        return _page(request, membership)
    text = _text(request)
    try:
        if "address" in request.POST:
            text = _of_langfuse(request)
        found = read_prompts(text)
        planned = plan_prompts(membership, found.prompts)
        if "import" in request.POST:
            places = set(request.POST.getlist("chosen"))
            chosen = [each for place, each in enumerate(planned) if str(place) in places]
            table = found.table if "table" in request.POST else None
            if not chosen and table is None:
                raise PromptImportRefused("Nothing was chosen. Tick what to import.")
            return _store(request, membership, chosen, table)
    except UpstreamError as error:
        return _page(request, membership, langfuse=error.message, are_keys_wrong=error.kind in _OF_THE_KEYS)
    except (PromptImportRefused, CasesRefused) as refusal:
        return _refuse(request, membership, text, str(refusal))
    except NameTaken:
        return _page(request, membership, text, text_error=MEANWHILE)
    left = sheet_of(found.table)[2] if found.table else []
    context = {**_context(membership, text), "found": found, "planned": planned, "left": left}
    return render(request, "chat/import_prompts_found.html", context)


@transaction.atomic
def _store(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    chosen: list[PlannedPrompt],
    table: CaseTable | None,
) -> HttpResponse:
    slug = membership.workspace.slug
    stored = import_prompts(membership, chosen, actor=request.user)
    made = None if table is None else import_table(membership, table, actor=request.user)
    if made is not None:
        messages.success(request, f"The test table {made} has {made.size} case{'s' * (made.size != 1)}.")
    if made is not None and table is not None and stored:
        url = reverse("chat:new_experiment", args=[slug, made.code])
        query = query_of(stored, models_named(membership, table.models), table.sets)
        parts = "prompts, models and sets of parameters" if "s.0.json" in query else "prompts and models"
        messages.success(request, f"Its {parts} are chosen below. Start when you are ready.")
        return redirect(f"{url}?{query}")
    if not stored:
        return redirect("chat:prompts", slug)
    if len(stored) == 1:
        messages.success(request, f"{stored[0].name} is imported. Look whether all is there.")
        return redirect("chat:prompt", slug, stored[0].code)
    messages.success(request, f"{len(stored)} prompts are imported.")
    return redirect("chat:prompts", slug)


@require_safe
@login_required
def export(request: AuthenticatedHttpRequest, slug: str, code: UUID) -> HttpResponse:
    """Show a prompt as code, or with ``?form=json`` send it with all its versions as a file."""
    membership = get_membership_for(request.user, slug)
    prompt = get_prompt_for(membership, code)
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


def _refuse(
    request: AuthenticatedHttpRequest, membership: Membership, text: str, problem: str
) -> HttpResponse:
    """Show the page with a problem at the field that it came from."""
    if "address" in request.POST:
        return _page(request, membership, langfuse=problem)
    if file := request.FILES.get("file"):
        # The browser forgets the file. Its text may be a picture's, so the box does not show it.
        typed = request.POST.get("text", "")
        return _page(request, membership, typed, file_error=f"{(file.name or 'The file')[:100]}: {problem}")
    return _page(request, membership, text, text_error=problem)


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    text: str = "",
    *,
    text_error: str = "",
    file_error: str = "",
    langfuse: str = "",
    are_keys_wrong: bool = False,
) -> HttpResponse:
    problems = {"text_error": text_error, "file_error": file_error, "langfuse_error": langfuse}
    # Only the secret is typed again.
    kept = {name: request.POST.get(name, "")[:500] for name in ("address", "public_key")}
    context = {**_context(membership, text), **problems, **kept, "are_keys_wrong": are_keys_wrong}
    status = 422 if any(problems.values()) else 200
    return render(request, "chat/import_prompts.html", context, status=status)
