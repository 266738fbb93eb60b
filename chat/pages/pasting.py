"""A pasted request as the page explains it, before it is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timezone import localtime

from chat.flows.find_attachment import find_attachment
from chat.flows.open_setup import Setup
from chat.media import Media, MediaRefused
from chat.pages.composer import chosen_endpoint, draft_of
from chat.pages.notices import shown
from chat.pages.trying import named_model
from playground import clients
from playground.access import endpoint_of
from playground.carrying import Choices, carry_to
from playground.code.reading import read_paste
from playground.code.reading.file_marks import PLACEHOLDER
from playground.code.reading.paste import PasteRefused
from playground.code.reading.transcript import opened_body
from playground.labels import endpoint_label
from playground.models import DEFAULT_KIND, Provider
from playground.parameters.form.parameter_form import parameter_form
from playground.parameters.schema.sending import Sending
from playground.upstream.dialects.shared.transcript import Attachment, MediaKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import Membership
    from chat.flows.find_attachment import FoundFile
    from playground.code.reading.paste import Paste
    from playground.code.reading.transcript import OpenedBody
    from playground.models import Endpoint

# Longer texts say little in a summary.
_LONGEST_EXCERPT = 160
_MOST_NAMES = 12
# Names for users, of parts of messages that are left out.
_PARTS = {
    "image_url": "picture",
    "input_image": "picture",
    "image": "picture",
    "input_audio": "recording",
    "file": "file",
    "input_file": "file",
    "document": "file",
    "audio": "spoken answer",
}
_UNNAMED = {MediaKind.IMAGE: "A picture", MediaKind.AUDIO: "A recording", MediaKind.VIDEO: "A video"}


@dataclass(frozen=True, slots=True)
class UnderstoodPaste:
    """A paste in words, and the setup that it opens.

    ``extra`` are parameters beyond the schema. ``files`` says which files are attached.
    """

    form: str
    setup: Setup
    model_note: str
    endpoint_note: str
    address_note: str
    messages: str
    parameters: dict[str, str]
    extra: dict[str, str]
    files: tuple[str, ...]
    left_out: tuple[str, ...]
    has_key: bool

    @property
    def prompt(self) -> str:
        return _excerpt(self.setup.prompt)

    @property
    def system_text(self) -> str:
        return _excerpt(self.setup.system_text)

    @property
    def endpoint_label(self) -> str:
        return endpoint_label(self.setup.endpoint.kind)


def understood(text: str, membership: Membership) -> UnderstoodPaste:
    """Read a paste, and find the model and the parameters for it. Nothing is stored.

    :raises PasteRefused: it cannot be read, or there is no model to open it with.
    """
    paste = read_paste(text)
    kind = paste.kind or DEFAULT_KIND
    opened = opened_body(kind, paste.body)
    usual = chosen_endpoint(draft_of(membership), membership)
    model, model_note = named_model(opened.model, membership, usual.model if usual else None)
    endpoint = endpoint_of(model, kind) if model else None
    if model is None or endpoint is None:
        raise PasteRefused(
            model_note or "There is no model to use. Ask an admin to add one or switch one on."
        )
    extra = _unknown(endpoint, opened.parameters)
    carried = carry_to(endpoint, Choices(opened.parameters, kind), extra=extra)
    files, without = _files(opened, membership)
    setup = Setup(
        endpoint,
        carried.kept,
        opened.system_text,
        opened.earlier,
        opened.prompt,
        {"from": paste.form, "model": opened.model},
        _sending(paste.body),
        opened.attachments,
        files,
    )
    shown_values = {name: shown(value) for name, value in carried.kept.items()}
    refused = [f"{each.name}: {shown(each.value)}. {each.reason}" for each in carried.dropped]
    return UnderstoodPaste(
        paste.form,
        setup,
        model_note,
        _endpoint_note(endpoint, kind),
        _address_note(paste, endpoint.model.provider),
        _messages(opened),
        {name: text for name, text in shown_values.items() if name not in extra},
        {name: text for name, text in shown_values.items() if name in extra},
        _named([_described(each) for each in files.values()]),
        (*_named(refused), *_named(without), *_parts_left_out(opened, paste)),
        paste.has_key,
    )


def _files(opened: OpenedBody, membership: Membership) -> tuple[dict[Attachment, FoundFile], list[str]]:
    """Return what the attachments stand for, and a sentence about each that is left out."""
    found: dict[Attachment, FoundFile] = {}
    without = list[str]()
    of_turns = (each for turn in opened.earlier for each in turn.attachments)
    for attachment in dict.fromkeys((*of_turns, *opened.attachments)):
        try:
            found[attachment] = find_attachment(membership, attachment)
        except MediaRefused as refusal:
            without.append(f"{_name_of(attachment)}: {refusal}")
    of_prompt = [each for each in opened.attachments if each in found]
    most = settings.MAX_FILES_PER_MESSAGE
    for attachment in of_prompt[most:]:
        del found[attachment]
        without.append(f"{_name_of(attachment)}: A prompt can have at most {most} file{'s' * (most != 1)}.")
    return found, without


def _name_of(attachment: Attachment) -> str:
    name = (
        attachment.url.removeprefix(PLACEHOLDER)
        if attachment.url.startswith(PLACEHOLDER)
        else attachment.name
    )
    return shown(name) if name else _UNNAMED.get(attachment.kind, "A file")


def _described(found: FoundFile) -> str:
    if isinstance(found, Media):
        return f"{found.name}, {filesizeformat(len(found.content))}"
    if found.address:
        return f"{found.name} at {urlsplit(found.address).hostname}"
    return f"{found.name}, as you attached it on {date_format(localtime(found.created_at), 'j F Y')}"


def _named(sentences: list[str]) -> tuple[str, ...]:
    """Return the first of many sentences, and how many more there are."""
    more = len(sentences) - _MOST_NAMES
    return (*sentences[:_MOST_NAMES], *([f"{more} more."] if more > 0 else []))


def _endpoint_note(endpoint: Endpoint, kind: str) -> str:
    if endpoint.kind == kind:
        return ""
    return f"{endpoint.model.name} has no {endpoint_label(kind)}, so {endpoint_label(endpoint.kind)} is used."


def _sending(body: dict[str, Any]) -> Sending:
    """Return how the body asks to be answered. Without a word about it, the playground streams."""
    options = body.get("stream_options")
    reports_usage = not isinstance(options, dict) or options.get("include_usage") is not False
    return Sending(body.get("stream") is not False, reports_usage)


def _unknown(endpoint: Endpoint, parameters: Collection[str]) -> list[str]:
    known = parameter_form(endpoint).fields
    return [name for name in parameters if name not in known]


def _messages(opened: OpenedBody) -> str:
    """Say how many messages come before the prompt.

    >>> from playground.code.reading.transcript import OpenedBody
    >>> _messages(OpenedBody("m", prompt="Hi"))
    'a prompt'
    """
    counts = {
        "from you": sum(turn.role is Role.USER for turn in opened.earlier),
        "from the model": sum(turn.role is Role.ASSISTANT for turn in opened.earlier),
        "from tools": sum(turn.role is Role.TOOL for turn in opened.earlier),
    }
    words = ", ".join(f"{count} {whose}" for whose, count in counts.items() if count)
    count = len(opened.earlier)
    earlier = f"{count} earlier message{'s' * (count != 1)} ({words})" if count else ""
    return " and ".join(
        part for part in (earlier, "a prompt" if opened.prompt or opened.attachments else "no prompt") if part
    )


def _parts_left_out(opened: OpenedBody, paste: Paste) -> list[str]:
    notes = []
    for kind, count in opened.left_out.items():
        name = _PARTS.get(kind) or f"part of the type “{shown(kind)}”"
        notes.append(f"{count} {name if count == 1 else _plural(name)}.")
    attached = {each.url for turn in opened.earlier for each in turn.attachments}
    attached |= {each.url for each in opened.attachments}
    names = dict.fromkeys(use.name for use in paste.files if PLACEHOLDER + use.name not in attached)
    return notes + [f"The file {shown(name)}, which the code reads." for name in names]


def _plural(name: str) -> str:
    first, *rest = name.split(" ", 1)
    return " ".join([f"{first}s", *rest])


def _address_note(paste: Paste, provider: Provider) -> str:
    """Say where the request goes here, if that is elsewhere than in the paste."""
    if not paste.base_url or provider.kind == Provider.Type.DEMO:
        return ""
    if paste.base_url.rstrip("/") == clients.base_url_of(provider).rstrip("/"):
        return ""
    return f"The paste sends it to {shown(paste.base_url)}. Here it goes to {provider.name}."


def _excerpt(text: str) -> str:
    line = " ".join(text[: 4 * _LONGEST_EXCERPT].split())
    return line if len(line) <= _LONGEST_EXCERPT else f"{line[: _LONGEST_EXCERPT - 1]}…"
