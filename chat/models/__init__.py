from __future__ import annotations

from chat.models.chat_default import ChatDefault
from chat.models.comparison import FEWEST_COLUMNS, MOST_COLUMNS, AnswerChoice
from chat.models.composer_setting import ComposerSetting
from chat.models.conversation import Conversation, Draft, Message, Pause
from chat.models.exchange import Exchange
from chat.models.experiment import Cell, Experiment, Variant
from chat.models.item import LibraryItem, PromptShare, SchemaShare, TableShare, ToolShare
from chat.models.library import LibraryEntry, OutputSchema, Tool
from chat.models.placement import Placement
from chat.models.prompt import Prompt, PromptUse, PromptVersion
from chat.models.queued_prompt import MAX_QUEUED, QueuedPrompt
from chat.models.run import QUEUE_LEASE, Run, RunChunk
from chat.models.share import Access, AnyShare, Share
from chat.models.snapshot import Snapshot
from chat.models.statistics import LearnedUpTo, ModelStatistics
from chat.models.stored_file import StoredFile
from chat.models.system_prompt import SystemPrompt
from chat.models.test_table import DeletedCase, TableCase, TableOfCases
from chat.models.title_setting import TitleSetting
from chat.models.workspace_import import WorkspaceImport

__all__ = [
    "FEWEST_COLUMNS",
    "MAX_QUEUED",
    "MOST_COLUMNS",
    "QUEUE_LEASE",
    "Access",
    "AnswerChoice",
    "AnyShare",
    "Cell",
    "ChatDefault",
    "ComposerSetting",
    "Conversation",
    "DeletedCase",
    "Draft",
    "Exchange",
    "Experiment",
    "LearnedUpTo",
    "LibraryEntry",
    "LibraryItem",
    "Message",
    "ModelStatistics",
    "OutputSchema",
    "Pause",
    "Placement",
    "Prompt",
    "PromptShare",
    "PromptUse",
    "PromptVersion",
    "QueuedPrompt",
    "Run",
    "RunChunk",
    "SchemaShare",
    "Share",
    "Snapshot",
    "StoredFile",
    "SystemPrompt",
    "TableCase",
    "TableOfCases",
    "TableShare",
    "TitleSetting",
    "Tool",
    "ToolShare",
    "Variant",
    "WorkspaceImport",
]
