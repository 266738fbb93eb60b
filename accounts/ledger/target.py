from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from accounts.models import ApiKey, Limit


@dataclass(frozen=True, slots=True)
class Target:
    """The provider, the model, the API key and the batch of a run, as far as limits tell them apart."""

    provider_code: str = ""
    model_id: str = ""
    api_key: ApiKey | None = None
    batch: UUID | None = None

    @property
    def key_code(self) -> str:
        return str(self.api_key.code) if self.api_key else ""

    def is_under(self, limit: Limit) -> bool:
        """Tell whether a limit counts runs that go here; whose runs it counts is another question."""
        return (
            limit.batch in (None, self.batch)
            and limit.provider_code in ("", self.provider_code)
            and limit.api_key_id in (None, self.api_key.pk if self.api_key else None)
            and limit.takes(self.model_id)
        )
