from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, CharField

from accounts.prepared import prepared
from chat.exceptions import SystemPromptRefused
from chat.flows.learn_statistics import statistics_of
from chat.models import StoredFile
from chat.references import refer, tokens_of
from chat.spoken import audio_ids
from chat.transcript import transcript_for
from playground import pricing
from playground.models import ProviderSetting, RefusedParameter
from playground.parameters.form.body import BodyInvalid, build_body
from playground.parameters.schema.request_schema import request_schema_of
from playground.parameters.schema.sending import Sending
from playground.upstream import dialects

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from django.db.models import QuerySet

    from accounts.models import User
    from chat.models import Message
    from playground.models import Endpoint, UpstreamModel
    from playground.upstream.dialects import Accepts
    from playground.upstream.dialects.shared.transcript import Transcript

MEGABYTE = 1024 * 1024
# More than any provider accepts, so that the provider states its own limit; less than would fill the memory.
MAX_REQUEST_MB = 64


@dataclass(frozen=True, slots=True)
class Choice:
    """An endpoint and the parameters to call it with, as the composer was set."""

    endpoint: Endpoint
    parameters: dict[str, Any]
    is_streamed: bool = True
    reports_usage: bool = True
    # The beginning of the answer that the model continues.
    prefill: str = ""

    @classmethod
    def of(cls, endpoint: Endpoint, parameters: dict[str, Any], sending: Sending) -> Choice:
        return cls(endpoint, parameters, sending.is_streamed, sending.reports_usage)

    @property
    def sending(self) -> Sending:
        return Sending(self.is_streamed, self.reports_usage)

    @property
    def content(self) -> tuple[object, ...]:
        """The parts of a submission that come from the choice: see ``chat.flows.run_idempotently``."""
        changed = [self.is_streamed, self.reports_usage] if self.sending != Sending() else []
        started = [self.prefill] if self.prefill else []
        return self.endpoint.pk, self.parameters, *changed, *started


@dataclass(frozen=True, slots=True)
class BuiltRequest:
    """A body, and the parts of it that a run keeps or is estimated by.

    ``transcript`` holds the fields of the body that carry the messages, ``parameters`` all others.
    ``provided`` are the parameters that the workspace set for the whole provider and the choice did not set;
    ``filled`` names those that the schema requires and nobody set.
    ``references`` name the files in the body: see ``chat.references``.
    """

    body: dict[str, Any]
    transcript: dict[str, Any]
    parameters: dict[str, Any]
    provided: dict[str, Any]
    references: list[dict[str, Any]]
    filled: frozenset[str] = frozenset()

    def estimate(self, model: UpstreamModel) -> pricing.Estimate:
        """Estimate the most that the request may cost at ``model``."""
        parameters = {**self.provided, **self.parameters}
        learned = statistics_of(model.pk)
        return pricing.estimate(
            [self.transcript], parameters, model, tokens_of(self.references), learned, self.filled
        )


def build_request(
    choice: Choice,
    workspace_id: int,
    messages: Sequence[Message],
    system_text: str = "",
    uploads: Sequence[StoredFile] = (),
    asker: User | None = None,
) -> BuiltRequest:
    """Write a system prompt and ``messages`` with their files.

    ``uploads`` are the files of an unsaved message. Without ``asker``, whose key is used, spoken answers go
    as words. It works and raises errors as :func:`write_request` does.
    """
    # Messages of a branch know whether they have files.
    stored = [
        message.pk for message in messages if message.pk is not None and vars(message).get("has_files", True)
    ]
    files = [*(StoredFile.objects.filter(message__in=stored) if stored else ()), *uploads]
    spoken = audio_ids(choice.endpoint.model, messages, asker) if asker else {}
    transcript = transcript_for(choice.endpoint.model, messages, files, system_text, spoken)
    by_code = {str(file.code): file for file in files}
    kept = {
        spoken[message.pk]: by_code[sound["file"]]
        for message in messages
        if message.pk in spoken and (sound := message.data.get("audio")) and sound["file"] in by_code
    }
    return write_request(choice, workspace_id, transcript, files, kept)


