"""Items of the library are copied into private ones of whoever may read them."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from chat.evaluation.check_kinds import CheckSetting
from chat.flows.save_prompt import PromptFields, add_prompt, save_prompt
from chat.flows.save_test_table import set_checks
from chat.library_access import ITEMS
from chat.models import Access, OutputSchema, Tool
from chat.pages.items import address_of_item, word_of_item
from chat.prompts.content import PromptContent
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.chat.experiments import table_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(workspace, alice) -> list[Any]:
    """Return an item of each kind that everyone may read."""
    prompt = add_prompt(workspace, PromptFields("Zebra", "Stripes", PromptContent("One")), actor=alice)
    save_prompt(prompt, PromptFields("Zebra", "Stripes", PromptContent("Two")), 1, actor=alice)
    of = {"workspace": workspace, "created_by": alice, "name": "zebra", "schema": '{"b": 1, "a": 2}'}
    examples = [{"name": "one", "text": "1"}]
    tool = Tool.objects.create(**of, is_strict=True, result_schema='{"type": "string"}', examples=examples)
    schema = OutputSchema.objects.create(**of, description="Stripes")
    table = table_of(workspace, alice, [["zebra", "x"], ["okapi", "y"]])
    set_checks(table, [CheckSetting("contains", "z")], actor=alice)
    made: list[Any] = [prompt, tool, schema, table]
    for item in made:
        type(item).objects.update(workspace_access=Access.READ)
    return made


def content_of(item: Any) -> Any:
    """Return what a copy has in common with its original."""
    if word_of_item(item) == "prompt":
        return item.description, item.summary, item.versions.get(number=item.version).content
    if word_of_item(item) == "table":
        cases = list(item.cases.values_list("number", "values", "folded"))
        return item.columns, item.checks, item.size, item.last_number, cases
    entry = (item.description, item.schema, item.is_strict)
    return (*entry, item.result_schema, item.examples) if isinstance(item, Tool) else entry


def test_a_reader_gets_a_private_copy_with_all_of_it(items, bob, vera, client_for):
    client, viewer = client_for(bob), client_for(vera)
    for item in items:
        address = reverse("chat:copy_item", args=["acme", word_of_item(item), item.code])
        assert address in client.get(address_of_item(item)).content.decode()
        assert address not in viewer.get(address_of_item(item)).content.decode()

        response = client.post(address)

        kind = type(item)
        copy = kind.objects.get(created_by=bob)
        assert response.url == address_of_item(copy)
        assert (copy.workspace_access, copy.shares.count()) == (Access.NONE, 0)
        assert str(copy) in {f"{item} (copy)", f"{item}_copy"}
        item.refresh_from_db()
        assert content_of(copy) == content_of(item)
        assert viewer.get(address_of_item(copy)).status_code == 404
        # A copy of the copy says once that it is one.
        client.post(reverse("chat:copy_item", args=["acme", word_of_item(copy), copy.code]))
        assert {str(each) for each in kind.objects.filter(created_by=bob)} == {str(copy)}
    assert len(items) == len(ITEMS)


def test_the_copy_of_a_prompt_begins_with_the_newest_version(items, bob, client_for):
    client_for(bob).post(reverse("chat:copy_item", args=["acme", "prompt", items[0].code]))
    copy = type(items[0]).objects.get(created_by=bob)
    assert (copy.version, copy.production, copy.edits) == (1, None, 1)
    version = copy.versions.get()
    assert (version.note, version.author) == ("Copied from Zebra, version 2", bob)
