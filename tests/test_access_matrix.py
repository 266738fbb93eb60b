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

from accounts.flows.save_key import save_key
from accounts.models import Group, Invitation, Limit, Role
from chat import files
from chat.media import Media
from chat.models import Access, Conversation, Exchange, QueuedPrompt, Run, Share, Tool
from playground.models import Provider, UpstreamModel
from playground.upstream.dialects.shared.transcript import MediaKind
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

pytestmark = pytest.mark.django_db

PUBLIC = {
    # Signing in and joining are for people who are not in yet.
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_change_password",
    "account_reauthenticate",
    "accounts:join",
    "accounts:reset_password",
    "playground:favicon",
}
# These addresses name no object and show the user's own.
OWN = {"accounts:profile", "chat:home", "chat:try"}

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
    "chat:rename_workspace": Row("post", ADMINS, {"name": "Renamed"}),
    "chat:set_titles": Row("post", ADMINS, {"model": ""}),
    "chat:set_defaults": Row("post", ADMINS, {"system_text": "Be brief."}),
    "chat:own_defaults": Row("get", WRITERS),
    "chat:save_own_defaults": Row("post", WRITERS, {"system_text": "Be brief."}),
    "chat:tools": Row("get", READERS),
    "chat:import_tools": Row("get", WRITERS),
    "chat:arrange_schema": Row("post", WRITERS),
    "chat:new_entry": Row("get", WRITERS),
    "chat:entry": Row("get", READERS),
    "chat:delete_entry": Row("post", WRITERS),
    "chat:replace_model": Row("get", ADMINS),
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
    "chat:delete": Row("post", ("owner",)),
    # Only the owner may know that a deleted conversation still exists.
    "chat:restore": Row("post", ("owner",), hidden=True),
    "chat:export": Row("get", READERS),
    "chat:menu": Row("get", READERS),
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
    "accounts:change_role": Row("post", ADMINS, {"role": "viewer"}),
    "accounts:remove": Row("post", ADMINS),
    "accounts:password_link": Row("get", ADMINS),
    "accounts:send_invitation": Row("post", ADMINS),
    "accounts:send_password_link": Row("post", ADMINS),
    "accounts:leave": Row("post", READERS),
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
    "accounts:people_to_limit": Row("get", ADMINS),
    "accounts:change_limit": Row("post", ADMINS, {"amount": "5"}),
    "accounts:delete_limit": Row("post", ADMINS),
    "accounts:usage": Row("get", READERS),
    "accounts:usage_all": Row("get", ADMINS),
    "accounts:export_usage": Row("get", ADMINS),
    "playground:keys": Row("get", READERS),
    "playground:save_key": Row("post", ADMINS),
    "playground:test_key": Row("post", ADMINS),
    "playground:delete_key": Row("post", ADMINS),
    "playground:key": Row("get", ADMINS),
    "playground:refresh_balance": Row("post", ADMINS),
    "playground:set_low_balance": Row("post", ADMINS),
    "playground:key_dialog": Row("get", WRITERS),
    "playground:add_key": Row("post", WRITERS),
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
    "playground:model": Row("get", ADMINS),
    "playground:set_model": Row("post", ADMINS),
    "playground:schema": Row("get", ADMINS),
    "playground:load_schema": Row("post", ADMINS),
    "playground:write_schema": Row("post", ADMINS),
    "playground:restore_schema": Row("post", ADMINS),
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
def library(workspace) -> dict[str, dict[str, Any]]:
    """Return a tool of the library, and the kind of such entries."""
    tool = Tool.objects.create(
        workspace=workspace, name="look_up", schema="{}", result_schema='{"type":"object"}'
    )
    kind = {"slug": workspace.slug, "word": "tool"}
    return {"tool": {**kind, "code": tool.code}, "tools": kind}


def in_json(conversation: Conversation) -> Run:
    """Return the run of the conversation, with an answer in JSON as was asked for."""
    conversation.messages.filter(role="assistant").update(text="{}")
    conversation.runs.update(parameters={"response_format": {"type": "json_object"}})
    return conversation.runs.get()


def queued_in(conversation: Any) -> dict[str, dict[str, Any]]:
    """Return a prompt of the owner that waits for a person."""
    Conversation.objects.update(queue_version=1, queue_pause="stopped")
    queued = QueuedPrompt.objects.create(
        conversation=conversation,
        author=conversation.owner,
        after=conversation.head,
        position=1,
        text="Next",
        idempotency_key=uuid.uuid4(),
    )
    return {"queued": {"code": queued.code}}


