"""Code that sends the request of a run, or the one that a composer would send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from accounts import keys
from chat.markdown.code import coloured
from chat.models import Exchange
from chat.references import files_of, filled
from playground import clients
from playground.code.request import CodeRequest, FileUse, file_name, key_variable
from playground.code.writing import write_code
from playground.models import Provider
from playground.upstream.dialects.registry import DIALECTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accounts.models import User, Workspace
    from chat.flows.preview_request import PreviewedRequest
    from chat.models import Run, StoredFile
    from playground.models import Endpoint

# Smaller files are part of the code.
_SMALL_FILE = 1_000
_AIMLAPI_VARIABLE = "AIMLAPI_API_KEY"
# The address in code for a run whose provider was removed.
_NO_ADDRESS = "https://api.example.com/v1"


@dataclass(frozen=True, slots=True)
class CodeView:
    """``pieces`` are pairs of a class for colours and of text."""

    name: str
    label: str
    file_name: str
    pieces: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NeededFile:
    """A file that the code reads, with the address to download it from."""

    name: str
    url: str


def code_of_run(run: Run, user: User) -> dict[str, Any]:
    """Return the context of ``chat/_code.html`` for the request of a run."""
    provider = run.endpoint.model.provider if run.endpoint else None
    base_url = clients.base_url_of(provider) if provider else _recorded_address(run)
    files = files_of(run) if run.references else {}
    place = _Place(base_url, run.endpoint_kind, run.workspace, provider)
    return {
        **_context(run.body, run.references, files, place, user),
        "code_id": str(run.code),
        "is_answer": True,
    }


def code_of_preview(preview: PreviewedRequest, workspace: Workspace, user: User) -> dict[str, Any]:
    """Return the context of ``chat/_code.html`` for a request that was not sent."""
    provider = preview.endpoint.model.provider
    place = _Place(clients.base_url_of(provider), preview.endpoint.kind, workspace, provider)
    files = {str(file.code): file for file in preview.files}
    context = _context(preview.request.body, preview.request.references, files, place, user)
    return {**context, "code_id": "next"}


def code_of_body(
    body: dict[str, Any], endpoint: Endpoint, workspace: Workspace, user: User
) -> dict[str, Any]:
    """Return the context of ``chat/_code.html`` for a body of a stored prompt, which has no files."""
    provider = endpoint.model.provider
    place = _Place(clients.base_url_of(provider), endpoint.kind, workspace, provider)
    return {**_context(body, (), {}, place, user), "code_id": "prompt", "is_prompt": True}


@dataclass(frozen=True, slots=True)
class _Place:
    base_url: str
    kind: str
    workspace: Workspace
    provider: Provider | None


def _context(
    body: dict[str, Any],
    references: Sequence[dict[str, Any]],
    files: Mapping[str, StoredFile],
    place: _Place,
    user: User,
) -> dict[str, Any]:
    small = [each for each in references if each["form"] != "address" and each["byte_size"] <= _SMALL_FILE]
    try:
        body = filled(body, small, files)
    except FileNotFoundError:
        small = []
    uses, needed = _uses([each for each in references if each not in small], files)
    variable = _variable(place, user)
    dialect = DIALECTS.get(place.kind)
    headers = dialect.headers if dialect else {}
    request = CodeRequest(place.base_url, place.kind, body, headers, variable, uses)
    return {
        "codes": [
            CodeView(code.name, code.label, code.file_name, coloured(code.text, code.highlight))
            for code in write_code(request)
        ],
        "base_url": request.base_url,
        "key_variable": variable,
        "provider": place.provider,
        "is_demo": place.provider is not None and place.provider.kind == Provider.Type.DEMO,
        "needed": needed,
    }


def _uses(
    references: Sequence[dict[str, Any]], files: Mapping[str, StoredFile]
) -> tuple[tuple[FileUse, ...], list[NeededFile]]:
    """Return the places in the body that the code fills from files, and these files."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    uses, needed = list[FileUse](), list[NeededFile]()
    for each in references:
        file = files.get(each["file"])
        if each["form"] == "address":
            continue
        if each["file"] not in names:
            names[each["file"]] = file_name(file.name if file else "file", taken)
            needed.append(
                NeededFile(names[each["file"]], reverse("chat:file", args=[file.code]) if file else "")
            )
        media_type = file.media_type if file and each["form"] == "url" else ""
        uses.append(FileUse(tuple(each["path"]), names[each["file"]], media_type))
    return tuple(uses), needed


def _variable(place: _Place, user: User) -> str:
    """Return the environment variable for the key; empty if the provider needs none and none is stored."""
    provider = place.provider
    if provider is None:
        return key_variable("")
    if not provider.needs_key and keys.resolve(place.workspace, user, provider.code) is None:
        return ""
    return _AIMLAPI_VARIABLE if provider.kind == Provider.Type.AIMLAPI else key_variable(provider.name)


def _recorded_address(run: Run) -> str:
    """Return the address that a run of a removed provider was sent to, if its record still exists."""
    url = Exchange.objects.filter(run=run).values_list("url", flat=True).first() or ""
    return url.removesuffix(f"/{run.endpoint_kind}") or _NO_ADDRESS
