"""Sharing of what a library has: prompts, tools, output schemas and test tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import get_membership_for
from chat.library_access import get_own_item_for
from chat.pages.items import address_of_item, item_context
from chat.pages.sharing import Sharing
from chat.views.share_dialog import ShareDialog

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from accounts.http import AuthenticatedHttpRequest
    from accounts.models import User


@never_cache
@require_safe
@login_required
def share(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    return _dialog(request, slug, word, code).share()


@never_cache
@require_safe
@login_required
def people(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    return _dialog(request, slug, word, code).people()


@require_POST
@login_required
def everyone(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    return _dialog(request, slug, word, code).everyone()


@require_POST
@login_required
def person(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    return _dialog(request, slug, word, code).person()


@require_POST
@login_required
def group(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> HttpResponse:
    return _dialog(request, slug, word, code).group()


def _dialog(request: AuthenticatedHttpRequest, slug: str, word: str, code: UUID) -> ShareDialog:
    find = partial(_sharing, request.user, slug, word, code)
    return ShareDialog(request, find, _behind, "chat/_share_item_changed.html")


def _sharing(user: User, slug: str, word: str, code: UUID) -> Sharing:
    membership = get_membership_for(user, slug)
    item = get_own_item_for(membership, word, code)
    names = {
        "people": "people_for_item",
        "everyone": "share_item_with_everyone",
        "person": "share_item_with_person",
        "group": "share_item_with_group",
    }
    urls = {way: reverse(f"chat:{name}", args=[slug, word, code]) for way, name in names.items()}
    return Sharing(item, membership, address_of_item(item), urls)


def _behind(sharing: Sharing) -> dict[str, Any]:
    return item_context(sharing.membership, sharing.thing)  # type: ignore[arg-type]  # found as an item