def team_of(workspace: Any, alice: Any) -> dict[str, dict[str, Any]]:
    """Return a limit, an invitation and a group."""
    limit = Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=10**9)
    invitation = Invitation.objects.create(
        workspace=workspace, token_hash="0" * 64, created_by=alice, expires_at="2100-01-01T00:00Z"
    )
    group = Group.objects.create(workspace=workspace, name="Design")
    codes = {"limit": limit.code, "invitation": invitation.code, "group": group.code}
    return {name: {"slug": workspace.slug, "code": code} for name, code in codes.items()}


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
    save_key(workspace, provider.code, "sk-not-a-real-one", member=None, actor=alice)
    text = Media(MediaKind.FILE, "text/plain", "notes.txt", b"words")
    sent = files.keep(text, workspace, uploader=alice, message=answer.parent)
    unsent = files.keep(text, workspace, uploader=alice)
    return (
        queued_in(conversation)
        | team_of(workspace, alice)
        | {
            "file": {"code": sent.code},
            "unsent": {"code": unsent.code},
            "conversation": {"code": conversation.code},
            "answer": {"code": answer.code},
            "prompt": {"code": answer.parent.code},
            "run": {"code": run.code},
            "exchange": {"code": run.code, "number": 1},
            **library,
            "workspace": slug,
            "membership": {**slug, "number": people["member"].memberships.get().pk},
            "key": {**slug, "whose": "workspace", "provider": provider.code},
            "keyless": {**slug, "provider": provider.code},
            "provider": {**slug, "code": provider.code},
            "model": {**slug, "code": provider.code, "number": model.pk},
            "entry": {**slug, "number": model.pk},
        }
    )


OBJECT_OF = {
    "chat:replace_model": "entry",
    "chat:new_entry": "tools",
    "chat:entry": "tool",
    "chat:delete_entry": "tool",
    "chat:edit": "prompt",
    "chat:stop": "run",
    "chat:queued_words": "queued",
    "chat:reword_queued": "queued",
    "chat:move_queued": "queued",
    "chat:unqueue": "queued",
    "chat:file": "file",
    "chat:discard_file": "unsent",
    "chat:encoding": "unsent",
    "chat:keep_definitions": "run",
    "chat:exchanges": "run",
    "chat:code": "run",
    "chat:request_file": "run",
    "chat:events_file": "exchange",
    "chat:raw_answer": "exchange",
    "chat:exchange_file": "exchange",
    "accounts:revoke": "invitation",
    "accounts:change_role": "membership",
    "accounts:remove": "membership",
    "accounts:password_link": "membership",
    "accounts:send_password_link": "membership",
    "accounts:send_invitation": "invitation",
    **{f"accounts:{way}group": "group" for way in ("", "rename_", "delete_", "add_to_", "remove_from_")},
    "accounts:change_limit": "limit",
    "accounts:delete_limit": "limit",
}
_OF_AN_ANSWER = (
    *("message_menu", "save_message", "insert_examples", "delete_message", "fork"),
    *("earlier", "message_text", "regenerate", "continue_answer", "logprobs"),
    *("json_tree", "select_choice", "return_tool_results", "result_sources", "fill_result"),
    *("show", "retry_without", "retry_longer", "retry_shorter", "retry_elsewhere"),
)
OBJECT_OF |= {f"chat:{name}": "answer" for name in _OF_AN_ANSWER}
OBJECT_OF |= {f"playground:{name}_key": "key" for name in ("save", "test", "delete")}
OBJECT_OF |= {f"playground:{name}": "key" for name in ("key", "refresh_balance", "set_low_balance")}
OBJECT_OF |= {"playground:key_dialog": "keyless", "playground:add_key": "keyless"}
OBJECT_OF |= {
    f"playground:{name}": "provider"
    for name in (
        *("provider", "edit_provider", "switch_provider", "set_places", "set_extra", "delete_provider"),
        *("fetch_models", "add_models", "set_endpoints"),
    )
}
OBJECT_OF |= {f"playground:sync_{name}": "provider" for name in ("provider", "progress")}
_OF_A_MODEL = ("remove_model", "schema", "load_schema", "write_schema", "restore_schema")
OBJECT_OF |= {f"playground:{name}": "model" for name in _OF_A_MODEL}
OBJECT_OF |= {f"playground:{name}": "entry" for name in ("favour_model", "model", "set_model")}
_CONVERSATION = (
    *("conversation", "frames", "send", "configure", "rename", "delete", "restore", "menu", "place"),
    *("clear_queue", "send_queued"),
    "next_code",
    "export",
    "system",
    "link",
    "preview",
    *("share", "people_to_share_with", "share_with_everyone", "share_with_person"),
)
OBJECT_OF |= {f"chat:{name}": "conversation" for name in _CONVERSATION}


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


