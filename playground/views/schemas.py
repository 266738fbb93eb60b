"""The request schema of a model of one's own: imported from a document, written, or the usual one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from playground import clients
from playground.access import get_provider_for
from playground.catalogue import generic
from playground.catalogue.custom_schema import LONGEST_TEXT, WRITTEN, FormSummary, inspect
from playground.catalogue.documents import DocumentRefused
from playground.flows.replace_schema import (
    ImportedSchemas,
    import_schema,
    restore_schema,
    write_schema,
)
from playground.forms.schemas import DocumentForm, SchemaForm
from playground.labels import endpoint_label
from playground.models import Endpoint, UpstreamModel
from playground.upstream.errors.exceptions import UpstreamError

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership


@require_safe
@login_required
def schema(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    membership, model = _own_model(request, slug, code, number)
    return _page(request, membership, model, _endpoint(model, request.GET.get("kind", "")))


@require_POST
@login_required
def load(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    """Import schemas from a document."""
    membership, model = _own_model(request, slug, code, number)
    endpoint = _endpoint(model, "")
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, membership, model, endpoint, document=form)
    file, url = form.cleaned_data["file"], form.cleaned_data["url"]
    # All members see the source, and the query of an address may hold a secret.
    source = file.name if file else url.partition("?")[0]
    try:
        content = file.read() if file else clients.fetch_document(url)
        imported = import_schema(model, content, source=source, actor=request.user)
    except UpstreamError as error:
        form.add_error("url", f"The document could not be read. {error.message}")
    except DocumentRefused as refusal:
        form.add_error("file" if file else "url", str(refusal))
    else:
        _say(request, model, imported)
        return redirect("playground:schema", slug, code, number)
    return _page(request, membership, model, endpoint, document=form)


@require_POST
@login_required
def write(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    membership, model = _own_model(request, slug, code, number)
    endpoint = _endpoint(model, request.POST.get("kind", ""))
    form = SchemaForm(request.POST)
    if form.is_valid():
        try:
            made = write_schema(endpoint, form.cleaned_data["text"], actor=request.user)
        except DocumentRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(
                request, f"Saved. {model.name} at {endpoint_label(endpoint.kind)} has {_counted(made)} now."
            )
            return redirect("playground:schema", slug, code, number)
    return _page(request, membership, model, endpoint, written=form)


@require_POST
@login_required
def restore(request: AuthenticatedHttpRequest, slug: str, code: str, number: int) -> HttpResponse:
    _, model = _own_model(request, slug, code, number)
    restore_schema(model, actor=request.user)
    messages.success(request, f"{model.name} uses the common parameters again.")
    return redirect("playground:schema", slug, code, number)


def _own_model(
    request: AuthenticatedHttpRequest, slug: str, code: str, number: int
) -> tuple[Membership, UpstreamModel]:
    """Find a model of a provider that this workspace added; other schemas cannot be replaced."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.MANAGE_PROVIDERS)
    provider = get_provider_for(membership.workspace, code)
    if provider.workspace_id is None:
        raise PermissionDenied
    models = UpstreamModel.objects.select_related("provider")
    model = models.filter(provider=provider, pk=number, is_enabled=True).first()
    if model is None:
        raise Http404
    return membership, model


def _endpoint(model: UpstreamModel, kind: str) -> Endpoint:
    """Return the model's endpoint of that kind, else its first."""
    endpoints = list(model.endpoints.filter(is_enabled=True))
    if not endpoints:
        # This endpoint is not stored: a GET request changes nothing.
        usual, digest = generic.generic_schema(), generic.digest()
        endpoints = [Endpoint(model=model, request_schema=usual, schema_digest=digest, source=generic.SOURCE)]
    return next((endpoint for endpoint in endpoints if endpoint.kind == kind), endpoints[0])


def _say(request: AuthenticatedHttpRequest, model: UpstreamModel, imported: ImportedSchemas) -> None:
    for kind, made in imported.forms.items():
        messages.success(request, f"{model.name} at {endpoint_label(kind)} has {_counted(made)} now.")
    for kind in imported.undescribed:
        messages.success(
            request,
            f"The document lists {endpoint_label(kind)} without its parameters. {model.name} has the common "
            "ones there, or those that you gave it before.",
        )
    for kind, sentence in imported.left_out:
        messages.warning(request, f"{endpoint_label(kind)} was not imported. {sentence}")


def _counted(form: FormSummary) -> str:
    parameters = ngettext("%d parameter", "%d parameters", form.parameters) % form.parameters
    editors = f", {len(form.editors)} of them as JSON" if form.editors else ""
    return f"{parameters}{editors}"


def _page(
    request: AuthenticatedHttpRequest,
    membership: Membership,
    model: UpstreamModel,
    endpoint: Endpoint,
    *,
    document: DocumentForm | None = None,
    written: SchemaForm | None = None,
) -> HttpResponse:
    text = json.dumps(endpoint.request_schema, indent=2, ensure_ascii=False)
    context: dict[str, Any] = {
        "workspace": membership.workspace,
        "membership": membership,
        "section": "providers",
        "model": model,
        "endpoint": endpoint,
        "kinds": list(model.endpoints.filter(is_enabled=True).values_list("kind", flat=True)),
        "made": _made(endpoint, model),
        "source": {generic.SOURCE: "", WRITTEN: "written here"}.get(endpoint.source, endpoint.source),
        "is_usual": endpoint.source == generic.SOURCE,
        "document": document or DocumentForm(),
        "written": written or SchemaForm(initial={"text": text}),
        "is_too_long": len(text) > LONGEST_TEXT,
    }
    has_errors = bool((document and document.errors) or (written and written.errors))
    return render(request, "playground/schema.html", context, status=422 if has_errors else 200)


def _made(endpoint: Endpoint, model: UpstreamModel) -> FormSummary | None:
    try:
        return inspect(endpoint.request_schema, model.model_id)
    except DocumentRefused:
        # An earlier version accepted and stored the schema.
        return None
