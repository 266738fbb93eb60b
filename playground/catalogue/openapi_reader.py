"""The request schemas of the models in an OpenAPI document. Nothing is fetched.

Documents come from strangers: size, depth and number of nodes are limited, YAML is read without tags and
aliases, and references stay inside the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from playground.catalogue.document_models import model_ids, spelling, with_models
from playground.catalogue.document_paths import ChatPath, chat_paths
from playground.catalogue.documents import DocumentRefused, Walker, load
from playground.parameters.schema.properties import root_properties
from playground.parameters.schema.translate import to_json_schema
from playground.upstream.dialects.registry import endpoint_kinds


@dataclass(frozen=True, slots=True)
class DocumentedRequest:
    """The request of one path of the document, for these models at this kind of endpoint.

    ``schema`` is the document's own, with everything that it refers to under ``$defs``.
    """

    model_ids: tuple[str, ...]
    kind: str
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An endpoint of the document that cannot be used. ``reason`` is the rest of a sentence about it."""

    kind: str
    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Documented:
    """All that a document says about requests.

    ``undescribed`` has the kinds of endpoints that it lists without the properties of their requests.
    """

    requests: tuple[DocumentedRequest, ...]
    undescribed: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def read_document(content: bytes, base_url: str = "") -> Documented:
    """Return the requests of all models that the document names.

    :param base_url: the provider's, to tell its endpoints from others in the document.
    :raises DocumentRefused: with the reason as the rest of a sentence.
    """
    found = _documented(content, base_url)
    _refuse_if_useless(found, found.requests)
    named = tuple(request for request in found.requests if request.model_ids)
    if not named:
        raise DocumentRefused("names no model: the request's model has no enum")
    return replace(found, requests=named)


def read_for_model(content: bytes, ids: Sequence[str], base_url: str = "") -> Documented:
    """Return the requests for one model, one of each kind.

    A request that names no model counts as one for it. Each schema accepts all ``ids`` as ``model``, even if
    the document has only another spelling.

    :param ids: the model's own id and its aliases.
    :param base_url: the provider's, to tell its endpoints from others in the document.
    :raises DocumentRefused: with the reason as the rest of a sentence.
    """
    found = _documented(content, base_url)
    _refuse_if_useless(found, (*found.requests, *found.undescribed))
    spellings = {spelling(model_id) for model_id in ids}
    by_kind: dict[str, DocumentedRequest] = {}
    for request in found.requests:
        is_named = not spellings.isdisjoint(map(spelling, request.model_ids))
        known = by_kind.get(request.kind)
        if is_named and (known is None or not known.model_ids):
            by_kind[request.kind] = request
        elif not request.model_ids:
            by_kind.setdefault(request.kind, request)
    if not by_kind and not found.undescribed:
        others = dict.fromkeys(model_id for request in found.requests for model_id in request.model_ids)
        raise DocumentRefused(f"describes other models: {_listed(list(others))}")
    return replace(found, requests=tuple(_taking(request, ids) for request in by_kind.values()))


def _documented(content: bytes, base_url: str) -> Documented:
    document = load(content)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise DocumentRefused("not an OpenAPI document: it has no paths")
    if "openapi" not in document:
        raise DocumentRefused("not an OpenAPI 3 document: it does not say its version")
    walker = Walker(document)
    paths = chat_paths(document, base_url)
    found: dict[tuple[str, tuple[str, ...]], DocumentedRequest] = {}
    undescribed: list[str] = []
    left_out: list[LeftOut] = []
    for each in paths.found:
        try:
            request = _request(walker, each)
        except DocumentRefused as refusal:
            left_out.append(LeftOut(each.kind, each.path, str(refusal)))
            continue
        if request is None:
            undescribed.append(each.kind)
        else:
            # A document may list an endpoint with and without its version. The first counts.
            found.setdefault((request.kind, request.model_ids), request)
    for kind, path in paths.elsewhere.items():
        left_out.append(LeftOut(kind, path, "it is not below the provider's base URL"))
    described = {request.kind for request in found.values()}
    bare = (kind for kind in dict.fromkeys(undescribed) if kind not in described)
    return Documented(tuple(found.values()), tuple(bare), tuple(left_out))


def _request(walker: Walker, path: ChatPath) -> DocumentedRequest | None:
    """Return the request of that path, None if the document says nothing about its properties.

    :raises DocumentRefused: no form can show it.
    """
    body = _json_body(walker, path.operation)
    if body is None:
        return None
    schema = walker.bundled(body)
    ids = model_ids(schema)
    translated = to_json_schema(schema)
    if not root_properties(translated, translated.get("$defs", {}))[0]:
        return None
    return DocumentedRequest(ids, path.kind, schema)


def _json_body(walker: Walker, operation: dict[str, Any]) -> dict[str, Any] | None:
    content = walker.followed(walker.followed(operation.get("requestBody")).get("content"))
    for media_type, media in content.items():
        schema = walker.followed(media).get("schema")
        if ("json" in str(media_type) or media_type == "*/*") and isinstance(schema, dict):
            return schema
    return None


def _refuse_if_useless(found: Documented, usable: Sequence[object]) -> None:
    """Refuse a document with nothing usable in it, for the reason of its first endpoint if there is one."""
    if usable:
        return
    if found.left_out:
        first = found.left_out[0]
        named = "" if len(found.left_out) == 1 else f"none of its endpoints can be used; {first.path}: "
        raise DocumentRefused(f"{named}{first.reason}")
    *others, last = endpoint_kinds()
    raise DocumentRefused(f"describes no chat endpoint ({', '.join(others)} or {last})")


def _taking(request: DocumentedRequest, ids: Sequence[str]) -> DocumentedRequest:
    known = frozenset(request.model_ids)
    missing = sorted(set(ids) - known)
    if not known or not missing:
        return request
    return replace(request, schema=with_models(request.schema, missing, known))


def _listed(names: list[str]) -> str:
    few = ", ".join(name[:60] for name in names[:3])
    return few if len(names) <= 3 else f"{few} and {len(names) - 3} more"
