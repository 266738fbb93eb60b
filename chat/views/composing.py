"""Reading of a posted composer, for every view that starts a run from one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.http import Http404

from chat.flows.build_request import Choice
from chat.forms.attachments import CodesField
from chat.models import StoredFile
from chat.pages.composer import Composer, Refusal, chosen_endpoint, composer_for, missing_key, offer_of
from chat.relays import background
from chat.views.refusing import Refused, refusals
from playground.access import get_endpoint_for
from playground.parameters.form.carrying import carry_over
from playground.parameters.form.errors import form_errors
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.schema.output_length import OUTPUT_LENGTHS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.forms.prompts import ClickForm
    from chat.models import ComposerSetting, Run
    from playground.models import Endpoint


# The name in the address of a page for the code of an upload that its composer shows.
UPLOAD = "upload"


def posted_endpoint(
    request: AuthenticatedHttpRequest, setting: ComposerSetting, membership: Membership
) -> Endpoint | None:
    """Return the endpoint whose form was posted: another tab may have switched models since."""
    posted = request.POST.get("endpoint", "") if is_posted_for(request, setting) else ""
    if posted.isdecimal() and len(posted) < 20:
        return get_endpoint_for(membership, int(posted))
    return chosen_endpoint(setting, membership)


def is_posted_for(request: AuthenticatedHttpRequest, setting: ComposerSetting) -> bool:
    """Return whether posted parameters belong to this setting.

    A page of several conversations sends the parameters that it shows along with a request for any of them.
    """
    of = request.POST.get("of", "")
    return not of or of == str(getattr(setting, "code", ""))


def has_parameters(request: AuthenticatedHttpRequest, setting: ComposerSetting) -> bool:
    """Return whether the parameters of the page were posted too.

    htmx sends them along with the composer. A browser without scripts sends the composer alone, and the
    parameters that were chosen before apply.
    """
    if not is_posted_for(request, setting):
        return False
    return "endpoint" in request.POST or any(name.startswith("p.") for name in request.POST)


def read_composer(
    request: AuthenticatedHttpRequest,
    setting: ComposerSetting,
    membership: Membership,
    prompt: ClickForm,
) -> Composer:
    """Bind the posted composer, so that a refusal can show it again as the user left it."""
    prompt.is_valid()
    try:
        endpoint = posted_endpoint(request, setting, membership)
    except Http404:
        # If the model was taken away from its users, the composer says so and offers another one.
        composer = composer_for(setting, membership)
        if not composer.unavailable:
            raise
    else:
        if has_parameters(request, setting):
            composer = Composer(endpoint, parameter_form(endpoint, request.POST) if endpoint else None)
            composer.offer = offer_of(setting, endpoint, setting.parameters)
        else:
            composer = composer_for(setting, membership)
    composer.prompt_text = request.POST.get("text", "")
    composer.prefill = request.POST.get("prefill", "")
    composer.attachments = unsent_files(membership, prompt.cleaned_data.get("attachments", ()))
    return composer


def named_uploads(membership: Membership, texts: list[str]) -> list[StoredFile]:
    """Return the uploads that an address names by their codes, as far as they can still be sent."""
    try:
        return unsent_files(membership, CodesField(required=False).clean(texts))
    except ValidationError:
        return []


def unsent_files(membership: Membership, codes: Sequence[UUID]) -> list[StoredFile]:
    """Return those of the uploads that this member can still send, in the order of ``codes``."""
    if not codes:
        return []
    found = StoredFile.objects.filter(
        code__in=codes, uploader=membership.user, workspace=membership.workspace, message=None, queued=None
    )
    return sorted(found, key=lambda file: codes.index(file.code))


def checked_choice(
    composer: Composer, prompt: ClickForm, membership: Membership, *, needs_key: bool = True
) -> Choice:
    """Return the endpoint and the parameters of a posted composer.

    :raises Refused: the prompt or a parameter is not valid, or there is no model or no needed key to use.
    """
    errors = tuple(str(error) for group in prompt.errors.values() for error in group)
    if composer.unavailable:
        raise Refused(Refusal((composer.unavailable, *errors)))
    if composer.endpoint is None or composer.form is None:
        raise Refused(
            Refusal((*errors, "There is no model to use. Ask an admin to add one or switch one on."))
        )
    is_valid = not composer.form.is_bound or composer.form.is_valid()
    model = composer.endpoint.model
    refusal = Refusal(
        errors,
        parameter_errors=() if is_valid else tuple(form_errors(composer.form)),
        # The composer asks for a missing key anyway; a refusal stresses that.
        keyless=model if needs_key and is_valid and missing_key(membership, model) else None,
    )
    if refusal != Refusal():
        raise Refused(refusal)
    choice = Choice.of(composer.endpoint, composer.form.parameters, composer.form.sending.chosen)
    return replace(choice, prefill=prompt.cleaned_data.get("prefill", ""))


def fitting_choice(request: AuthenticatedHttpRequest, choice: Choice, membership: Membership) -> Choice:
    """Return the choice as the button changes it that sends a refused prompt after all.

    One names a shorter length, one the endpoint of a cheaper model, which gets the parameters that it takes.

    :raises Refused: the other model needs a key.
    """
    name, _, length = request.POST.get("fitting", "").partition(":")
    if name in OUTPUT_LENGTHS and length.isdecimal() and len(length) < 10:
        choice = replace(choice, parameters={**choice.parameters, name: int(length)})
    instead = request.POST.get("instead", "")
    if not (instead.isdecimal() and len(instead) < 20):
        return choice
    endpoint = get_endpoint_for(membership, int(instead))
    if missing_key(membership, endpoint.model):
        raise Refused(Refusal(keyless=endpoint.model))
    return replace(choice, endpoint=endpoint, parameters=carry_over(endpoint, choice.parameters).kept)


def start_run(
    request: AuthenticatedHttpRequest,
    composer: Composer,
    click: ClickForm,
    membership: Membership,
    open_run: Callable[[Choice], Run],
) -> Run:
    """Open a run with the choice of a posted composer, and start its relay.

    :raises Refused: the composer or the flow refuses the prompt, and nothing is stored.
    """
    choice = fitting_choice(request, checked_choice(composer, click, membership), membership)
    with refusals():
        run = open_run(choice)
    background.start(run)
    return run
