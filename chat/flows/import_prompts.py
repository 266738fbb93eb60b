from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.http import Http404

from accounts.names import one_line
from chat.exceptions import NameTaken
from chat.flows.save_prompt import PromptFields, add_prompt
from chat.library_access import visible_items
from chat.models import Prompt, PromptVersion
from chat.prompts.outline import OutlinePart, outline
from chat.prompts.stored import to_text
from playground.access import get_model_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import Membership, User
    from chat.prompts.content import PromptContent
    from chat.prompts.imported import ReadPrompt

_LONGEST_NAME = 128

# The name of an imported prompt whose own shows nothing.
_NAMELESS = "Prompt"


@dataclass(frozen=True, slots=True)
class PlannedPrompt:
    """A prompt that an import found, and the name that it gets: another one if its own is taken."""

    found: ReadPrompt
    name: str

    @property
    def parts(self) -> list[OutlinePart]:
        """The parts of the newest version, for a preview."""
        return list(outline(self.found.newest.content))

    @property
    def is_renamed(self) -> bool:
        return self.name != self.found.name


def plan_prompts(membership: Membership, found: Sequence[ReadPrompt]) -> list[PlannedPrompt]:
    """Return the prompts with free names. Nothing is stored."""
    taken = set(visible_items(Prompt, membership).values_list("name", flat=True))
    planned = []
    for each in found:
        name = _free(one_line(each.name) or _NAMELESS, taken)
        taken.add(name)
        planned.append(PlannedPrompt(each, name))
    return planned


def import_prompts(membership: Membership, planned: Iterable[PlannedPrompt], *, actor: User) -> list[Prompt]:
    """Store prompts with all their versions, all or none.

    :raises NameTaken: somebody has stored a prompt of such a name meanwhile.
    """
    with transaction.atomic():
        return [_store(membership, each, actor) for each in planned]


def _free(name: str, taken: set[str]) -> str:
    number, found = 2, name
    while found in taken:
        found = f"{name[: _LONGEST_NAME - 8]} {number}"
        number += 1
    return found


def _store(membership: Membership, planned: PlannedPrompt, actor: User) -> Prompt:
    found = planned.found
    *earlier, newest = (replace(each, content=_known(membership, each.content)) for each in found.versions)
    saved = PromptFields(planned.name, found.description, newest.content, newest.note)
    prompt = add_prompt(
        membership.workspace, saved, actor=actor, number=newest.number, production=found.production
    )
    try:
        PromptVersion.objects.bulk_create(
            PromptVersion(
                prompt=prompt, number=each.number, content=to_text(each.content), note=each.note, author=actor
            )
            for each in earlier
        )
    except IntegrityError as error:
        raise NameTaken(planned.name) from error
    return prompt


def _known(membership: Membership, content: PromptContent) -> PromptContent:
    """Return the content with the model of the catalogue that its name means, if there is one."""
    if not content.model or content.provider:
        return content
    try:
        model = get_model_for(membership, content.model)
    except Http404:
        return content
    return replace(content, provider=model.provider.code, model=model.model_id)
