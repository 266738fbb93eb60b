"""The statements of one prompt, by name and with their reasons, so that a new one is noticed.

A page with its socket sends a prompt in a conversation with one exchange, to a model of a provider without a
key, under two limits. Checkpoints and polls, which come with the time and not with prompts, do not count.
"""

from __future__ import annotations

import asyncio
import re
import threading
import uuid
from collections import defaultdict
from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts import ledger
from accounts.models import Limit, Period, Unit
from tests.chat.socket_reader import SocketReader, client_of

if TYPE_CHECKING:
    from accounts.models import Workspace
    from chat.models import Conversation
    from playground.models import Endpoint

pytestmark = [pytest.mark.django_db(transaction=True)]

# The kind of a statement, and its first table.
_KIND = re.compile(
    r'(SELECT|INSERT|UPDATE|DELETE|WITH)\b(?:.*?\b(?:FROM|INTO|UPDATE)? ?"?([a-z]+_[a-z]+)"?[ .(])?',
    re.DOTALL,
)
# The kinds of the statements of a message on PostgreSQL, which keeps the statements themselves.
_KIND_OF_KEPT = re.compile(r"/\* (\w+(?: \w+)?) \*/")
# The kinds of threads by the beginning of their names; all others answer requests.
_GROUPS = {"database": "relay", "readers": "page", "streaming": "page", "heartbeat": "tick", "queue": "tick"}
# Chores of the process use the threads of relays.
_CHORES = {
    *("SELECT chat_conversation", "SELECT chat_storedfile", "SELECT accounts_outgoingmail"),
    *("SELECT chat_learnedupto", "SELECT accounts_ledgerentry", "SELECT chat_modelstatistics"),
    *("SELECT accounts_workspace", "SELECT chat_experiment", "SELECT chat_cell"),
}

REQUEST = [
    ("SELECT accounts_browsersession", "the session, which may have ended"),
    ("SELECT accounts_user", "its user, who may be disabled"),
    ("SELECT chat_conversation", "the conversation, with the access and the place that the member has"),
    ("SELECT accounts_membership", "the role, which may have changed"),
    ("SELECT playground_endpoint", "the posted endpoint, with its schema"),
    ("SELECT playground_upstreammodel", "its model with name and price, if the member may use it"),
    ("SELECT chat_queuedprompt", "the same click may have queued the prompt"),
    ("SELECT chat_run", "the same click may have opened the run"),
    ("SELECT chat_conversation", "the lock: prompts from two tabs come in turn"),
    ("SELECT chat_run", "the branch must not end in a live answer"),
    ("INSERT chat_message", "the prompt"),
    ("SELECT chat_message", "the branch that the model reads"),
    ("SELECT playground_providersetting", "what admins set for all models of the provider"),
    ("SELECT playground_refusedparameter", "whether the model refuses to report its usage"),
    ("INSERT chat_message", "the empty answer"),
    ("SELECT accounts_apikey", "the key that pays, whose limits are asked, too"),
    ("SELECT accounts_limit", "the limits with their windows"),
    ("UPDATE accounts_limitwindow", "the amounts are held, each if its limit leaves that much"),
    ("INSERT accounts_hold", "the hold"),
    ("INSERT accounts_holdpart", "its parts, one for each limit"),
    ("INSERT chat_run", "the run, with the length that the limits leave"),
    ("UPDATE chat_conversation", "the end of the branch, and the choice of the composer"),
    ("UPDATE chat_draft", "the parameters that the next new chat offers"),
    ("UPDATE chat_run", "the claim, where nobody waits for a place"),
    ("SELECT chat_run", "the body as it is stored: PostgreSQL orders its names"),
]
# PostgreSQL needs statements for locks that SQLite has anyway: each stands before another one.
ON_POSTGRESQL = {
    "SELECT accounts_limit": ("SELECT accounts_workspace", "one hold at a time, so that no limit is missed"),
    "UPDATE accounts_limitwindow": ("SELECT accounts_limitwindow", "windows are locked in one order"),
}

PAGE = [
    # The prompt and its empty answer.
    ("SELECT chat_conversation", "the conversation, which the reader may have lost"),
    ("SELECT accounts_membership", "the role"),
    ("SELECT chat_message", "the tree of messages"),
    ("SELECT chat_run", "the live runs, with the processes that relay them"),
    ("SELECT chat_message", "the new prompt and answer"),
    ("SELECT playground_provider", "the name of the answer's model"),
    # The end of the answer.
    ("SELECT chat_conversation", "the conversation, which the reader may have lost"),
    ("SELECT accounts_membership", "the role"),
    ("SELECT chat_message", "the tree of messages"),
    ("SELECT chat_run", "the live runs"),
    ("SELECT chat_run", "the run that has ended"),
    ("SELECT accounts_limit", "what the limits leave"),
    ("SELECT chat_conversation", "the list of conversations, and whether others are pinned"),
    ("SELECT chat_message", "the whole answer"),
    ("SELECT playground_provider", "the name of its model"),
]

