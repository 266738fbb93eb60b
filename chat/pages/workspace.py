"""The page with the settings of a whole workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import money
from accounts.models import Membership
from chat.models import Conversation, Prompt, Run, StoredFile, TitleSetting
from chat.pages.model_choice import ModelChoice, model_choice
from playground import pricing

if TYPE_CHECKING:
    from accounts.models import Workspace
    from playground.models import UpstreamModel

# Tokens of a usual title: the instruction with the beginning of an exchange, and the title itself.
TOKENS_READ, TOKENS_WRITTEN = 280, 20


@dataclass(frozen=True, slots=True)
class WorkspaceCounts:
    """Counts of the contents of a workspace, for the question whether to delete it."""

    members: int
    conversations: int
    prompts: int
    files: int
    live_runs: int


def counts_of(workspace: Workspace) -> WorkspaceCounts:
    """Count what would be deleted with a workspace. Columns of comparisons do not count by themselves."""
    return WorkspaceCounts(
        Membership.objects.filter(workspace=workspace).count(),
        Conversation.objects.filter(workspace=workspace, column_of=None).count(),
        Prompt.objects.filter(workspace=workspace).count(),
        StoredFile.objects.filter(workspace=workspace).count(),
        Run.objects.filter(workspace=workspace, status__in=Run.LIVE).count(),
    )


@dataclass(frozen=True, slots=True)
class TitleModels(ModelChoice):
    """The models that can make titles, and the workspace's choice."""

    @property
    def tokens(self) -> int:
        return TOKENS_READ + TOKENS_WRITTEN

    @property
    def cost(self) -> str:
        """The usual cost of a title in dollars; empty for a model without a known price."""
        model = self.chosen
        if model is None or model.input_price is None or model.output_price is None:
            return ""
        credits = pricing.cost(TOKENS_READ, TOKENS_WRITTEN, model.input_price, model.output_price)
        return money.usd(money.in_usd(credits))


def title_models(membership: Membership, ready: list[UpstreamModel]) -> TitleModels:
    """Return the ready models as those that can make titles, and the workspace's choice."""
    kept = TitleSetting.objects.filter(workspace=membership.workspace).first()
    found = model_choice(membership, ready, kept.model_id if kept else None)
    return TitleModels(found.groups, found.chosen, found.trouble)
