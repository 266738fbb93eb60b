"""The objects that addresses name: one of each kind, among as many as a large team has."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import ApiKey, Limit, User, Workspace

# The provider that makes keys with a cap and lists its charges, and each member's key there.
CAPPING = "capping"
# Raises of limits, and as many requests for one.
_RAISES = 30
_NOTICES = 300
_MAILS = 30
_DIFFERENCES = 300
# A test table, and the cases of one.
_CASES = 200
_PROMPTS = 40
_COLUMNS = 4


def add_objects(workspace: Workspace, owner: User, members: list[User], conversation: str) -> dict[str, str]:
    """Add what a large team has besides people, conversations and usage; return one object of each kind."""
    limit = _add_limit_of_each(workspace, members)
    return {
        **_add_raises(workspace, limit, members),
        **_add_capped_keys(workspace, owner, members),
        **_add_notices(workspace, owner),
        **_add_prompts(workspace, owner),
        **_add_table(workspace, owner),
        **_add_comparison(workspace, owner),
        **_add_parts(workspace, owner, conversation),
        "limit": str(limit.code),
    }


def _add_limit_of_each(workspace: Workspace, members: list[User]) -> Limit:
    """Add a limit that counts each person, of which everybody has used something, and that exempts some."""
    from django.utils.timezone import now

    from accounts.ledger.periods import span_in
    from accounts.models import Limit, LimitExemption, LimitWindow

    limit = Limit.objects.create(
        workspace=workspace, unit="usd", period="month", amount=10_000_000, counts_each=True
    )
    span = span_in(workspace, limit.period, now())
    LimitWindow.objects.bulk_create(
        LimitWindow(
            limit=limit,
            member=member,
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            used=number * 50_000,
            opened_with=0,
        )
        for number, member in enumerate(members)
    )
    LimitExemption.objects.bulk_create(LimitExemption(limit=limit, member=member) for member in members[:20])
    return limit


def _add_raises(workspace: Workspace, limit: Limit, members: list[User]) -> dict[str, str]:
    from django.utils.timezone import now

    from accounts.models import LimitRaise, Membership, RaiseRequest

    LimitRaise.objects.bulk_create(
        LimitRaise(limit=limit, member=member, amount=1_000_000, ends_at=now() + timedelta(days=3))
        for member in members[:_RAISES]
    )
    memberships = Membership.objects.filter(workspace=workspace, user__in=members[:_RAISES])
    RaiseRequest.objects.bulk_create(
        RaiseRequest(limit=limit, member=each, needed=2_000_000, note="For the release")
        for each in memberships
    )
    return {
        "raise": str(LimitRaise.objects.filter(limit=limit).latest("pk").code),
        "request": str(RaiseRequest.objects.filter(limit=limit).latest("pk").code),
    }


def _add_capped_keys(workspace: Workspace, owner: User, members: list[User]) -> dict[str, str]:
    """Add a provider that makes keys with a cap, each member's key there, and differences of its charges."""
    from accounts.flows.save_key import save_key
    from accounts.models import ApiKey, CappedKey
    from playground.models import Provider

    Provider.objects.create(
        code=CAPPING, name="AI/ML API", kind=Provider.Type.AIMLAPI, base_url="http://127.0.0.1:9/v1"
    )
    shared = save_key(workspace, CAPPING, "sk-not-a-real-one-0123", member=None, actor=owner)
    own = ApiKey.objects.bulk_create(
        ApiKey(workspace=workspace, member=member, provider_code=CAPPING, token="", last4="0123")
        for member in members
    )
    capped = CappedKey.objects.bulk_create(
        CappedKey(
            workspace=workspace,
            provider_code=CAPPING,
            prefix=f"{number:08x}",
            api_key=key,
            member=key.member,
            name=f"Key {number}",
            cap_usd=25,
            period="month",
        )
        for number, key in enumerate([shared, *own])
    )
    return {"capping": CAPPING, "capped": str(capped[-1].code), **_add_differences(workspace, shared)}


def _add_differences(workspace: Workspace, shared: ApiKey) -> dict[str, str]:
    from django.utils.timezone import now

    from accounts.models import ChargeCheck, ChargeDifference

    ChargeCheck.objects.create(workspace=workspace, api_key=shared, checked_to=now())
    differences = ChargeDifference.objects.bulk_create(
        ChargeDifference(
            workspace=workspace,
            provider_code=CAPPING,
            key_code=str(shared.code),
            reference=str(number),
            kind=ChargeDifference.Kind.UNKNOWN,
            at=now() - timedelta(minutes=number),
            charged_credits=number,
        )
        for number in range(_DIFFERENCES)
    )
    return {"difference": str(differences[-1].code), "kind": "unknown"}


