"""Every URL, requested by every kind of user.

A URL without a row here fails the test: a new page has to say who may see it.
"""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.models import Role
from chat import files
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.media import Media
from chat.models import Access, Conversation, Exchange, Tool
from chat.prompts.content import PromptContent
from playground.models import Provider, UpstreamModel
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.objects_of_urls import (
    OBJECT_OF,
    OF_COMPARISONS,
    charges_of,
    chats_of,
    in_json,
    keys_of,
    tables_of,
    team_of,
)
from tests.urls_without_rows import OWN, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

READERS = ("owner", "admin", "member", "viewer")
WRITERS = ("owner", "admin", "member")
ADMINS = ("owner", "admin")


@dataclass(frozen=True)
class Row:
    """Roles of the workspace that may open an address; others of it get 403, and strangers 404."""

    method: str
    allowed: tuple[str, ...]
    data: dict[str, Any] = field(default_factory=dict)
    # Others of the workspace must not learn that the object exists.
    hidden: bool = False
    # Reading a conversation is enough, for roles that may have conversations of their own.
    takes_readers: bool = False


MATRIX: dict[str, Row] = {
    "chat:new": Row("get", READERS),
    "chat:start": Row("post", WRITERS),
    "chat:configure_new": Row("post", WRITERS),
    "chat:code_of_new": Row("post", WRITERS),
    "chat:paste": Row("post", WRITERS),
    "chat:parameters": Row("post", WRITERS),
    "chat:tables": Row("get", READERS),
    "chat:new_table": Row("get", WRITERS),
    "chat:table": Row("get", READERS),
    "chat:checks": Row("get", READERS),
    "chat:table_settings": Row("get", WRITERS),
    "chat:delete_table": Row("post", WRITERS),
    "chat:bring_back_table": Row("post", WRITERS),
    "chat:load_cases": Row("get", WRITERS),
    "chat:export_cases": Row("get", READERS),
    "chat:add_case": Row("post", WRITERS, {"value-0": "Oslo"}),
    "chat:case": Row("get", READERS),
    "chat:delete_case": Row("post", WRITERS),
    "chat:bring_back_case": Row("post", WRITERS),
    "chat:collect_case": Row("post", WRITERS, takes_readers=True),
    "chat:experiments": Row("get", READERS),
    "chat:new_experiment": Row("get", WRITERS),
    "chat:experiment": Row("get", READERS),
    "chat:progress": Row("get", READERS),
    "chat:pause_experiment": Row("post", WRITERS),
    "chat:stop_experiment": Row("post", WRITERS),
    # They spend in the name of the person who started it.
    "chat:resume_experiment": Row("post", ("owner",)),
    "chat:rerun_cells": Row("post", ("owner",)),
    "chat:delete_experiment": Row("post", WRITERS),
    "chat:bring_back_experiment": Row("post", WRITERS),
    "chat:export_results": Row("get", READERS),
    "chat:open_paste": Row("post", WRITERS, {"paste": '{"model": "m", "messages": []}'}),
    "chat:next_code": Row("post", WRITERS),
    "chat:preview": Row("post", WRITERS),
    "chat:preview_new": Row("post", WRITERS),
    "chat:code": Row("get", READERS),
    "chat:picker": Row("get", READERS),
    "chat:link_of_new": Row("post", WRITERS),
    "chat:link": Row("post", WRITERS),
    "chat:look_into_import": Row("post", WRITERS),
    "chat:store_import": Row("post", WRITERS),
    "chat:search": Row("get", READERS),
    "chat:workspace": Row("get", ADMINS),
    "chat:edit_workspace": Row("post", ADMINS, {"name": "Renamed", "colour": "blue"}),
    "chat:transfer_ownership": Row("post", ("owner",), {"email": "bob@example.org"}),
    "chat:delete_workspace": Row("get", ("owner",)),
    # It has people of its own, of whom only an owner may know that it can come back.
    "chat:restore_workspace": Row("post", ("owner",), hidden=True),
    "chat:set_titles": Row("post", ADMINS, {"model": ""}),
    "chat:set_defaults": Row("post", ADMINS, {"system_text": "Be brief."}),
    # An admin who could shorten it could hide what they did.
    "chat:retention": Row("get", ("owner",)),
    "chat:set_content_rules": Row("post", ("owner",), {"conversation_days": "365", "temporary_hours": "24"}),
    "chat:simulate": Row("get", ADMINS),
    "chat:own_defaults": Row("get", WRITERS),
    "chat:save_own_defaults": Row("post", WRITERS, {"system_text": "Be brief."}),
    "chat:prompts": Row("get", READERS),
    "chat:new_prompt": Row("get", WRITERS),
    "chat:prompt": Row("get", READERS),
    "chat:prompt_versions": Row("get", READERS),
    "chat:import_prompts": Row("get", WRITERS),
    "chat:export_prompt": Row("get", READERS),
    "chat:pick_prompt": Row("get", WRITERS),
    "chat:fill_prompt": Row("get", WRITERS),
    "chat:prompt_uses": Row("get", READERS),
    "chat:use_prompt": Row("get", WRITERS),
    "chat:restore_version": Row("post", WRITERS, {"number": "1", "edits": "1"}),
    "chat:pin_version": Row("post", WRITERS, {"number": "1"}),
    "chat:delete_prompt": Row("post", WRITERS),
    "chat:bring_back_prompt": Row("post", WRITERS),
    "chat:tools": Row("get", READERS),
    "chat:import_tools": Row("get", WRITERS),
    "chat:arrange_schema": Row("post", WRITERS),
    "chat:new_entry": Row("get", WRITERS),
    "chat:entry": Row("get", READERS),
    "chat:delete_entry": Row("post", WRITERS),
    "chat:replace_model": Row("get", ADMINS),
    **{f"chat:{name}": Row("post", WRITERS) for name in OF_COMPARISONS},
    **{f"chat:{name}": Row("get", READERS) for name in ("comparison", "figures", "column_settings")},
    **{f"chat:{name}": Row("get", READERS) for name in ("results_of_comparison", "difference")},
    **{f"chat:{name}": Row("post", WRITERS, takes_readers=True) for name in ("compare", "go_on_with_column")},
    "chat:stop_columns": Row("post", READERS),
    "chat:move_column": Row("post", WRITERS, {"way": "right"}),
    "chat:copy_to_columns": Row("post", WRITERS, {"part": "system"}),
    "chat:conversation": Row("get", READERS),
    "chat:frames": Row("get", READERS),
    "chat:send": Row("post", WRITERS),
    "chat:configure": Row("post", WRITERS),
    "chat:clear_queue": Row("post", WRITERS),
    "chat:send_queued": Row("post", WRITERS),
    "chat:queued_words": Row("get", READERS),
    # A prompt is sent in its author's name, so only the author changes its words.
    "chat:reword_queued": Row("post", ("owner",), {"text": "Other words"}),
    "chat:move_queued": Row("post", WRITERS, {"way": "down"}),
    "chat:unqueue": Row("post", WRITERS),
    "chat:system": Row("get", READERS),
    "chat:keep_system": Row("post", WRITERS, {"system_text": "Be brief."}),
    "chat:rename": Row("post", WRITERS, {"title": "Renamed"}),
    # The conversation is the owner's: others of the workspace may not share or delete it.
    "chat:share": Row("get", ("owner",)),
    "chat:people_to_share_with": Row("get", ("owner",)),
    "chat:share_with_everyone": Row("post", ("owner",), {"access": "read"}),
    "chat:share_with_person": Row("post", ("owner",), {"access": "read"}),
    "chat:share_with_group": Row("post", ("owner",), {"access": "read"}),
    # The owner has not left, so nobody else becomes it: see tests/chat/test_take_over.py.
    "chat:take_over": Row("post", ()),
    "chat:take_over_item": Row("post", ()),
    "chat:copy_item": Row("post", WRITERS),
    # An item of the library belongs to its maker, who alone shares it.
    "chat:share_item": Row("get", ("owner",)),
    "chat:people_for_item": Row("get", ("owner",)),
    "chat:share_item_with_everyone": Row("post", ("owner",), {"access": "read"}),
    "chat:share_item_with_person": Row("post", ("owner",), {"access": "read"}),
    "chat:share_item_with_group": Row("post", ("owner",), {"access": "read"}),
    "chat:copy_conversation": Row("post", WRITERS, takes_readers=True),
    "chat:publish": Row("get", ("owner",)),
    "chat:make_public_link": Row("post", ("owner",)),
    "chat:public_links": Row("get", ADMINS),
    "chat:allow_public_links": Row("post", ADMINS, {"allow": "on"}),
    # Others than its maker and admins must not learn of a link.
    "chat:revoke_public_link": Row("post", ADMINS, hidden=True),
    "chat:delete": Row("post", ("owner",)),
    # Only the owner may know that a deleted conversation still exists.
    "chat:restore": Row("post", ("owner",), hidden=True),
    "chat:export": Row("get", READERS),
    "chat:save_as_prompt": Row("get", WRITERS, takes_readers=True),
    "chat:menu": Row("get", READERS),
    "chat:keep_conversation": Row("post", ("owner",)),
    "chat:place": Row("post", READERS, {"place": "pinned"}),
    "chat:message_text": Row("get", READERS),
    "chat:message_menu": Row("get", READERS),
    "chat:save_message": Row("post", WRITERS, {"text": "Other words"}),
    "chat:insert_examples": Row("post", WRITERS, {"prompt": "One", "answer": "Two", "place": "above"}),
    "chat:delete_message": Row("post", WRITERS),
    "chat:fork": Row("post", WRITERS, takes_readers=True),
    "chat:start_with_examples": Row("post", WRITERS, {"prompt": "One", "answer": "Two"}),
    "chat:earlier": Row("get", READERS),
    "chat:edit": Row("post", WRITERS),
    "chat:regenerate": Row("post", WRITERS),
    "chat:retry_without": Row("post", WRITERS),
    "chat:retry_longer": Row("post", WRITERS),
    "chat:retry_shorter": Row("post", WRITERS),
    "chat:continue_answer": Row("post", WRITERS),
    "chat:retry_elsewhere": Row("post", WRITERS),
    "chat:logprobs": Row("get", READERS),
    "chat:json_tree": Row("get", READERS),
    "chat:select_choice": Row("post", WRITERS, {"answer": "1"}),
    "chat:return_tool_results": Row("post", WRITERS),
    "chat:result_sources": Row("get", WRITERS),
    "chat:fill_result": Row("get", WRITERS),
    "chat:show": Row("post", WRITERS),
    "chat:upload": Row("post", WRITERS),
    "chat:unsent": Row("get", WRITERS),
    "chat:file": Row("get", READERS),
    # Only the uploader sees it; everybody else gets a 404.
    "chat:encoding": Row("post", ("owner",), {"encoding": "utf-8"}, hidden=True),
    "chat:discard_file": Row("post", ("owner",), hidden=True),
    "chat:stop": Row("post", WRITERS),
    "chat:keep_definitions": Row("post", WRITERS, takes_readers=True),
    "chat:exchanges": Row("get", READERS),
    "chat:request_file": Row("get", READERS),
    "chat:events_file": Row("get", READERS),
    "chat:raw_answer": Row("get", READERS),
    "chat:exchange_file": Row("get", READERS),
    "accounts:people": Row("get", READERS),
    "accounts:invite": Row("post", ADMINS),
    "accounts:revoke": Row("post", ADMINS),
    "accounts:invite_many": Row("get", ADMINS),
    "accounts:invitations": Row("get", ADMINS),
    "accounts:invitation_links": Row("post", ADMINS),
    "accounts:resend_invitation": Row("post", ADMINS),
    "accounts:change_role": Row("post", ADMINS, {"role": "viewer"}),
    "accounts:remove": Row("post", ADMINS),
    "accounts:password_link": Row("get", ADMINS),
    "accounts:send_invitation": Row("post", ADMINS),
    "accounts:send_password_link": Row("post", ADMINS),
    "accounts:leave": Row("post", READERS),
    "accounts:second_factor": Row("get", READERS),
    "accounts:set_factor_rule": Row("post", ("owner",), {"required": "no"}),
    "accounts:reset_factors": Row("post", ADMINS),
    "accounts:groups": Row("get", READERS),
    "accounts:create_group": Row("post", ADMINS, {"name": "Research"}),
    "accounts:group": Row("get", ADMINS),
    "accounts:rename_group": Row("post", ADMINS, {"name": "Research"}),
    "accounts:delete_group": Row("post", ADMINS),
    "accounts:add_to_group": Row("post", ADMINS),
    "accounts:remove_from_group": Row("post", ADMINS),
    "accounts:limits": Row("get", READERS),
    "accounts:add_limit": Row("post", ADMINS),
    "accounts:preview_limit": Row("get", ADMINS),
    "accounts:limit_subjects": Row("get", ADMINS),
    "accounts:limit_models": Row("get", ADMINS),
    "accounts:set_periods": Row("post", ADMINS, {"time_zone": "Asia/Tokyo", "week_starts_on": "6"}),
    "accounts:limit": Row("get", ADMINS),
    "accounts:people_to_exempt": Row("get", ADMINS),
    "accounts:exempt_from_limit": Row("post", ADMINS),
    "accounts:let_wait": Row("post", ADMINS),
    "accounts:end_exemption": Row("post", ADMINS),
    "accounts:shorten_answers": Row("post", ADMINS),
    "accounts:change_limit": Row("post", ADMINS, {"amount": "5"}),
    "accounts:delete_limit": Row("post", ADMINS),
    "accounts:ask_for_raise": Row("post", WRITERS),
    "accounts:raise_limit": Row("get", ADMINS),
    "accounts:end_raise": Row("post", ADMINS),
    "accounts:allow_request": Row("post", ADMINS, {"amount": "5"}),
    "accounts:decline_request": Row("post", ADMINS),
    # A notice is its reader's own: the objects here are the owner's.
    "accounts:notices": Row("get", READERS),
    "accounts:read_all_notices": Row("post", READERS),
    "accounts:open_notice": Row("post", ("owner",), hidden=True),
    "accounts:read_notice": Row("post", ("owner",), hidden=True),
    # A browser in which somebody is signed in is theirs, too.
    "accounts:end_session": Row("post", ("owner",), hidden=True),
    "accounts:mail": Row("get", ADMINS),
    "accounts:try_mail_again": Row("post", ADMINS),
    "accounts:remove_mail": Row("post", ADMINS),
    "accounts:audit": Row("get", ADMINS),
    "accounts:export_audit": Row("get", ADMINS),
    "accounts:set_audit_retention": Row("post", ("owner",), {"days": "365"}),
    "accounts:usage": Row("get", READERS),
    "accounts:usage_all": Row("get", ADMINS),
    "accounts:export_usage": Row("get", ADMINS),
    "accounts:correction": Row("get", ADMINS),
    "accounts:correct": Row("post", ADMINS, {"usd": "1", "reason": "Invoice"}),
    "playground:keys": Row("get", READERS),
    "playground:save_key": Row("post", ADMINS),
    "playground:test_key": Row("post", ADMINS),
    "playground:delete_key": Row("post", ADMINS),
    "playground:change_key": Row("post", ADMINS, {"label": "Ours", "lowest_role": "viewer"}),
    "playground:replace_key": Row("post", ADMINS, {"secret": "sk-a-newer-one-0123456789"}),
    "playground:switch_key": Row("post", ADMINS),
    # Every member for whom it is.
    "playground:prefer_key": Row("post", READERS, hidden=True),
    "playground:key": Row("get", ADMINS),
    "playground:refresh_balance": Row("post", ADMINS),
    "playground:set_low_balance": Row("post", ADMINS),
    "playground:key_dialog": Row("get", WRITERS),
    "playground:add_key": Row("post", WRITERS),
    "playground:capped_keys": Row("get", ADMINS),
    "playground:make_capped_key": Row("post", ADMINS),
    "playground:refresh_capped_keys": Row("post", ADMINS),
    "playground:change_capped_key": Row("post", ADMINS),
    "playground:delete_capped_key": Row("post", ADMINS),
    "playground:forget_capped_key": Row("post", ADMINS),
    "playground:providers": Row("get", READERS),
    "playground:add_provider": Row("get", ADMINS),
    "playground:provider": Row("get", READERS),
    "playground:edit_provider": Row("post", ADMINS),
    "playground:switch_provider": Row("post", ADMINS),
    "playground:set_places": Row("post", ADMINS, {"places": "2"}),
    "playground:set_extra": Row("post", ADMINS, {"extra": '{"min_p": 0.1}'}),
    "playground:set_endpoints": Row("post", ADMINS, {"kinds": "messages"}),
    "playground:delete_provider": Row("post", ADMINS),
    "playground:fetch_models": Row("post", ADMINS),
    "playground:add_models": Row("post", ADMINS),
    "playground:remove_model": Row("post", ADMINS),
    "playground:favour_model": Row("post", READERS, {"on": "true"}),
    "playground:models": Row("get", ADMINS),
    "playground:set_models": Row("post", ADMINS),
    "playground:unpriced": Row("get", ADMINS),
    "playground:set_unpriced": Row("post", ADMINS, {"rule": "count"}),
    "playground:model": Row("get", ADMINS),
    "playground:set_model": Row("post", ADMINS),
    "playground:schema": Row("get", ADMINS),
    "playground:load_schema": Row("post", ADMINS),
    "playground:write_schema": Row("post", ADMINS),
    "playground:restore_schema": Row("post", ADMINS),
    "playground:charges": Row("get", ADMINS),
    "playground:switch_charges": Row("post", ADMINS, {"on": "true"}),
    "playground:compare_charges": Row("post", ADMINS),
    "playground:settle_charge": Row("post", ADMINS, {"correct": "false"}),
    "playground:settle_charges": Row("post", ADMINS, {"correct": "false"}),
    "playground:catalogue": Row("get", ADMINS),
    "playground:sync_provider": Row("post", ADMINS),
    "playground:sync_progress": Row("get", ADMINS),
}


