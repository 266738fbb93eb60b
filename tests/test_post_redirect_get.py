"""Every form, posted without scripts: a reload of the page that follows repeats nothing.

A form that was accepted is answered by a redirect. Views that only scripts call may answer with a fragment
or with nothing, but never with a whole page. A new view is posted with the data of its row in the access
matrix.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.flows.invite import invite
from accounts.flows.reset_password import make_reset_code
from accounts.models import Group, Invitation, Limit, Membership
from playground.models import Endpoint, ModelSetting
from tests import test_access_matrix as matrix
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.test_access_matrix import MATRIX, url_of

pytestmark = pytest.mark.django_db
objects, people, library = matrix.objects, matrix.people, matrix.library

_SCHEMA = {
    "type": "object",
    "properties": {"model": {"type": "string"}, "messages": {"type": "array"}, "top_p": {"type": "number"}},
}
_DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Local", "version": "1"},
    "paths": {
        "/v1/chat/completions": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": _SCHEMA}}},
                "responses": {"200": {"description": "ok"}},
            }
        }
    },
}
_ADDRESS = "http://127.0.0.1:9/v1"
_CAP = {"management_key": "x", "cap_usd": "5", "period": "day"}
# The data with which each form is accepted, where the matrix has other data or none.
ACCEPTED: dict[str, dict[str, Any]] = {
    "accounts:invite": {"role": "member", "note": "Dora", "days": "7"},
    "accounts:add_limit": {"subject": "everybody", "amount": "5", "unit": "credits", "period": "ever"},
    "playground:save_key": {"secret": "sk-another-key"},
    "playground:replace_key": {"secret": "sk-another-key"},
    "playground:make_capped_key": {**_CAP, "owner": "workspace", "name": "New"},
    "playground:refresh_capped_keys": {"management_key": "x"},
    "playground:change_capped_key": _CAP,
    "playground:delete_capped_key": {"management_key": "x"},
    "playground:add_provider": {"name": "New", "base_url": _ADDRESS, "anyway": _ADDRESS},
    "playground:edit_provider": {"name": "Renamed", "base_url": _ADDRESS},
    "playground:add_models": {"model_ids": "another"},
    "playground:set_models": {"scope": "found", "change": "off"},
    "playground:set_model": {"is_enabled": "on", "lowest_role": "member", "name": "Ours"},
    "playground:write_schema": {"text": json.dumps(_SCHEMA)},
}
# These answer with a file, which no reload repeats.
_DOWNLOADS = {"accounts:invitation_links"}
# Without scripts, nothing leads to these: the dialog of a key is a page of its own then.
_OF_SCRIPTS = {"playground:favour_model", "playground:add_key", "accounts:ask_for_raise"}
# Pages of chat whose forms need no scripts.
_OF_TABLES = {"chat:delete_table", "chat:add_case", "chat:delete_case", "chat:rerun_cells"}
_OF_TABLES |= {f"chat:{verb}_experiment" for verb in ("pause", "stop", "resume", "delete", "bring_back")}
_OF_TABLES |= {"chat:bring_back_table", "chat:bring_back_case"}
_OF_TABLES |= {"chat:allow_public_links", "chat:revoke_public_link"}
# A link is made after a look at its preview; without that, the page comes again. What belongs to a member
# cannot be taken over.
_REFUSED = {"chat:make_public_link", "chat:take_over", "chat:take_over_item"}
# Forms that people send; without scripts, too.
FORMS = sorted(
    name
    for name, row in MATRIX.items()
    if row.method == "post"
    and (not name.startswith("chat:") or name in _OF_TABLES)
    and name not in _OF_SCRIPTS | _DOWNLOADS
)
OTHERS = sorted(
    name for name, row in MATRIX.items() if row.method == "post" and name not in _REFUSED.union(FORMS)
)


def _data(name: str) -> dict[str, Any]:
    if name == "playground:load_schema":
        return {"file": SimpleUploadedFile("openapi.json", json.dumps(_DOCUMENT).encode())}
    return ACCEPTED.get(name, MATRIX[name].data)


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_accepted_redirects(name, objects, people, client_for):
    client = client_for(people["owner"])

    answer = client.post(url_of(name, objects), _data(name))

    assert answer.status_code in {302, 303}, answer.content.decode()[-2000:]
    assert client.get(answer.url).status_code in {200, 302}


@pytest.mark.parametrize("name", OTHERS)
def test_a_view_that_scripts_call_answers_without_a_page(name, objects, people, client_for):
    answer = client_for(people["owner"]).post(url_of(name, objects), _data(name))

    assert answer.status_code < 400 or answer.status_code == 422
    assert b"<!doctype" not in answer.content.lower()


def test_the_forms_were_accepted(objects, people, client_for, workspace):
    """Count what the rows above store: a form that was refused would prove nothing."""
    client = client_for(people["owner"])
    before = Invitation.objects.count(), Limit.objects.count()
    for name in ("accounts:invite", "accounts:add_limit", "playground:set_model", "playground:write_schema"):
        client.post(url_of(name, objects), _data(name))
    client.post(url_of("accounts:create_group", objects), _data("accounts:create_group"))

    assert (Invitation.objects.count(), Limit.objects.count()) == (before[0] + 1, before[1] + 1)
    assert set(Group.objects.values_list("name", flat=True)) == {"Design", "Research"}
    assert ModelSetting.objects.filter(workspace=workspace, name="Ours").exists()
    written = Endpoint.objects.get(model__model_id="local").request_schema
    assert written["properties"]["top_p"] == {"type": "number"}


def test_the_pages_of_one_person_redirect_too(client_for, client, alice, bob, carol, workspace):
    invitation, token = invite(workspace, "member", "", 7, actor=alice)
    another, new_token = invite(workspace, "member", "", 7, actor=alice)
    person = {"name": "Dora", "email": "dora@example.org", "password": "a long enough phrase"}

    assert client_for(bob).post("/profile/", {"name": "Robert"}).status_code == 302
    assert client_for(carol).post(f"/join/{token}/").status_code == 302
    assert client.post(f"/join/{new_token}/", person).status_code == 302
    client.logout()
    code = make_reset_code(bob)
    assert client.post(f"/reset/{code}/", {"password": "another long phrase"}).status_code == 302
    assert Membership.objects.filter(workspace=workspace).count() == 4
    assert invitation.pk != another.pk
