"""The tables of a workspace: which are archived, in which order, and which are left out and why."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from accounts.models import (
    AuditEvent,
    ChargeDifference,
    DaySum,
    Group,
    Hold,
    HoldPart,
    LedgerEntry,
    Limit,
    LimitExemption,
    LimitRaise,
    LimitWindow,
    Membership,
    RaiseRequest,
    Workspace,
)
from chat.archive.table import Table
from chat.models import (
    AnswerChoice,
    Cell,
    ChatDefault,
    Conversation,
    Exchange,
    Experiment,
    Message,
    OutputSchema,
    Placement,
    Prompt,
    PromptShare,
    PromptUse,
    PromptVersion,
    Run,
    RunChunk,
    SchemaShare,
    Share,
    StoredFile,
    SystemPrompt,
    TableCase,
    TableOfCases,
    TableShare,
    TitleSetting,
    Tool,
    ToolShare,
    Variant,
)
from playground.models import (
    Endpoint,
    ModelSetting,
    Provider,
    ProviderSetting,
    RefusedParameter,
    SchemaChange,
    UpstreamModel,
)

CATALOGUE = (Provider, UpstreamModel, Endpoint)


_GROUP_MEMBERS: Any = Group.members.through
_MODEL_GROUPS: Any = ModelSetting.groups.through

# A row may refer to rows of tables before its own, and of its own before it. Other references are written
# once all rows are there. The memberships come late: nobody sees a workspace that is not whole.
TABLES = (
    Table(Workspace, "pk"),
    # Providers of the workspace's own, with what they offer.
    Table(Provider, "workspace"),
    Table(UpstreamModel, "provider__workspace"),
    Table(Endpoint, "model__provider__workspace"),
    Table(SchemaChange, "endpoint__model__provider__workspace"),
    Table(Group, "workspace"),
    Table(ModelSetting, "workspace"),
    Table(_MODEL_GROUPS, "modelsetting__workspace"),
    Table(ProviderSetting, "workspace"),
    Table(RefusedParameter, "workspace"),
    Table(TitleSetting, "workspace"),
    Table(ChatDefault, "workspace"),
    # The limit of a key would be one of everything without the key.
    Table(Limit, "workspace", only=Q(api_key=None)),
    Table(LimitExemption, "limit__workspace", needs=("group",)),
    Table(LimitRaise, "limit__workspace"),
    Table(LimitWindow, "limit__workspace"),
    Table(Hold, "workspace"),
    Table(HoldPart, "hold__workspace"),
    Table(LedgerEntry, "workspace"),
    Table(DaySum, "workspace"),
    Table(ChargeDifference, "workspace"),
    Table(AuditEvent, "workspace"),
    Table(Tool, "workspace"),
    Table(OutputSchema, "workspace"),
    Table(Prompt, "workspace", only=Q(deleted_at=None)),
    Table(PromptVersion, "prompt__workspace"),
    # Conversations in the trash stay there. Temporary ones are left out with all that belongs to them.
    Table(
        Conversation,
        "workspace",
        only=Q(deleted_at=None, is_temporary=False) & (Q(column_of=None) | Q(column_of__deleted_at=None)),
    ),
    Table(SystemPrompt, "conversation__workspace"),
    Table(Message, "conversation__workspace"),
    Table(Placement, "conversation__workspace"),
    Table(AnswerChoice, "workspace"),
    Table(PromptUse, "prompt__workspace"),
    Table(Run, "workspace", needs=("conversation", "answer", "title_of")),
    Table(RunChunk, "run__workspace"),
    Table(Exchange, "run__workspace"),
    # Files that were uploaded and not sent, or wait with a queued prompt, stay.
    Table(
        StoredFile,
        "workspace",
        only=(Q(message__isnull=False) | Q(run__isnull=False)) & Q(queued=None),
        needs=("message", "run"),
    ),
    Table(TableOfCases, "workspace", only=Q(deleted_at=None)),
    Table(TableCase, "table__workspace"),
    Table(Experiment, "table__workspace", only=Q(deleted_at=None)),
    Table(Variant, "experiment__table__workspace"),
    Table(Cell, "experiment__table__workspace"),
    Table(Membership, "workspace"),
    Table(_GROUP_MEMBERS, "group__workspace"),
    Table(RaiseRequest, "member__workspace"),
    Table(Share, "conversation__workspace", needs=("member", "group")),
    Table(PromptShare, "item__workspace", needs=("member", "group")),
    Table(ToolShare, "item__workspace", needs=("member", "group")),
    Table(SchemaShare, "item__workspace", needs=("member", "group")),
    Table(TableShare, "item__workspace", needs=("member", "group")),
)
PLACES = {table.model: place for place, table in enumerate(TABLES)}
BY_LABEL = {table.label: table for table in TABLES}


def is_written_late(table: Table, attname: str) -> bool:
    """Tell whether a column may refer to a row after its own, so that some are written in the end."""
    return PLACES.get(table.references[attname], -1) >= PLACES[table.model]