RELAY = [
    ("UPDATE chat_run", "the end, its usage and its cost, if no other process has ended the run"),
    ("UPDATE chat_message", "the answer"),
    ("DELETE chat_runchunk", "the log"),
    ("UPDATE accounts_hold", "the hold is closed, once"),
    ("SELECT accounts_hold", "its parts"),
    ("UPDATE accounts_limitwindow", "the cost in place of what was held"),
    ("INSERT accounts_ledgerentry", "the entry"),
    ("INSERT accounts_daysum", "the sum of the day"),
    ("SELECT chat_run", "the lock: the run must not be deleted meanwhile"),
    ("INSERT chat_exchange", "the raw request and answer"),
    ("SELECT chat_queuedprompt", "the next queued prompt"),
    ("SELECT chat_run", "whether a model is to make a title"),
]

# Each time that an answer outgrows its hold.
EXTENSION = [
    ("SELECT accounts_hold", "the parts of the hold, and what their limits leave"),
    ("UPDATE accounts_limitwindow", "more is held, if each limit leaves that much"),
    ("UPDATE accounts_holdpart", "the parts grow"),
    ("UPDATE accounts_hold", "and so does the hold"),
]


@pytest.fixture
def statements(monkeypatch):
    """Collect the statements of each kind of thread, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    wrapper: Any = CursorWrapper
    execute = wrapper._execute_with_wrappers

    def note(self: Any, sql: str, *arguments: Any, **more: Any) -> Any:
        kind = _KIND.match(sql.strip())
        # Several rows that one call changes count once.
        kinds = (
            [f"{kind[1]} {kind[2]}"] if kind else [each for each, _ in groupby(_KIND_OF_KEPT.findall(sql))]
        )
        name = threading.current_thread().name.rpartition("_")[0]
        found[_GROUPS.get(name, "request")] += kinds
        return execute(self, sql, *arguments, **more)

    monkeypatch.setattr(wrapper, "_execute_with_wrappers", note)
    return found


async def test_every_statement_of_a_prompt_has_a_reason(
    relays, demo, alice, workspace, conversation, endpoint, client_for, statements
):
    await sync_to_async(set_limits)(workspace)
    client = await client_of(client_for, alice)
    page = await SocketReader.open(client, conversation.code)
    await page.hello(head=str(await sync_to_async(lambda: conversation.head.code)()))
    # The first prompt opens the windows of the limits.
    await send(client, conversation, endpoint)
    await page.read_to_end()
    await asyncio.gather(*relays.tasks())

    page.frames.clear()
    statements.clear()
    gate = demo.hold_after(1)
    await send(client, conversation, endpoint)
    await page.read_until("-tail")
    gate.release()
    await page.read_to_end()
    await asyncio.gather(*relays.tasks())

    assert statements["request"] == kinds_of(REQUEST)
    expected_of_page = [kind for kind, _ in PAGE]
    assert without_repeats(statements["page"], expected_of_page[6:10]) == expected_of_page
    assert [kind for kind in statements["relay"] if kind not in _CHORES] == kinds_of(RELAY)
    await page.close()


def test_every_statement_of_an_extension_has_a_reason(workspace, alice, statements):
    set_limits(workspace)
    code = uuid.uuid4()
    ledger.hold(code, workspace, alice, ledger.Amounts(10, 10))
    statements.clear()
    assert ledger.extend(code, 100, Decimal(1)) == 100
    assert statements["request"] == kinds_of(EXTENSION)


def kinds_of(listed: list[tuple[str, str]]) -> list[str]:
    """Return the kinds of listed statements, with those that only PostgreSQL needs."""
    of_postgresql = ON_POSTGRESQL if connection.vendor == "postgresql" else {}
    return [
        one
        for kind, _ in listed
        for one in ([of_postgresql[kind][0], kind] if kind in of_postgresql else [kind])
    ]


def without_repeats(found: list[str], look_up: list[str]) -> list[str]:
    """Drop look-ups that found nothing new: on a busy machine the page is woken once more in between."""
    kept = list(found)
    size = len(look_up)
    for place in reversed(range(len(kept) - size)):
        if kept[place : place + size] == kept[place + size : place + 2 * size] == look_up:
            del kept[place : place + size]
    return kept


def set_limits(workspace: Workspace) -> None:
    for unit in (Unit.CREDITS, Unit.TOKENS):
        Limit.objects.create(workspace=workspace, unit=unit, period=Period.MONTH, amount=10**12)


async def send(client: Any, conversation: Conversation, endpoint: Endpoint) -> None:
    def post() -> None:
        answer = client.post(
            f"/c/{conversation.code}/send/",
            {"text": "And then?", "idempotency_key": str(uuid.uuid4()), "endpoint": str(endpoint.pk)},
            # The socket brings the turn, and the conversation is the first of the list.
            headers={"HX-Request": "true", "HX-Target": f"composer-{conversation.code}", "X-Live": "first"},
        )
        assert answer.status_code == 200

    # The connection of this thread is closed with the test database.
    await sync_to_async(post)()
