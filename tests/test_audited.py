"""Every address that only admins may post to: each writes an event of the audit log, or says why not."""

# Fixtures are imported by their names, which the parameters of tests then repeat.
# ruff: noqa: F811
from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import AuditEvent, Group, Limit, LimitExemption, Membership
from tests.accounts.factors import give_app
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.test_access_matrix import ADMINS, MATRIX, library, objects, people, url_of  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable

Objects = dict[str, dict[str, Any]]
Data = dict[str, Any]

pytestmark = pytest.mark.django_db

# Addresses after which no event is due, each with the reason.
NOT_AUDITED = {
    "accounts:try_mail_again": "sends again what was due before",
    "accounts:remove_mail": "drops a mail that nobody got",
    "accounts:open_notice": "reads a notice",
    "accounts:read_notice": "reads a notice",
    "accounts:send_invitation": "mails a link whose making was noted",
    "accounts:send_password_link": "mails a link whose making was noted",
    "chat:keep_conversation": "changes a chat that is the user's alone",
    "chat:discard_file": "drops a file that was not sent",
    "chat:encoding": "reads a file that was not sent in another encoding",
    "chat:reword_queued": "changes a prompt that was not sent",
    # The form needs the digest of its preview: see tests/chat/test_snapshots.py.
    "chat:make_public_link": "has a preview first",
    # Their owners have not left: see tests/chat/test_take_over.py.
    "chat:take_over": "is refused",
    "chat:take_over_item": "is refused",
    "playground:test_key": "asks the provider whether a key works",
    "playground:refresh_balance": "asks the provider for a figure",
    "playground:refresh_capped_keys": "asks the provider for figures",
    "playground:compare_charges": "asks the provider for charges",
    "playground:fetch_models": "asks the provider for its list",
    "playground:sync_provider": "asks the provider for its list",
    "playground:forget_capped_key": "drops a row whose key the provider deleted",
    "chat:resume_experiment": "goes on with an experiment whose start was noted",
    "chat:rerun_cells": "goes on with an experiment whose start was noted",
    # These ask a provider first, so their flows are in tests/accounts/test_audit.py.
    "playground:save_key": "asks the provider",
    "playground:replace_key": "asks the provider",
    "playground:edit_provider": "asks the provider",
    "playground:load_schema": "reads a document",
    "playground:make_capped_key": "asks the provider",
    "playground:change_capped_key": "asks the provider",
    "playground:delete_capped_key": "asks the provider",
}


def _member_of_group(objects: Objects) -> Data:
    member = Membership.objects.get(pk=objects["membership"]["number"])
    Group.objects.get(code=objects["group"]["code"]).members.add(member)
    return {"member": member.pk}


def _exemption(objects: Objects) -> Data:
    user = Membership.objects.get(pk=objects["membership"]["number"]).user
    limit = Limit.objects.get(code=objects["limit"]["code"])
    return {"exemption": LimitExemption.objects.create(limit=limit, member=user).pk}


def _waitable(objects: Objects) -> Data:
    Limit.objects.update(period="minute")
    return {"lets_wait": "yes"}


def _protected_owner(objects: Objects) -> Data:
    give_app(Membership.objects.get(role="owner", workspace__slug="acme").user)
    return {"required": "yes"}


def _protected_member(objects: Objects) -> Data:
    give_app(Membership.objects.get(pk=objects["membership"]["number"]).user)
    return {}


def _user(objects: Objects) -> int:
    return Membership.objects.get(pk=objects["membership"]["number"]).user_id


# Makes the fields that a form needs beyond the row of the access matrix, for a change that is accepted.
DATA: dict[str, Callable[[Objects], Data]] = {
    "accounts:invite": lambda objects: {"role": "member", "note": "Ben", "days": "7"},
    "accounts:add_limit": lambda objects: {
        "subject": "everybody",
        "amount": "500",
        "unit": "credits",
        "period": "day",
    },
    "accounts:exempt_from_limit": lambda objects: {"subject": _user(objects)},
    "accounts:end_exemption": _exemption,
    "accounts:let_wait": _waitable,
    "accounts:set_factor_rule": _protected_owner,
    "accounts:reset_factors": _protected_member,
    "accounts:add_to_group": lambda objects: {"member": objects["membership"]["number"]},
    "accounts:remove_from_group": _member_of_group,
    "chat:share_item_with_person": lambda objects: {
        "person": objects["membership"]["number"],
        "access": "read",
    },
    "chat:share_item_with_group": lambda objects: {"group": objects["group"]["code"], "access": "read"},
    "chat:share_with_person": lambda objects: {"person": objects["membership"]["number"], "access": "read"},
    "chat:share_with_group": lambda objects: {"group": objects["group"]["code"], "access": "read"},
    "playground:add_models": lambda objects: {"model_ids": "another"},
    "playground:set_model": lambda objects: {"is_enabled": "on", "lowest_role": "admin"},
    "playground:set_models": lambda objects: {"scope": "found", "change": "off"},
    "playground:write_schema": lambda objects: {"kind": "chat/completions", "text": WRITTEN},
}
WRITTEN = '{"type": "object", "properties": {"model": {"type": "string"}, "messages": {"type": "array"}}}'
MOST_RIGHTS = [
    name for name, row in MATRIX.items() if row.method == "post" and set(row.allowed) <= set(ADMINS)
]


@pytest.mark.parametrize("name", sorted(set(MOST_RIGHTS) - set(NOT_AUDITED)))
def test_what_an_admin_changes_is_noted(name, objects, people, client_for):
    client = client_for(people["owner"])
    data = {**MATRIX[name].data, **(DATA[name](objects) if name in DATA else {})}
    AuditEvent.objects.all().delete()

    response = client.post(url_of(name, objects), data)

    assert response.status_code in (200, 204, 302), response.content.decode()[:3000]
    event = AuditEvent.objects.first()
    assert event is not None
    assert event.actor == people["owner"]
    assert event.origin == "127.0.0.1"


def test_every_reason_is_about_an_address():
    assert set(NOT_AUDITED) <= set(MOST_RIGHTS)
    assert set(DATA) <= set(MOST_RIGHTS)
