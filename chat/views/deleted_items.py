"""The messages and effects that deleted prompts, test tables and experiments share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404

from chat.exceptions import ItemGone, NameTaken
from chat.flows.bring_back import bring_back
from chat.flows.delete_experiment import delete_experiment
from chat.flows.delete_prompt import delete_prompt
from chat.flows.delete_test_table import delete_test_table
from chat.flows.purge_deleted import purge_at_once
from chat.models import Experiment, Prompt
from chat.models.deletable import RESTORABLE_FOR
from chat.relays import background

if TYPE_CHECKING:
    from accounts.http import AuthenticatedHttpRequest
    from chat.flows.note_deletion import Restorable
    from chat.models import Run


def is_for_good(request: AuthenticatedHttpRequest) -> bool:
    """Tell whether something that was deleted before is to be removed."""
    return "for_good" in request.POST


def delete_item(request: AuthenticatedHttpRequest, item: Restorable) -> None:
    if is_for_good(request):
        if purge_at_once(item, actor=request.user):
            messages.success(request, f"{item} was deleted for good.")
        else:
            messages.error(request, f"Somebody brought {item} back meanwhile, so it was not deleted.")
        return
    stopped: list[Run] = []
    if isinstance(item, Prompt):
        delete_prompt(item, actor=request.user)
    elif isinstance(item, Experiment):
        stopped = delete_experiment(item, actor=request.user)
    else:
        stopped = delete_test_table(item, actor=request.user)
    for run in stopped:
        background.stop(run)
    days = RESTORABLE_FOR.days
    messages.success(request, f"{item} was deleted. You can bring it back below for {days} days.")


def bring_back_item(request: AuthenticatedHttpRequest, item: Restorable) -> None:
    """
    :raises Http404: it was removed for good.
    """
    try:
        bring_back(item, actor=request.user)
    except NameTaken:
        noun = "experiment" if isinstance(item, Experiment) else item.noun
        messages.error(request, f"Another {noun} is called {item} by now. Rename that one first.")
    except ItemGone as error:
        raise Http404 from error
    else:
        messages.success(request, f"{item} is back.")