@pytest.mark.parametrize("name", MATRIX)
def test_who_gets_in(name, objects, people, client_for, client):
    """Ask as each role, as a stranger, signed out, and by the wrong method."""
    row, url = MATRIX[name], url_of(name, objects)
    found = {who: outcome(client_for(user), row.method, url, row.data) for who, user in people.items()}
    assert found == {who: due(row, who) for who in people}
    assert outcome(client, row.method, url) == SIGN_IN
    wrong = "get" if row.method == "post" else "delete"
    assert outcome(client_for(people["owner"]), wrong, url) == 405


@pytest.mark.parametrize("name", [name for name in MATRIX if OBJECT_OF.get(name, "workspace") != "workspace"])
def test_an_id_that_does_not_exist_is_not_found(name, objects, people, client_for):
    kwargs = dict(objects[OBJECT_OF[name]])
    nowhere = {"provider": "nowhere", "number": 999_999, "code": uuid.uuid4(), "word": "nowhere"}
    changed = next(part for part in nowhere if part in kwargs)
    kwargs[changed] = nowhere[changed]
    url = reverse(name, kwargs=kwargs)
    assert outcome(client_for(people["owner"]), MATRIX[name].method, url) == 404


OF_A_CONVERSATION = [
    name
    for name in MATRIX
    if name.startswith("chat:")
    and OBJECT_OF.get(name, "workspace") not in ("workspace", "tool", "tools", "entry")
]


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_private_conversation_is_its_owners_alone(name, objects, people, client_for):
    Conversation.objects.update(workspace_access=Access.NONE)
    url, others = url_of(name, objects), [who for who in people if who != "owner"]
    found = {who: outcome(client_for(people[who]), MATRIX[name].method, url) for who in others}
    assert found == dict.fromkeys(others, 404)


# The people with whom a conversation is shared, and as what: their column, and whether they may write.
SHARED_WITH = {
    "a member for reading": ("member", Access.READ, False),
    "a member for writing": ("member", Access.WRITE, True),
    # The role was another one when the conversation was shared.
    "a viewer for writing": ("viewer", Access.WRITE, False),
    "an admin for reading": ("admin", Access.READ, False),
}


def due_to_share(row: Row, column: str, may_write: bool) -> str | int:
    if row.hidden:
        return 404
    is_for_readers = "viewer" in row.allowed or (row.takes_readers and column != "viewer")
    return IN if is_for_readers or (may_write and "member" in row.allowed) else 403


@pytest.mark.parametrize("how", ["with one person", "with the workspace"])
@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_share_opens_what_it_is_for(name, how, objects, people, conversation, client_for):
    row, url = MATRIX[name], url_of(name, objects)
    found = {}
    for who, (column, access, _) in SHARED_WITH.items():
        with undone():
            if how == "with one person":
                Conversation.objects.update(workspace_access=Access.NONE)
                member, may_write = people[column].memberships.get(), access == Access.WRITE
                Share.objects.create(conversation=conversation, member=member, can_write=may_write)
            else:
                Conversation.objects.update(workspace_access=access)
            found[who] = outcome(client_for(people[column]), row.method, url, row.data)
    assert found == {who: due_to_share(row, column, write) for who, (column, _, write) in SHARED_WITH.items()}


@pytest.mark.parametrize("name", OF_A_CONVERSATION)
def test_a_share_with_another_person_opens_nothing(name, objects, people, conversation, client_for):
    Conversation.objects.update(workspace_access=Access.NONE)
    member = people["viewer"].memberships.get()
    Share.objects.create(conversation=conversation, member=member, can_write=True)

    assert outcome(client_for(people["admin"]), MATRIX[name].method, url_of(name, objects)) == 404


def test_every_role_has_a_column():
    assert set(READERS) == set(Role.values)