def _add_notices(workspace: Workspace, owner: User) -> dict[str, str]:
    from django.utils.timezone import now

    from accounts.models import Membership, Notice, NoticeKind, OutgoingMail

    recipient = Membership.objects.get(workspace=workspace, user=owner)
    about = {"recipient": recipient, "kind": NoticeKind.LIMIT_REACHED}
    link = f"/w/{workspace.slug}/limits/"
    Notice.objects.bulk_create(
        Notice(**about, text=f"A limit of project {number} is used up.", link=link, link_words="See limits")
        for number in range(_NOTICES)
    )
    OutgoingMail.objects.bulk_create(
        OutgoingMail(
            **about, subject=f"Limit {number}", try_until=now(), given_up_at=now(), trouble="Refused."
        )
        for number in range(_MAILS)
    )
    return {
        "notice": str(Notice.objects.latest("pk").code),
        "mail": str(OutgoingMail.objects.latest("pk").code),
    }


def _add_prompts(workspace: Workspace, owner: User) -> dict[str, str]:
    from chat.flows.save_prompt import PromptFields, add_prompt
    from chat.prompts.content import PromptContent

    content = PromptContent("Greet {{name}}.")
    fields = [PromptFields(f"Greeting {number}", "", content) for number in range(_PROMPTS)]
    prompts = [add_prompt(workspace, each, actor=owner) for each in fields]
    return {"prompt": str(prompts[-1].code)}


def _add_table(workspace: Workspace, owner: User) -> dict[str, str]:
    from chat.models import Experiment, TableCase, TableOfCases

    table = TableOfCases.objects.create(
        workspace=workspace, name="Cities", columns=["city"], size=_CASES, last_number=_CASES
    )
    TableCase.objects.bulk_create(
        TableCase(table=table, number=number, values={"city": f"City {number}"})
        for number in range(1, _CASES + 1)
    )
    finished = Experiment.State.FINISHED
    Experiment.objects.create(table=table, number=1, user=owner, state=finished, columns=["city"])
    return {"table": str(table.code), "case": "1", "experiment": "1"}


def _add_comparison(workspace: Workspace, owner: User) -> dict[str, str]:
    from chat.flows.create_comparison import create_comparison

    comparison = create_comparison(workspace, owner, [None] * _COLUMNS)
    column = comparison.columns.earliest("pk")
    return {"comparison": str(comparison.code), "column": str(column.code)}


def _add_parts(workspace: Workspace, owner: User, conversation: str) -> dict[str, str]:
    """Add a file, a queued prompt and a raw answer; name the latest run of the ledger."""
    from accounts.models import LedgerEntry
    from chat import files
    from chat.media import Media
    from chat.models import Conversation, Exchange, QueuedPrompt, Run
    from playground.upstream.dialects.shared.transcript import MediaKind

    found = Conversation.objects.get(code=conversation)
    queued = QueuedPrompt.objects.create(
        conversation=found,
        author=owner,
        after=found.head,
        position=1,
        text="Next",
        idempotency_key=uuid.uuid4(),
    )
    Conversation.objects.filter(pk=found.pk).update(queue_version=1, queue_pause="stopped")
    run = Run.objects.filter(conversation=found).latest("pk")
    # This answer calls a tool, has probabilities and is JSON, so that it has every page of an answer.
    data = {
        "tool_calls": [{"id": "1", "name": "look_up_1", "arguments": "{}"}],
        "logprobs": [["Hi", -0.1, []]],
    }
    found.messages.filter(pk=run.answer_id or 0).update(data=data, text="{}")
    Run.objects.filter(pk=run.pk).update(parameters={"response_format": {"type": "json_object"}})
    Exchange.objects.create(run=run, number=1, sent_at=run.created_at, body_size=0, raw_size=0, ending="read")
    file = files.keep(Media(MediaKind.FILE, "text/plain", "notes.txt", b"words"), workspace, uploader=owner)
    entry = LedgerEntry.objects.filter(workspace=workspace).latest("pk")
    return {"queued": str(queued.code), "file": str(file.code), "entry": str(entry.run_code)}
