"""The import of prompts with its preview, and their export as JSON and as code."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chat.flows.save_prompt import PromptFields, add_prompt
from chat.models import Prompt, PromptVersion
from tests.chat.prompt_samples import LANGFUSE, LANGFUSE_LIST, LANGFUSE_TEXT, PROMPTFOO, RESPONSE, as_text
from tests.chat.test_prompt_core import WHOLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(workspace) -> str:
    return reverse("chat:import_prompts", args=[workspace.slug])


def test_a_preview_shows_what_will_be_made_and_stores_nothing(client_for, alice, url):
    html = client_for(alice).post(url, {"text": as_text(RESPONSE)}).content.decode()

    for words in (
        "This is a response of OpenAI.",
        "pmpt_77",
        "You know {{town}}.",
        "put back in 2 places",
        "version",
    ):
        assert words in html
    assert not Prompt.objects.exists()


def test_chosen_prompts_are_stored_with_their_versions(client_for, alice, url, endpoint):
    text = as_text([LANGFUSE, {**LANGFUSE, "version": 6, "labels": []}, LANGFUSE_TEXT])

    response = client_for(alice).post(url, {"text": text, "import": "1", "chosen": ["0"]})

    prompt = Prompt.objects.get()
    assert response.url == reverse("chat:prompt", args=[prompt.workspace.slug, prompt.code])
    assert (prompt.name, prompt.version, prompt.production) == ("reply", 7, 7)
    assert list(prompt.versions.values_list("number", flat=True)) == [7, 6]
    # The model of the catalogue that has this name.
    assert prompt.versions.get(number=7).read().provider == "demo"
    assert "Answer {{customer_name}}" in client_for(alice).get(response.url).content.decode()


def test_a_taken_name_is_changed_and_said(client_for, alice, url):
    client, text = client_for(alice), as_text(LANGFUSE_TEXT)
    client.post(url, {"text": text, "import": "1", "chosen": "0"})

    assert "critic is taken" in client.post(url, {"text": text}).content.decode()
    client.post(url, {"text": text, "import": "1", "chosen": "0"})
    assert set(Prompt.objects.values_list("name", flat=True)) == {"critic", "critic 2"}


def test_the_tests_of_promptfoo_are_shown(client_for, alice, url):
    html = client_for(alice).post(url, {"text": PROMPTFOO}).content.decode()
    for words in (
        "Greetings 1",
        "Tests",
        "not contains: sorry",
        "latency: at most 4000",
        "Left out: A check of test 1",
    ):
        assert words in html


def test_a_list_of_names_cannot_be_stored(client_for, alice, url):
    html = client_for(alice).post(url, {"text": as_text(LANGFUSE_LIST)}).content.decode()
    assert "only the names of 2 prompts" in html and "versions 1, 7" in html
    assert 'name="import"' not in html


@pytest.mark.parametrize(
    "data",
    [
        {"text": '{"hello": ["world"]'},
        {},
        {"text": as_text(LANGFUSE_TEXT), "import": "1", "chosen": ["9", "x"]},
    ],
)
def test_what_is_refused_stays_in_the_box(client_for, alice, url, data):
    response = client_for(alice).post(url, data)
    assert response.status_code == 422
    assert 'class="errors"' in response.content.decode()
    assert not Prompt.objects.exists()


def test_a_file_is_read_as_a_text_is(client_for, alice, url):
    upload = SimpleUploadedFile("prompt.json", b"\xef\xbb\xbf" + as_text(LANGFUSE_TEXT).encode())
    assert "{{film}} by {{who}}" in client_for(alice).post(url, {"file": upload}).content.decode()
    refused = client_for(alice).post(url, {"file": SimpleUploadedFile("a.json", b"{\xff\xfe\x00")})
    assert refused.status_code == 422
    assert (
        '<div id="import-file-error"><p class="errors">a.json: This cannot be read'
        in refused.content.decode()
    )


def test_an_export_is_imported_again_with_all_versions(client_for, alice, url, workspace):
    prompt = add_prompt(workspace, PromptFields("A/b: ü", "About", WHOLE, "x"), actor=alice, number=3)
    client = client_for(alice)

    response = client.get(reverse("chat:export_prompt", args=[workspace.slug, prompt.code]), {"form": "json"})

    assert response["Content-Disposition"].startswith("attachment")
    assert json.loads(response.content)["prompts"][0]["versions"][0]["number"] == 3
    client.post(url, {"text": response.content.decode(), "import": "1", "chosen": "0"})
    copy = Prompt.objects.get(name="A/b: ü 2")
    assert (copy.version, copy.description) == (3, "About")
    assert [each.read() for each in PromptVersion.objects.all()] == [WHOLE, WHOLE]


def test_a_prompt_is_shown_as_code(client_for, alice, workspace, endpoint):
    prompt = add_prompt(workspace, PromptFields("Code", "", WHOLE), actor=alice)
    html = (
        client_for(alice)
        .get(reverse("chat:export_prompt", args=[workspace.slug, prompt.code]))
        .content.decode()
    )
    assert "Answer {{who}} in {{tongue}}." in html and "curl" in html
    assert "has no file in place of page" in html