def names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace
            yield from names(pattern, f"{namespace}{inner}:" if inner else namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"


def test_every_url_has_a_row():
    assert set(names()) == set(MATRIX) | PUBLIC | OWN


@pytest.fixture
def people(alice, ada, bob, vera, carol) -> dict[str, Any]:
    return {"owner": alice, "admin": ada, "member": bob, "viewer": vera, "stranger": carol}


@pytest.fixture
def library(workspace, alice) -> dict[str, dict[str, Any]]:
    """Return a tool of the library, the kind of such entries, and a prompt."""
    tool = Tool.objects.create(
        workspace=workspace,
        name="look_up",
        schema="{}",
        result_schema='{"type":"object"}',
        created_by=alice,
    )
    kind = {"slug": workspace.slug, "word": "tool"}
    saved = PromptFields("Greeting", "", PromptContent("Greet {{name}}."))
    stored = {"slug": workspace.slug, "code": add_prompt(workspace, saved, actor=alice).code}
    tools = {"tool": {**kind, "code": tool.code}, "tools": kind}
    item = {"item": {**stored, "word": "prompt"}}
    return {**tools, **item, "stored": stored, **tables_of(workspace, alice)}


@pytest.fixture
def objects(workspace, conversation, alice, people, library) -> dict[str, dict[str, Any]]:
    """Return an object for each URL, all in Alice's workspace; the conversation is shared."""
    Conversation.objects.update(workspace_access=Access.WRITE)
    answer = conversation.head
    # The answer's tool calls wait for results.
    answer.data = {
        "tool_calls": [{"id": "call_1", "name": "look_up", "arguments": "{}"}],
        "logprobs": [["Hello", -0.1, []]],
    }
    answer.save()
    run = in_json(conversation)
    Exchange.objects.create(run=run, number=1, sent_at=run.created_at, body_size=0, raw_size=0, ending="read")
    slug = {"slug": workspace.slug}
    # Nothing answers at this address, so no test leaves the machine.
    provider = Provider.objects.create(
        code="acme-local", name="Local", base_url="http://127.0.0.1:9/v1", workspace=workspace
    )
    model = UpstreamModel.objects.create(provider=provider, model_id="local", name="Local")
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    sent = files.keep(text, workspace, uploader=alice, message=answer.parent)
    unsent = files.keep(text, workspace, uploader=alice)
    return (
        chats_of(conversation)
        | team_of(workspace, alice)
        | {
            "file": {"code": sent.code},
            "unsent": {"code": unsent.code},
            "conversation": {"code": conversation.code},
            "answer": {"code": answer.code},
            "prompt": {"code": answer.parent.code},
            "run": {"code": run.code},
            "spent": {"slug": workspace.slug, "code": run.code},
            **charges_of(workspace, alice),
            "exchange": {"code": run.code, "number": 1},
            **library,
            "workspace": slug,
            "membership": {**slug, "number": people["member"].memberships.get().pk},
            **keys_of(workspace, provider.code, alice),
            "provider": {**slug, "code": provider.code},
            "model": {**slug, "code": provider.code, "number": model.pk},
            "entry": {**slug, "number": model.pk},
        }
    )


def url_of(name: str, objects: dict[str, dict[str, Any]]) -> str:
    return reverse(name, kwargs=objects[OBJECT_OF.get(name, "workspace")])


IN, SIGN_IN = "gets in", "has to sign in"


@contextmanager
def undone() -> Iterator[None]:
    """Take back what is stored meanwhile: the objects of a test serve many requests."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def outcome(client: Client, method: str, url: str, data: dict[str, Any] | None = None) -> str | int:
    with undone():
        response = getattr(client, method)(url, data)
    if response.status_code == 302 and response.url.startswith(reverse("account_login")):
        return SIGN_IN
    return IN if response.status_code in {200, 204, 302, 422} else response.status_code


def due(row: Row, who: str) -> str | int:
    if who in row.allowed:
        return IN
    return 404 if row.hidden or who == "stranger" else 403


OF_A_CONVERSATION = [
    name
    for name in MATRIX
    if name.startswith("chat:")
    and OBJECT_OF.get(name, "workspace")
    not in ("workspace", "public link", "tool", "tools", "stored", "item", "entry", "table", "case", "trial")
]


# The objects take longer to make than the requests, so one test asks for all that is due at an address.
@pytest.mark.parametrize("name", MATRIX)
def test_who_gets_in(name, objects, people, client_for, client):
    """Ask as each role, as a stranger, signed out, by the wrong method, and for what does not exist.

    A conversation is shared with the workspace first, and then private.
    """
    row, url = MATRIX[name], url_of(name, objects)
    clients = {who: client_for(user) for who, user in people.items()}
    found = {who: outcome(asking, row.method, url, row.data) for who, asking in clients.items()}
    assert found == {who: due(row, who) for who in people}
    assert outcome(client, row.method, url) == SIGN_IN
    wrong = "get" if row.method == "post" else "delete"
    assert outcome(clients["owner"], wrong, url) == 405

    if not OBJECT_OF.get(name, "workspace").endswith("workspace"):
        assert outcome(clients["owner"], row.method, _nowhere(name, objects)) == 404

    if name in OF_A_CONVERSATION:
        Conversation.objects.update(workspace_access=Access.NONE)
        others = [who for who in people if who != "owner"]
        found = {who: outcome(clients[who], row.method, url) for who in others}
        assert found == dict.fromkeys(others, 404)


def _nowhere(name: str, objects: dict[str, dict[str, Any]]) -> str:
    """Return the address with an id that does not exist."""
    kwargs = dict(objects[OBJECT_OF[name]])
    nowhere = {"provider": "nowhere", "number": 999_999, "code": uuid.uuid4(), "word": "nowhere"}
    changed = next(part for part in nowhere if part in kwargs)
    kwargs[changed] = nowhere[changed]
    return reverse(name, kwargs=kwargs)


def test_every_role_has_a_column():
    assert set(READERS) == set(Role.values)
