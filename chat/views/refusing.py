"""Refusals of a prompt: from the exceptions of the flows to the composer that shows them."""

from __future__ import annotations

from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.http import Http404
from django.shortcuts import render

from accounts.exceptions import LimitReached
from chat.access import Grant
from chat.exceptions import ConversationGone, PromptRefused, SystemPromptRefused
from chat.pages.composer import Refusal
from chat.pages.conversation import composer_context, new_chat_context
from playground.parameters.form.body import BodyInvalid
from playground.upstream.dialects import TranscriptRefused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import Membership
    from chat.pages.composer import Composer


class Refused(Exception):
    """A prompt that was not sent, with everything that the composer says about it."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@contextmanager
def refusals() -> Iterator[None]:
    """Raise every refusal of a flow as :class:`Refused`.

    :raises Http404: the conversation is gone.
    """
    try:
        yield
    except LimitReached as limit:
        raise Refused(Refusal(limit=limit)) from limit
    except SystemPromptRefused as error:
        raise Refused(Refusal((str(error),), system_error=error.reason)) from error
    except (PromptRefused, TranscriptRefused) as error:
        raise Refused(Refusal((str(error),))) from error
    except BodyInvalid as error:
        texts = tuple(f"{path}: {message}" if path else message for path, message in error.errors)
        raise Refused(Refusal(texts)) from error
    except ConversationGone as error:
        raise Http404 from error


def show_refusal(
    request: AuthenticatedHttpRequest,
    place: Grant | Membership,
    composer: Composer,
    refused: Refused,
    beside: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Answer with the composer and the reasons why the prompt was not sent.

    ``place`` is the conversation that it was meant for, or the membership for a new one. ``beside`` is
    context for a form outside of the composer.
    """
    composer.refusal = refused.refusal
    composer.idempotency_key = uuid4()
    if composer.unavailable in refused.refusal.errors:
        composer.unavailable = ""
    context = (
        composer_context(place, composer) if isinstance(place, Grant) else new_chat_context(place, composer)
    )
    context |= beside or {}
    return render(request, "chat/_composer_refused.html", context, status=HTTPStatus.UNPROCESSABLE_ENTITY)
