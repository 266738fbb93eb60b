"""The parameters on the page of a stored prompt: the form of its model, or JSON as long as it has none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chat.pages.edited_parameters import edited_values, posted_parameters
from playground.access import as_decided, endpoint_of, models_for
from playground.models import DEFAULT_KIND
from playground.parameters.form.parsing import EntryError, parse_object

if TYPE_CHECKING:
    from django.http import QueryDict

    from accounts.models import Membership
    from chat.pages.edited_parameters import EditedParameters
    from chat.prompts.rows import PromptEditor
    from playground.models import Endpoint

GONE = (
    "The model was taken away while you were editing. Its parameters are as they were before your changes. "
    "Look at them, then save again."
)
_DEEPEST = 40


def parameters_of(
    membership: Membership, editor: PromptEditor, data: QueryDict | None = None
) -> EditedParameters | None:
    """Return the form of the model that the editor names, with the values that are posted or stored.

    The editor's JSON becomes that of the form. Without such a model, or with values that are no JSON, it
    stays as it is, and there is no form.
    """
    posted = posted_parameters(membership, data) if data is not None else None
    if posted is not None:
        _write(editor, posted)
    elif data is not None and "before" in data:
        editor.parameters, editor.error = str(data["before"]), GONE
    endpoint = _endpoint(membership, editor)
    if endpoint is None:
        return None
    if posted is None or posted.endpoint.pk != endpoint.pk:
        try:
            values = parse_object(editor.parameters, deepest=_DEEPEST) if editor.parameters.strip() else {}
        except EntryError:
            return None
        posted = edited_values(membership, endpoint, values, editor.written_for or DEFAULT_KIND)
        _write(editor, posted)
    if editor.parameters and endpoint.kind != (editor.endpoint or DEFAULT_KIND):
        # The values have the shapes of the only endpoint that the model has.
        editor.endpoint = endpoint.kind
    return posted


def _write(editor: PromptEditor, edited: EditedParameters) -> None:
    values = edited.parameters
    editor.parameters = json.dumps(values, ensure_ascii=False, indent=2) if values else ""
    editor.written_for = edited.endpoint.kind


def _endpoint(membership: Membership, editor: PromptEditor) -> Endpoint | None:
    provider, _, model_id = editor.model.partition(" ")
    if not model_id:
        return None
    named = models_for(membership).filter(provider__code=provider, model_id=model_id)
    found = as_decided(named[:1])
    return endpoint_of(found[0], editor.endpoint or DEFAULT_KIND) if found else None
