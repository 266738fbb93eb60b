"""The objects that the URLs of the access matrix are about."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.utils.timezone import now

from accounts.flows.save_key import save_key
from accounts.models import (
    ApiKey,
    BrowserSession,
    CappedKey,
    ChargeCheck,
    ChargeDifference,
    Group,
    Invitation,
    Limit,
    LimitRaise,
    Membership,
    Notice,
    OutgoingMail,
    RaiseRequest,
    Workspace,
)
from chat.flows.create_comparison import create_comparison
from chat.models import (
    Access,
    Conversation,
    DeletedCase,
    Experiment,
    QueuedPrompt,
    Snapshot,
    TableCase,
    TableOfCases,
)
from playground.models import Provider

if TYPE_CHECKING:
    from chat.models import Run

# The name of the object in the fixture ``objects``; without an entry it is the workspace.
OBJECT_OF = {
    "chat:replace_model": "entry",
    "chat:new_entry": "tools",
    "chat:restore_workspace": "closed-workspace",
    "chat:entry": "tool",
    "chat:delete_entry": "tool",
    **{f"chat:{name}": "table" for name in ("table", "table_settings", "checks")},
    **{f"chat:{name}": "table" for name in ("delete_table", "bring_back_table")},
    **{f"chat:{name}": "table" for name in ("load_cases", "export_cases", "add_case")},
    **{f"chat:{name}": "case" for name in ("case", "delete_case", "bring_back_case")},
    **{f"chat:{name}": "table" for name in ("experiments", "new_experiment")},
    **{f"chat:{name}": "trial" for name in ("experiment", "progress", "rerun_cells", "export_results")},
    **{f"chat:{verb}_experiment": "trial" for verb in ("pause", "stop", "resume", "delete", "bring_back")},
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
    "accounts:resend_invitation": "invitation",
    "accounts:change_role": "membership",
    **{f"accounts:{name}": "membership" for name in ("remove", "reset_factors")},
    "accounts:end_session": "session",
    "accounts:password_link": "membership",
    "accounts:send_password_link": "membership",
    "accounts:send_invitation": "invitation",
    **{f"accounts:{way}group": "group" for way in ("", "rename_", "delete_", "add_to_", "remove_from_")},
    "accounts:correction": "spent",
    "accounts:correct": "spent",
    **{f"accounts:{name}": "limit" for name in ("limit", "change_limit", "delete_limit")},
    **{f"accounts:{name}": "limit" for name in ("people_to_exempt", "exempt_from_limit", "end_exemption")},
    "accounts:let_wait": "limit",
    "playground:switch_charges": "checked",
    "playground:compare_charges": "checked",
    **{f"playground:{name}": "capping" for name in ("capped_keys", "make_capped_key", "refresh_capped_keys")},
    **{f"playground:{verb}_capped_key": "capped" for verb in ("change", "delete", "forget")},
    "playground:settle_charge": "difference",
    "playground:settle_charges": "differences",
    "accounts:open_notice": "notice",
    "accounts:read_notice": "notice",
    "accounts:remove_mail": "mail",
    "accounts:raise_limit": "limit",
    "accounts:end_raise": "raise",
    "accounts:allow_request": "request",
    "accounts:decline_request": "request",
}
OBJECT_OF |= {
    f"chat:{name}": "stored" for name in ("prompt", "prompt_versions", "restore_version", "use_prompt")
}
OBJECT_OF |= {
    f"chat:{name}": "stored"
    for name in (
        "pin_version",
        "delete_prompt",
        "bring_back_prompt",
        "export_prompt",
        "fill_prompt",
        "prompt_uses",
    )
}
OBJECT_OF |= {
    f"chat:{name}": "item" for name in ("share_item", "people_for_item", "take_over_item", "copy_item")
}
OBJECT_OF |= {f"chat:share_item_with_{whom}": "item" for whom in ("everyone", "person", "group")}
_OF_AN_ANSWER = (
    *("message_menu", "save_message", "insert_examples", "delete_message", "fork"),
    *("earlier", "collect_case", "message_text", "regenerate", "continue_answer", "logprobs"),
    *("json_tree", "select_choice", "return_tool_results", "result_sources", "fill_result"),
    *("show", "retry_without", "retry_longer", "retry_shorter", "retry_elsewhere"),
)
OBJECT_OF |= {f"chat:{name}": "answer" for name in _OF_AN_ANSWER}
OBJECT_OF["chat:revoke_public_link"] = "public link"
# Changes of a comparison that need no data.
OF_COMPARISONS = (
    *("new_comparison", "send_to_columns", "add_column", "blind"),
    *("duplicate_column", "remove_column", "choose_answer"),
)
_OF_A_COMPARISON = (
    *("comparison", "send_to_columns", "stop_columns", "figures", "add_column"),
    *("blind", "results_of_comparison", "difference"),
)
_OF_A_COLUMN = (
    *("column_settings", "duplicate_column", "move_column", "copy_to_columns", "remove_column"),
    *("go_on_with_column", "choose_answer"),
)
OBJECT_OF |= {f"chat:{name}": "comparison" for name in _OF_A_COMPARISON}
OBJECT_OF |= {f"chat:{name}": "column" for name in _OF_A_COLUMN}
OBJECT_OF |= {"playground:save_key": "new_key"}
OBJECT_OF |= {
    f"playground:{verb}_key": "key" for verb in ("test", "delete", "change", "replace", "switch", "prefer")
}
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
    *(
        "conversation",
        "compare",
        "frames",
        "send",
        "configure",
        "rename",
        "delete",
        "restore",
        "menu",
        *("place", "keep_conversation"),
    ),
    *("clear_queue", "send_queued"),
    "next_code",
    "export",
    "system",
    "link",
    *("preview", "save_as_prompt"),
    *("publish", "make_public_link", "copy_conversation"),
    *("take_over", "share", "people_to_share_with", "share_with_everyone", "share_with_person"),
    "share_with_group",
)
OBJECT_OF |= {f"chat:{name}": "conversation" for name in _CONVERSATION}


def deleted_twin(workspace: Workspace) -> dict[str, Any]:
    """Make a deleted workspace with the same people in the same roles."""
    twin = Workspace.objects.create(slug=f"{workspace.slug}-deleted", name="Deleted", deleted_at=now())
    for member in Membership.objects.filter(workspace=workspace):
        Membership.objects.create(workspace=twin, user=member.user, role=member.role, is_suspended=True)
    return {"slug": twin.slug}


def chats_of(conversation: Conversation) -> dict[str, dict[str, Any]]:
    """Return a queued prompt, a public link, a comparison that is shared, and a column of it."""
    snapshot = Snapshot.objects.create(
        workspace=conversation.workspace,
        conversation=conversation,
        made_by=conversation.owner,
        token_hash="0" * 64,
        expires_at="2100-01-01T00:00Z",
    )
    address = {"slug": conversation.workspace.slug, "code": snapshot.code}
    found = queued_in(conversation) | compared(conversation.workspace, conversation.owner)
    return found | {"public link": address}


def compared(workspace: Any, alice: Any) -> dict[str, dict[str, Any]]:
    entry = create_comparison(workspace, alice, [None, None])
    Conversation.objects.update(workspace_access=Access.WRITE)
    return {"comparison": {"code": entry.code}, "column": {"code": entry.columns.all()[0].code}}


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


def tables_of(workspace: Any, alice: Any) -> dict[str, dict[str, Any]]:
    """Return a test table with one case, that case, and an experiment."""
    table = TableOfCases.objects.create(
        workspace=workspace, name="Cities", columns=["city"], size=1, last_number=1, created_by=alice
    )
    TableCase.objects.create(table=table, number=1, values={"city": "Oslo"})
    DeletedCase.objects.create(table=table, number=1, values={"city": "Rome"})
    address = {"slug": workspace.slug, "code": table.code}
    Experiment.objects.create(table=table, number=1, user=alice, state=Experiment.State.FINISHED)
    numbered = {**address, "number": 1}
    return {"table": address, "case": numbered, "trial": numbered}


def keys_of(workspace: Any, provider: str, alice: Any) -> dict[str, dict[str, Any]]:
    """Return a key of the workspace, and what names a provider without one."""
    key = save_key(workspace, provider, "sk-not-a-real-one", member=None, actor=alice)
    address = {"slug": workspace.slug, "provider": provider}
    return {
        "key": {"slug": workspace.slug, "code": key.code},
        "new_key": {**address, "whose": "workspace"},
        "keyless": address,
    }


def charges_of(workspace: Any, alice: Any) -> dict[str, dict[str, Any]]:
    """Return keys of a provider that cannot be reached: a checked and a capped one; and a difference."""
    Provider.objects.create(code="billed", name="Billed", kind="aimlapi", base_url="http://127.0.0.1:9/v1")
    key = save_key(workspace, "billed", "sk-0123456789abcdef", member=None, actor=alice)
    ApiKey.objects.update(created_at="2026-01-01T00:00Z")
    start = "2026-01-01T00:00Z"
    ChargeCheck.objects.create(workspace=workspace, api_key=key, checked_to=start)
    facts = {"provider_code": "billed", "key_code": str(key.code), "reference": "a", "kind": "unknown"}
    difference = ChargeDifference.objects.create(workspace=workspace, at=start, **facts)
    facts = {"provider_code": "billed", "prefix": "b747e891", "name": "Capped"}
    capped = CappedKey.objects.create(workspace=workspace, **facts)
    return {
        "capping": {"slug": workspace.slug, "provider": "billed"},
        "capped": {"slug": workspace.slug, "code": capped.code},
        "checked": {"slug": workspace.slug, "code": key.code},
        "difference": {"slug": workspace.slug, "code": difference.code},
        "differences": {"slug": workspace.slug, "word": "unknown"},
    }


def team_of(workspace: Any, alice: Any) -> dict[str, dict[str, Any]]:
    """Return a limit with a raise and a request, an invitation, a group, a notice, a mail and a session."""
    limit = Limit.objects.create(workspace=workspace, unit="tokens", period="day", amount=10**9)
    invitation = Invitation.objects.create(
        workspace=workspace,
        email="dora@example.org",
        token_hash="0" * 64,
        created_by=alice,
        expires_at="2100-01-01T00:00Z",
    )
    group = Group.objects.create(workspace=workspace, name="Design")
    owner = Membership.objects.get(workspace=workspace, user=alice)
    notice = Notice.objects.create(recipient=owner, kind="limit_near", link=f"/w/{workspace.slug}/limits/")
    mail = OutgoingMail.objects.create(recipient=owner, kind="limit_near", try_until="2100-01-01T00:00Z")
    codes = {"limit": limit.code, "invitation": invitation.code, "group": group.code}
    more = LimitRaise.objects.create(limit=limit, amount=1, ends_at="2100-01-01T00:00Z")
    asked = RaiseRequest.objects.create(limit=limit, member=owner, needed=1)
    codes |= {"notice": notice.code, "mail": mail.code, "raise": more.code, "request": asked.code}
    session = BrowserSession.objects.create(session_key="0" * 32, user=alice, expire_date="2100-01-01T00:00Z")
    found = {name: {"slug": workspace.slug, "code": code} for name, code in codes.items()}
    return {"closed-workspace": deleted_twin(workspace), **found, "session": {"code": session.code}}
