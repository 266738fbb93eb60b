"""Parts of a page whose models are not named: a comparison hides them until somebody has chosen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chat.models import Run
from chat.pages.composer import Refusal
from chat.pages.failures import Failure
from chat.pages.receipt import Receipt

if TYPE_CHECKING:
    from chat.pages.composer import Composer

HIDDEN = "Hidden"
# The reasons of refusals and failures name models, providers and parameters.
REFUSED = "This model cannot be asked now, or a limit refuses it. Show the names to see the reason."
_FAILED = Failure(
    "", "The answer failed", "Show the names to see the reason.", (), "", (), False, "", False, None, ""
)
# Fields of a composer that tell its model, and what they are without one.
_WITHOUT_MODEL = {
    **dict.fromkeys(
        (
            "endpoint",
            "model",
            "successor",
            "form",
            "notice",
            "offer",
            "missing_key",
            "refusal",
            "asked",
            "offers",
        )
    ),
    **dict.fromkeys(("unavailable", "system_error", "refusal_text"), ""),
    **dict.fromkeys(("tool_names", "dialects", "suggestions", "parameter_errors"), ()),
    **dict.fromkeys(("lacks_key", "takes_prefill"), False),
    "output_usual": 0,
}


def without_names(view: Any) -> Any:
    """Return a ``MessageView`` without what tells its model: names, parameters, times, costs, and reasons."""
    if view.run is None:
        return replace(view, source_model="", has_menu=False)
    run = replace(
        view.run,
        model_id=HIDDEN,
        model_name=HIDDEN,
        endpoint_kind="",
        endpoint="",
        changes=[],
        context_tokens=None,
        receipt=Receipt(is_final=not view.run.is_live, state="writing…" if view.run.is_live else ""),
        failure=_FAILED if view.run.failure else None,
        # A limit that stopped the answer may be one of its model.
        note="Stopped." if view.run.note and view.run.status == Run.Status.STOPPED else view.run.note,
        missing="",
        longer=None,
        ways=None,
        can_inspect=False,
    )
    # The menu leads to the request and its code.
    return replace(view, run=run, has_menu=False)


def fields_without_names(fields: dict[str, Any], composer: Composer) -> dict[str, Any]:
    """Return the fields of the composer of a column without what tells its model."""
    errors = refusal_without_names(composer.refusal, composer).errors
    return {**fields, **_WITHOUT_MODEL, "prompt_errors": errors}


def refusal_without_names(refusal: Refusal, composer: Composer) -> Refusal:
    """Return a refusal without the reasons that tell the model of its column."""
    is_told = refusal.limit or refusal.keyless or refusal.parameter_errors or refusal.system_error
    if is_told or (composer.unavailable and composer.unavailable in refusal.errors):
        return Refusal((REFUSED,))
    return refusal
