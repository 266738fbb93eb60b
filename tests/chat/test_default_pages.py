"""The forms that set the defaults of new chats: a member's own page, and the workspace's settings."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from chat.models import ChatDefault, Draft
from playground.models import Endpoint, ModelSetting, Provider, UpstreamModel
from playground.parameters.schema.request_schema import digest_of

pytestmark = pytest.mark.django_db

# The page and the address of the form, by what the form sets.
FORMS = {
    "own": ("chat:own_defaults", "chat:save_own_defaults"),
    "shared": ("chat:workspace", "chat:set_defaults"),
}


def url(name: str) -> str:
    return reverse(name, args=["acme"])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def plain(catalogue) -> UpstreamModel:
    return UpstreamModel.objects.get(model_id="demo/plain")


@pytest.fixture(params=FORMS)
def which(request) -> str:
    return str(request.param)


@pytest.fixture
def hers(alice, client_for):
    """Return one client of Alice, since the page that follows a form shows its message."""
    return client_for(alice)


@pytest.fixture
def page(which, hers):
    return lambda: hers.get(url(FORMS[which][0]))


@pytest.fixture
def save(which, hers):
    def save(**data: Any):
        return hers.post(url(FORMS[which][1]), {"model": "", "system_text": "", **data})

    return save


@pytest.fixture
def kept(which, alice, workspace, plain):
    """Return a default that is set."""
    member = alice if which == "own" else None
    setting = {"member": member, "model": plain, "model_name": plain.name, "system_text": "Be brief."}
    return ChatDefault.objects.create(workspace=workspace, **setting)


def test_both_are_set_changed_and_taken_away(which, alice, page, save, plain):
    assert "selected>None: the model" in text_of(page())
    answer = save(model=plain.pk, system_text="  Be <b>brief</b>.\r\n")
    assert answer.headers["Location"] == url(FORMS[which][0])
    stored = ChatDefault.objects.get()
    assert (stored.member, stored.model) == (alice if which == "own" else None, plain)
    assert stored.system_text == "  Be <b>brief</b>.\n"
    shown = page().content.decode()
    assert "new chats in Acme Research are saved." in shown
    assert f'<option value="{plain.pk}" selected>Demo Plain</option>' in shown
    assert "\n  Be &lt;b&gt;brief&lt;/b&gt;.\n</textarea>" in shown

    save()
    stored.refresh_from_db()
    assert (stored.model, stored.model_name, stored.system_text) == (None, "", "")
    assert "selected>None: the model" in text_of(page())


@pytest.mark.parametrize(
    "data",
    [{"model": wrong} for wrong in ("x", "-1", "9" * 40, "\x00", "999999")]
    + [{"system_text": "x" * 200_001}, {"system_text": "a\x00b"}],
)
def test_a_refused_form_keeps_what_was_typed_and_stores_neither(save, kept, plain, data):
    answer = save(**{"model": str(plain.pk), "system_text": "Typed.", **data})
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert 'aria-invalid="true"' in shown
    assert ("Typed." if "model" in data else "200,000" if len(data["system_text"]) > 9 else "Null") in shown
    kept.refresh_from_db()
    assert (kept.model, kept.system_text) == (plain, "Be brief.")


def switched_off(model, workspace):
    ModelSetting.objects.create(workspace=workspace, model=model, is_enabled=False)


def without_a_key(model, workspace):
    Provider.objects.filter(pk=model.provider_id).update(needs_key=True)


def retired(model, workspace):
    UpstreamModel.objects.filter(pk=model.pk).update(is_retired=True, retired_because="Use another.")


def deleted(model, workspace):
    model.delete()


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (switched_off, "Demo Plain is switched off in Acme Research."),
        (without_a_key, "You have no key for "),
        (retired, "Demo Plain is retired. Use another."),
        (deleted, "Demo Plain is no longer in the catalogue."),
    ],
)
def test_the_page_says_why_a_model_cannot_be_used(page, save, kept, plain, workspace, spoil, words):
    pk = plain.pk
    spoil(plain, workspace)
    shown = text_of(page())
    assert words in shown
    assert "begin as if no model was set here." in shown
    if spoil is not deleted:
        # The model stays beside another system prompt, until somebody chooses another one.
        assert f'<option value="{pk}" selected>Demo Plain</option>' in shown
        assert save(model=pk, system_text="New.").status_code == 302
        kept.refresh_from_db()
        assert (kept.model_id, kept.system_text) == (pk, "New.")
        save()
    else:
        save(system_text="New.")
    assert words not in text_of(page())


def test_a_model_that_accepts_no_text_is_refused_at_its_field(save, plain):
    endpoint = Endpoint.objects.get(model=plain, kind="chat/completions")
    part = {"type": "object", "properties": {"type": {"const": "input_audio"}}, "required": ["type"]}
    message = {
        "type": "object",
        "properties": {"role": {"type": "string"}, "content": {"type": "array", "items": part}},
    }
    endpoint.request_schema["properties"]["messages"] = {"type": "array", "items": message}
    endpoint.schema_digest = digest_of(endpoint.request_schema)
    endpoint.save()
    assert "Demo Plain accepts no text. Choose another model." in text_of(save(model=plain.pk))
    assert not ChatDefault.objects.exists()


def test_a_member_sees_what_comes_next(bob, workspace, plain, client_for):
    ChatDefault.objects.create(workspace=workspace, model=plain, model_name="Demo Plain", system_text="A & B")
    shown = text_of(client_for(bob).get(url("chat:own_defaults")))
    assert "selected>The default of Acme Research: Demo Plain</option>" in shown
    assert "The system prompt of Acme Research" in shown
    assert "A &amp; B</div>" in shown
    switched_off(plain, workspace)
    assert "selected>None: the model that you used last" in text_of(
        client_for(bob).get(url("chat:own_defaults"))
    )


def test_each_sets_their_own(alice, bob, ada, plain, client_for):
    for person, text in ((alice, "Of Alice."), (bob, "Of Bob.")):
        client_for(person).post(url("chat:save_own_defaults"), {"model": plain.pk, "system_text": text})
    assert dict(ChatDefault.objects.values_list("member__name", "system_text")) == {
        "Alice": "Of Alice.",
        "Bob": "Of Bob.",
    }
    assert "Of " not in client_for(ada).get(url("chat:own_defaults")).content.decode()
    assert not Draft.objects.exists()


def test_the_profile_leads_there(bob, vera, client_for):
    assert url("chat:own_defaults") in client_for(bob).get("/profile/").content.decode()
    assert url("chat:own_defaults") not in client_for(vera).get("/profile/").content.decode()


def test_the_number_of_queries_does_not_grow_with_the_models(
    page, kept, catalogue, django_assert_max_num_queries
):
    page()
    with django_assert_max_num_queries(16):
        page()
