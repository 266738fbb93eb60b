"""The form of a new experiment: what a member may choose, and the plan that was chosen."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from chat.flows.start_experiment import AskedPrompt, ParameterSet, Plan
from chat.library_access import visible_items
from chat.models import Prompt, PromptVersion
from chat.pages.size_of_experiment import size_in_words
from chat.pages.tables import table_context
from chat.prompts.content import MessageRole, PromptContent, PromptMessage, Variable, VariableKind
from chat.prompts.placeholders import names_in
from playground.access import as_decided, endpoint_of, models_for
from playground.models import DEFAULT_KIND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.forms import Form

    from accounts.models import Membership
    from chat.models import TableOfCases
    from chat.pages.parameter_sets import SetEditor
    from playground.models import Endpoint, UpstreamModel

TYPED = "Typed prompt"


@dataclass(frozen=True, slots=True)
class Choices:
    """The models and the stored prompts that a member may use, and both as choices of a form."""

    membership: Membership
    by_key: dict[str, UpstreamModel]
    prompts: list[tuple[str, str]]

    @property
    def models(self) -> list[tuple[str, str]]:
        return [(key, f"{model.name} · {model.provider.name}") for key, model in self.by_key.items()]


def choices_for(membership: Membership) -> Choices:
    found = as_decided(models_for(membership).select_related("provider").order_by("position", "name"))
    stored = visible_items(Prompt, membership).order_by("name")
    prompts = [choice for prompt in stored for choice in _versions(prompt)]
    return Choices(membership, {str(model.pk): model for model in found}, prompts)


def _versions(prompt: Prompt) -> Iterator[tuple[str, str]]:
    """Yield the newest version of a prompt as a choice, and the one for production if it is another."""
    pinned = prompt.production
    mark = " (production)" if pinned == prompt.version else ""
    yield f"{prompt.code}:{prompt.version}", f"{prompt.name} v{prompt.version}{mark}"
    if pinned is not None and pinned != prompt.version:
        yield f"{prompt.code}:{pinned}", f"{prompt.name} v{pinned} (production)"


def chosen_first(choices: list[tuple[str, str]], chosen: Sequence[str]) -> list[tuple[str, str]]:
    """Return choices with the chosen ones before the others: a list of hundreds shows only its beginning."""
    return sorted(choices, key=lambda choice: choice[0] not in chosen)


def new_context(
    membership: Membership, table: TableOfCases, form: Form, asked: Asked, editor: SetEditor
) -> dict[str, Any]:
    names = [f"{{{{{name}}}}}" for name in table.columns]
    typed = getattr(form, "cleaned_data", {}).get("sets", [])
    sets = [*editor.sets, *(ParameterSet(each) for each in typed)]
    lacking = Plan(asked.prompts, asked.endpoints, sets or [ParameterSet({})]).lacking()
    return {
        **table_context(membership, table, "experiments"),
        "form": form,
        "names": names,
        "editor": editor,
        "asked": asked,
        "lacking": lacking,
        "noted": digest_of(lacking),
        "size": size_in_words(
            table.size, len(asked.prompts), len(asked.endpoints), len(sets), str(form["repetitions"].value())
        ),
        "feedback_url": reverse("chat:parameters", args=[membership.workspace.slug]),
    }


def digest_of(lacking: dict[str, list[str]]) -> str:
    """Return a short text that changes with what the page has to say about missing parameters."""
    return hashlib.sha256(repr(sorted(lacking.items())).encode()).hexdigest()[:32] if lacking else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The prompts and the endpoints that are chosen. A model without an endpoint is left out."""

    prompts: list[AskedPrompt]
    endpoints: list[Endpoint]

    @property
    def file_variables(self) -> list[tuple[str, str]]:
        """The variables that no case has a value for, each after the name of its prompt."""
        return [
            (prompt.name, variable.name)
            for prompt in self.prompts
            for variable in prompt.content.variables
            if variable.kind is VariableKind.FILE
        ]


def asked_of(
    choices: Choices, prompts: Sequence[str], models: Sequence[str], system: str, text: str
) -> Asked:
    asked = _stored(choices.membership, prompts)
    if text:
        asked.append(AskedPrompt(TYPED, typed_content(system, text)))
    # A prompt's own endpoint counts where a model has it.
    kind = next((prompt.content.endpoint for prompt in asked if prompt.content.endpoint), DEFAULT_KIND)
    endpoints = [_endpoint(choices.by_key[key], kind) for key in models if key in choices.by_key]
    return Asked(asked, [endpoint for endpoint in endpoints if endpoint is not None])


def plan_of(choices: Choices, asked: Asked, data: Mapping[str, Any], sets: list[ParameterSet]) -> Plan:
    """Return the plan of cleaned data, with the sets that were made in the form."""
    judge = data.get("judge")
    return Plan(
        asked.prompts,
        asked.endpoints,
        [*sets, *(ParameterSet(each) for each in data["sets"])] or [ParameterSet({})],
        data["repetitions"],
        data["concurrency"],
        data["cap_usd"],
        _endpoint(choices.by_key[judge], DEFAULT_KIND) if judge in choices.by_key else None,
        data["sends_lacking"],
    )


def _stored(membership: Membership, chosen: Sequence[str]) -> list[AskedPrompt]:
    """Return the prompts of choices such as "code:version", by name and version."""
    found = []
    for choice in chosen:
        code, _, number = choice.partition(":")
        versions = PromptVersion.objects.filter(prompt__in=visible_items(Prompt, membership))
        version = versions.select_related("prompt").filter(prompt__code=code, number=number).first()
        if version is not None:
            found.append(
                AskedPrompt(f"{version.prompt.name} v{version.number}", version.read(), version.prompt)
            )
    return found


def typed_content(system: str, text: str) -> PromptContent:
    """Return the content of a typed prompt, whose variables take any text."""
    names = names_in([system, text])
    return PromptContent(
        system=system,
        messages=(PromptMessage(MessageRole.USER, text),),
        variables=tuple(Variable(name, VariableKind.LONG_TEXT) for name in names),
    )


def _endpoint(model: UpstreamModel, kind: str) -> Endpoint | None:
    return endpoint_of(model, kind) or endpoint_of(model, DEFAULT_KIND)