def write_request(
    choice: Choice,
    workspace_id: int,
    transcript: Transcript,
    files: Sequence[StoredFile] = (),
    kept: Mapping[str, StoredFile] = MappingProxyType({}),
) -> BuiltRequest:
    """Write ``transcript`` in the dialect of the chosen endpoint, within what its schema accepts.

    ``files`` are those whose placeholders the transcript contains, ``kept`` the sounds of spoken answers by
    the provider's ids.

    :raises SystemPromptRefused: the model's schema refuses the system prompt.
    :raises BodyInvalid: the model's schema refuses something else.
    :raises TranscriptRefused: the endpoint has no place for something in the transcript.
    """
    endpoint = choice.endpoint
    request_schema = request_schema_of(endpoint)
    accepts = dialects.accepts(request_schema.digest, request_schema.translated)
    transcript = dialects.within(endpoint.kind, accepts, transcript)
    transcript = _with_prefill(choice, accepts, transcript)
    fields = dialects.write_transcript(endpoint.kind, accepts, transcript, choice.parameters)
    # A length that the schema requires is sent even if the user left it unset, so the run shows it.
    provided = _provided(endpoint, workspace_id)
    chosen = {**provided, **choice.parameters}
    length = dialects.required_length(endpoint.kind, accepts, chosen, endpoint.model.output_max)
    parameters = {**choice.parameters, **length}
    try:
        body = build_body(
            request_schema,
            endpoint.model.model_id,
            fields,
            {**chosen, **length},
            sending=choice.sending,
        )
    except BodyInvalid as refusal:
        if _is_for_system_prompt(refusal, fields):
            raise SystemPromptRefused(" ".join(message for _, message in refusal.errors)) from refusal
        raise _explained(refusal, endpoint, provided.keys() - choice.parameters.keys()) from refusal
    _leave_out_refused(body, endpoint, workspace_id)
    references = refer(body, files, kept)
    _refuse_too_large(references)
    provided = {name: value for name, value in provided.items() if name not in parameters}
    return BuiltRequest(body, fields, parameters, provided, references, frozenset(length))


def _leave_out_refused(body: dict[str, Any], endpoint: Endpoint, workspace_id: int) -> None:
    # This parameter is set by the product, so no user could leave it out.
    if "stream_options" in body and is_refused(endpoint, workspace_id, "stream_options"):
        del body["stream_options"]


def is_refused(endpoint: Endpoint, workspace_id: int, name: str) -> bool:
    """Return whether the upstream has refused a parameter to the workspace."""
    return bool(_refused(endpoint=endpoint.pk, workspace=workspace_id, name=name))


@prepared(endpoint=BigIntegerField(), workspace=BigIntegerField(), name=CharField())
def _refused(endpoint: Any, workspace: Any, name: Any) -> QuerySet[RefusedParameter, Any]:
    found = RefusedParameter.objects.filter(endpoint_id=endpoint, workspace_id=workspace, name=name)
    return found.values_list("pk")


def _is_for_system_prompt(refusal: BodyInvalid, fields: Mapping[str, Any]) -> bool:
    """Return whether the schema refuses nothing but the system prompt: its field, or the first message."""
    places = {"system", "instructions"} & fields.keys()
    if _role_of_first(fields) in ("system", "developer"):
        places |= {f"{name}.0" for name in fields}
    return all(any(f"{path}.".startswith(f"{place}.") for place in places) for path, _ in refusal.errors)


def _role_of_first(fields: Mapping[str, Any]) -> str:
    first = next((each[0] for each in fields.values() if isinstance(each, list) and each), None)
    return str(first.get("role")) if isinstance(first, dict) else ""


def _with_prefill(choice: Choice, accepts: Accepts, transcript: Transcript) -> Transcript:
    if not choice.prefill:
        return transcript
    endpoint = choice.endpoint
    why = dialects.why_no_prefill(endpoint.kind, accepts, endpoint.model.model_id, choice.parameters)
    if why:
        raise dialects.TranscriptRefused(why)
    return dialects.with_prefill(transcript, choice.prefill)


def _explained(refusal: BodyInvalid, endpoint: Endpoint, provided: Collection[str]) -> BodyInvalid:
    """Say of refused values that an admin set where they were set: no form shows them to a user."""
    where = f"It is set for all models of {endpoint.model.provider}, on its page in the settings."
    return BodyInvalid(
        [
            (path, f"{message} {where}" if path.split(".", 1)[0] in provided else message)
            for path, message in refusal.errors
        ]
    )


def _provided(endpoint: Endpoint, workspace_id: int) -> dict[str, Any]:
    """Return what the workspace's admins set for all models of the endpoint's provider."""
    for (extra,) in _settings(workspace=workspace_id, provider=endpoint.model.provider_id):
        return dict(extra or {})
    return {}


@prepared(workspace=BigIntegerField(), provider=BigIntegerField())
def _settings(workspace: Any, provider: Any) -> QuerySet[ProviderSetting, Any]:
    found = ProviderSetting.objects.filter(workspace_id=workspace, provider_id=provider)
    return found.values_list("extra_parameters")


def _refuse_too_large(references: list[dict[str, Any]]) -> None:
    sent = sum(reference["byte_size"] for reference in references)
    if sent > MAX_REQUEST_MB * MEGABYTE:
        raise dialects.TranscriptRefused(
            f"The files of this conversation are {sent / MEGABYTE:,.0f} MB in total. A request can have "
            f"at most {MAX_REQUEST_MB} MB. Start a new chat, or attach less."
        )
