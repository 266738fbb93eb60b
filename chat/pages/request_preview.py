"""The next request, as the composer is set now, for people to read before they send it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accounts import money
from chat.pages.inspector.body import body_context, byte_size_of
from chat.pages.inspector.cost import Figure
from chat.references import tokens_of
from playground import pricing
from playground.labels import list_price_in_words
from playground.parameters.form.controls import id_of
from playground.parameters.form.entry import root_name
from playground.parameters.form.errors import FormError
from playground.parameters.known.warnings import refusal_warnings

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from accounts.models import Workspace
    from chat.flows.preview_request import PreviewedRequest
    from playground.models import Endpoint
    from playground.parameters.form.parameter_form import ParameterForm


def preview_context(shown: PreviewedRequest) -> dict[str, Any]:
    """Return the context of ``chat/_request_preview.html``."""
    request = shown.request
    files = {str(file.code): file for file in shown.files}
    return {
        **body_context(request.body, request.references, files),
        "body_size": byte_size_of(request.body, request.references, files),
        "url": shown.url,
        "headers": list(shown.headers.items()),
        "provider": shown.endpoint.model.provider.name,
        "needs_key": shown.endpoint.model.provider.needs_key and "Authorization" not in shown.headers,
        "provided": list(request.provided),
        "estimate": _estimate(shown),
    }


def remarks_on(
    form: ParameterForm | None, workspace: Workspace, endpoint: Endpoint | None
) -> list[FormError]:
    """Return what the form remarks on the values that are sent. A remark keeps nothing from being sent."""
    if form is None or endpoint is None:
        return []
    form.refusals = refusal_warnings(workspace, endpoint)
    return [
        FormError(text, name, id_of(root_name(name)))
        for name, texts in form.warnings.items()
        for text in texts
        if form.is_sent(name) or text != form.refusals.get(name)
    ]


def _estimate(shown: PreviewedRequest) -> list[Figure]:
    estimate, model = shown.estimate, shown.endpoint.model
    of_files = tokens_of(shown.request.references)
    counted = "counted here, with a margin for how this model’s counts vary"
    if of_files:
        counted += f", {of_files:,} of them for files"
    return [
        Figure("Tokens in", f"about {estimate.input_tokens:,}", counted),
        Figure(
            "Tokens out",
            f"at most {estimate.output_tokens:,}",
            "the length that the parameters set"
            if estimate.is_asked
            else "99 of 100 answers of this model are shorter",
        ),
        _price("Price in", model.input_price, pricing.DEFAULT_INPUT_PRICE, model.list_price_on),
        _price("Price out", model.output_price, pricing.DEFAULT_OUTPUT_PRICE, model.list_price_on),
        Figure(
            "Cost",
            f"up to {money.in_words(estimate.credits, 'credits')}",
            "tokens times price; limits hold a part of it, and more while the answer becomes longer",
        ),
    ]


def _price(name: str, price: Decimal | None, cautious: Decimal, listed_on: date | None) -> Figure:
    value = f"{money.usd(money.in_usd(cautious if price is None else price))} per million tokens"
    source = "from the catalogue" if price is not None else "a cautious price, since the catalogue has none"
    if listed_on is not None:
        source = f"{list_price_in_words(listed_on)}, an estimate"
    return Figure(name, value, source)
