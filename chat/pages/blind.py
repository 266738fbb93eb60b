from __future__ import annotations

from typing import TYPE_CHECKING

from chat.pages.composer import Refusal

if TYPE_CHECKING:
    from chat.pages.composer import Composer


HIDDEN = "Hidden"
# The reasons of refusals and failures name models, providers and parameters.
REFUSED = "This model cannot be asked now, or a limit refuses it. Show the names to see the reason."


def refusal_without_names(refusal: Refusal, composer: Composer) -> Refusal:
    """Return a refusal without the reasons that tell the model of its column."""
    is_told = refusal.limit or refusal.keyless or refusal.parameter_errors or refusal.system_error
    if is_told or (composer.unavailable and composer.unavailable in refusal.errors):
        return Refusal((REFUSED,))
    return refusal
