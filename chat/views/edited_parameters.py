"""The server's part in a form of parameters that stands outside of a chat. It stores nothing."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from accounts.access import get_membership_for, require
from accounts.permissions import Action
from chat.pages.edited_parameters import posted_parameters
from chat.views.configuring import form_part
from playground.parameters.form.feedback import feedback_on

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest


@require_POST
@login_required
def parameters(request: AuthenticatedHttpRequest, slug: str) -> HttpResponse:
    """Answer a change with the feedback on it, or with a large part of the form that is needed only now."""
    membership = get_membership_for(request.user, slug)
    require(membership, Action.EDIT_LIBRARY)
    edited = posted_parameters(membership, request.POST)
    if edited is None:
        # The model was taken away meanwhile, which the page says when it is saved.
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    if "part" in request.POST:
        return form_part(edited.endpoint, request.POST["part"])
    edited.form.is_valid()
    context = {"form": edited.form, "feedback": feedback_on(edited.form, request.POST)}
    return render(request, "playground/_parameter_feedback.html", context)
