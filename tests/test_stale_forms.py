"""Two admins who save one form of settings: the second is told once, sees both values and can save again."""

from __future__ import annotations

import html
import json
from typing import Any, NamedTuple

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.flows.save_key import save_key
from accounts.models import ApiKey, Group, Limit
from playground.catalogue.load_bundled import load_bundled
from playground.models import Provider, UpstreamModel

pytestmark = pytest.mark.django_db

AGAIN = "Save again to replace that."


class Form(NamedTuple):
    page: str
    save: str
    field: str
    # The values that the first and the second admin type.
    first: str
    second: str
    # Other fields that each page posts.
    beside: dict[str, str] = {}  # read only
    # The value of the first as the page says it to the second.
    words: str = ""


FORMS = {
    "audit retention": Form("accounts:audit", "accounts:set_audit_retention", "days", "40", "50"),
    "time zone": Form(
        *("accounts:limits", "accounts:set_periods", "time_zone", "Europe/Berlin", "Asia/Tokyo"),
        {"week_starts_on": "0"},
    ),
    "limit": Form("accounts:limits", "accounts:change_limit", "amount", "7.5", "8.25"),
    "group": Form("accounts:group", "accounts:rename_group", "name", "Owls", "Crows"),
    "key": Form(
        *("playground:key", "playground:change_key", "model_patterns", "gpt-*", "o4-*"),
        {"lowest_role": "viewer", "label": "Shared"},
    ),
    "low balance": Form("playground:key", "playground:set_low_balance", "threshold", "3", "4.5"),
    "model": Form(
        *("playground:model", "playground:set_model", "name", "Ours", "Theirs"),
        {"is_enabled": "on", "is_listed": "on", "lowest_role": "viewer"},
    ),
    "name of a provider": Form(
        *("playground:provider", "playground:edit_provider", "name", "Left", "Right"),
        {"base_url": "https://own.example/v1"},
    ),
    "places": Form("playground:provider", "playground:set_places", "places", "3", "4"),
    "extra parameters": Form(
        *("playground:provider", "playground:set_extra", "extra", '{\n  "top_k": 1\n}', '{"top_k": 2}'),
        words='"top_k": 1',
    ),
    "models without a price": Form(
        *("playground:unpriced", "playground:set_unpriced", "rule", "count", "refuse"),
        words="Charge nothing: count tokens and requests only",
    ),
    "new chats": Form(
        *("chat:workspace", "chat:set_defaults", "system_text", "Be brief.", "Be kind."), {"model": ""}
    ),
    "titles": Form(
        *("chat:workspace", "chat:set_titles", "model", "demo/plain", "demo/slow"), words="Demo Plain"
    ),
}


@pytest.fixture
def addresses(workspace, alice) -> dict[str, list[Any]]:
    """Make the objects that the addresses name beside the workspace."""
    load_bundled("demo")
    own = Provider.objects.create(
        workspace=workspace, code="own", name="Own", base_url="https://own.example/v1", kind="openai"
    )
    save_key(workspace, own.code, "sk-0123456789", member=None, label="Shared", actor=alice)
    limit = Limit.objects.create(workspace=workspace, unit="usd", amount=5_000_000, period="day")
    group = Group.objects.create(workspace=workspace, name="Birds")
    key = ApiKey.objects.get()
    model = UpstreamModel.objects.get(model_id="demo/plain")
    return {
        "accounts:change_limit": [limit.code],
        **{f"accounts:{name}": [group.code] for name in ("group", "rename_group")},
        **{f"playground:{name}": [key.code] for name in ("key", "change_key", "set_low_balance")},
        **{f"playground:{name}": [model.pk] for name in ("model", "set_model")},
        **{
            f"playground:{name}": [own.code]
            for name in ("provider", "edit_provider", "set_places", "set_extra")
        },
    }


def value_of(typed: str) -> str:
    found = UpstreamModel.objects.filter(model_id=typed).first()
    return str(found.pk) if found else typed


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_the_second_admin_is_told_and_can_save_again(form, addresses, alice, client_for):
    client = client_for(alice)
    if form.field == "threshold":
        # Only AI/ML API tells the balance of a key.
        Provider.objects.filter(code="own").update(kind="aimlapi")
    page, save = (reverse(name, args=["acme", *addresses.get(name, [])]) for name in (form.page, form.save))

    def shown() -> str:
        text = client.get(page).content.decode()
        posted = text.split(f'action="{save}"', 1)[1].split("</form>", 1)[0].split('name="seen" value=', 1)[1]
        return html.unescape(posted[1:].split(posted[0], 1)[0])

    def stored() -> str:
        return " ".join(json.loads(shown())[form.field].split())

    def post(value: str, seen: str) -> str:
        answer = client.post(save, {**form.beside, form.field: value_of(value), "seen": seen})
        said = " ".join(str(each) for each in get_messages(answer.wsgi_request))
        return html.unescape(f"{said} {answer.content.decode()}")

    seen = shown()
    first, second = value_of(form.first), value_of(form.second)
    assert AGAIN not in post(form.first, seen)
    assert json.loads(shown()) != json.loads(seen)
    is_extra = form.field == "extra"
    after_first = stored()
    assert after_first == first or is_extra

    refused = post(form.second, seen)
    assert AGAIN in refused
    assert (form.words or form.first) in refused
    assert stored() == after_first

    # The same value again is no conflict, and neither is another one on a page that shows the new value.
    assert AGAIN not in post(form.first, seen)
    assert stored() == after_first
    assert AGAIN not in post(form.second, shown())
    assert stored() == second or is_extra
    assert stored() != after_first


def test_a_page_without_the_values_is_saved_as_before(addresses, workspace, alice, client_for):
    save = reverse("accounts:set_audit_retention", args=["acme"])
    for nonsense in ("", "[]", "{", "[" * 100_000, '{"days": 3}'):
        client_for(alice).post(save, {"days": "44", "seen": nonsense})
        workspace.refresh_from_db()
        assert workspace.audit_days == 44
