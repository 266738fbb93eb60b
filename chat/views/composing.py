"""What every view has in common that starts a run from the composer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.http import Http404

from accounts.exceptions import LimitReached
from chat.exceptions import ConversationGone, PromptRefused
from chat.flows.build_request import Choice
from chat.forms.prompts import PromptForm
from chat.models import StoredFile
from chat.pages.conversation import Composer, chosen_endpoint, composer_for, missing_key
from playground.access import get_endpoint_for
from playground.parameters.form.body import BodyInvalid
from playground.parameters.form.errors import form_errors
from playground.parameters.form.parameter_form import parameter_form
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.models import Conversation, Draft
    from playground.models import Endpoint


class Refused(Exception):
    """The composer says why; nothing was stored."""


def posted_endpoint(
    request: AuthenticatedHttpRequest, setting: Conversation | Draft, membership: Membership
) -> Endpoint | None:
    """The endpoint whose form was posted: another tab may have switched models since."""
    posted = request.POST.get("endpoint", "")
    if posted.isdecimal() and len(posted) < 20:
        return get_endpoint_for(membership, int(posted))
    return chosen_endpoint(setting, membership)


def read_composer(
    request: AuthenticatedHttpRequest,
    setting: Conversation | Draft,
    membership: Membership,
    *,
    keeps_files: bool = False,
) -> tuple[Composer, PromptForm]:
    """The posted composer, bound: a refusal shows it again as the user left it."""
    prompt = PromptForm(request.POST, keeps_files=keeps_files)
    prompt.is_valid()
    text = request.POST.get("text", "")
    try:
        endpoint = posted_endpoint(request, setting, membership)
    except Http404:
        # What they were using was taken away since: say so, and offer what can be used instead.
        composer = composer_for(setting, membership)
        if not composer.unavailable:
            raise
        composer.prompt_text, composer.prompt_errors = text, (composer.unavailable,)
        composer.unavailable = ""
        composer.attachments = unsent_files(membership, prompt.cleaned_data.get("attachments", ()))
        return composer, prompt
    form = parameter_form(endpoint, request.POST) if endpoint else None
    key = prompt.cleaned_data.get("idempotency_key")
    composer = Composer(endpoint, form, key or prompt["idempotency_key"].initial, text)
    composer.attachments = unsent_files(membership, prompt.cleaned_data.get("attachments", ()))
    return composer, prompt


def unsent_files(membership: Membership, codes: Sequence[UUID]) -> list[StoredFile]:
    """Those of the uploads that can still be sent by this member, in the order of the codes."""
    found = StoredFile.objects.filter(
        code__in=codes, uploader=membership.user, workspace=membership.workspace, message=None
    )
    return sorted(found, key=lambda file: codes.index(file.code))


def checked_choice(composer: Composer, prompt: PromptForm, membership: Membership) -> Choice:
    """
    :raises Refused: the prompt or a parameter is not valid, or there is no model or key to use.
    """
    errors = [*composer.prompt_errors, *(str(error) for group in prompt.errors.values() for error in group)]
    if composer.endpoint is None or composer.form is None:
        errors.append("There is no model to ask: an admin can add or enable one.")
    elif not composer.form.is_valid():
        composer.parameter_errors = form_errors(composer.form)
    elif missing_key(membership, composer.endpoint.model):
        # The composer asks for a key wherever one is missing; a refusal stresses that.
        composer.lacks_key = True
    if errors or composer.parameter_errors or composer.lacks_key:
        composer.prompt_errors = tuple(errors)
        raise Refused
    assert composer.endpoint is not None and composer.form is not None  # noqa: S101 - narrowed above
    return Choice(composer.endpoint, composer.form.parameters)


@contextmanager
def refusals(composer: Composer) -> Iterator[None]:
    """Turn what a flow refuses into words on the composer."""
    try:
        yield
    except LimitReached as refusal:
        composer.refusal = refusal
        raise Refused from refusal
    except ConversationGone as error:
        raise Http404 from error
    except (PromptRefused, TranscriptRefused) as error:
        composer.prompt_errors = (str(error),)
        raise Refused from error
    except BodyInvalid as error:
        composer.prompt_errors = tuple(
            f"{path}: {message}" if path else message for path, message in error.errors
        )
        raise Refused from error
