"""The request schemas of the models in an OpenAPI document. Nothing is fetched.

Documents come from strangers: size, depth and number of nodes are limited, YAML is read without tags and
aliases, and references stay inside the document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playground.catalogue.documents import DocumentRefused, Walker, load
from playground.parameters.schema.alternatives import MAX_ROOTS, flatten
from playground.parameters.schema.merging import Unresolvable
from playground.parameters.schema.resolving import Resolver
from playground.parameters.schema.translate import to_json_schema
from playground.upstream.dialects.registry import endpoint_kinds

# Published requests have up to 43 parameters, with names of up to 30 characters.
MAX_PARAMETERS = 400
MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class DocumentedRequest:
    """The request of one path of the document, for these models at this kind of endpoint.

    ``schema`` is the document's own, with everything that it refers to under ``$defs``.
    """

    model_ids: tuple[str, ...]
    kind: str
    schema: dict[str, Any]


def read_document(content: bytes) -> list[DocumentedRequest]:
    """Return the requests of all models that the document names.

    :raises DocumentRefused: with the reason as a sentence.
    """
    named = [request for request in _requests(content) if request.model_ids]
    if not named:
        raise DocumentRefused("names no model: the request's model has no enum")
    return named


def read_for_model(content: bytes, ids: Sequence[str]) -> list[DocumentedRequest]:
    """Return the requests for one model, one of each kind.

    A request that names no model counts as one for it. Each schema accepts all ``ids`` as ``model``, even if
    the document has only another spelling.

    :param ids: the model's own id and its aliases.
    :raises DocumentRefused: with the reason as a sentence.
    """
    requests = _requests(content)
    spellings = {spelling(model_id) for model_id in ids}
    by_kind: dict[str, DocumentedRequest] = {}
    for request in requests:
        is_named = not spellings.isdisjoint(map(spelling, request.model_ids))
        known = by_kind.get(request.kind)
        if is_named and (known is None or not known.model_ids):
            by_kind[request.kind] = request
        elif not request.model_ids:
            by_kind.setdefault(request.kind, request)
    if not by_kind:
        others = dict.fromkeys(model_id for request in requests for model_id in request.model_ids)
        raise DocumentRefused(f"describes other models: {_listed(list(others))}")
    return [_taking(request, ids) for request in by_kind.values()]


def spelling(model_id: str) -> str:
    """Return a form that is equal for ids that differ only in vendor prefix and punctuation.

    >>> spelling("anthropic/claude-opus-4.1") == spelling("claude-opus-4-1")
    True
    """
    return re.sub(r"[^a-z0-9]+", "-", model_id.lower().rsplit("/", 1)[-1])


def _requests(content: bytes) -> list[DocumentedRequest]:
    document = load(content)
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise DocumentRefused("not an OpenAPI document: it has no paths")
    if "openapi" not in document:
        raise DocumentRefused("not an OpenAPI 3 document: it does not say its version")
    found: dict[tuple[str, tuple[str, ...]], DocumentedRequest] = {}
    for kind, body in _request_bodies(document):
        schema = Walker(document).bundled(body)
        model_ids = _model_ids(schema)
        # A document may list an endpoint with and without its version. The first counts.
        found.setdefault((kind, model_ids), DocumentedRequest(model_ids, kind, schema))
    if not found:
        *others, last = endpoint_kinds()
        raise DocumentRefused(f"describes no chat endpoint ({', '.join(others)} or {last})")
    return list(found.values())


def _taking(request: DocumentedRequest, ids: Sequence[str]) -> DocumentedRequest:
    known = frozenset(request.model_ids)
    missing = sorted(set(ids) - known)
    if not known or not missing:
        return request
    return replace(request, schema=_with_models(request.schema, missing, known))


def _with_models(schema: Any, more: list[str], known: frozenset[str]) -> Any:
    """Copy the schema so that ``model``, anywhere at its root, accepts these ids too."""
    if not isinstance(schema, dict):
        return schema
    result = dict(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(result.get(key), list):
            result[key] = [_with_models(branch, more, known) for branch in result[key]]
    if isinstance(result.get("$defs"), dict):
        definitions = result["$defs"].items()
        result["$defs"] = {name: _with_models(child, more, known) for name, child in definitions}
    properties = result.get("properties")
    model = properties.get("model") if isinstance(properties, dict) else None
    if isinstance(properties, dict) and isinstance(model, dict):
        values = [model["const"]] if "const" in model else model.get("enum")
        if isinstance(values, list) and any(isinstance(value, str) and value in known for value in values):
            bare = {key: value for key, value in model.items() if key != "const"}
            result["properties"] = {**properties, "model": {**bare, "enum": [*values, *more]}}
    return result


def _listed(names: list[str]) -> str:
    few = ", ".join(name[:60] for name in names[:3])
    return few if len(names) <= 3 else f"{few} and {len(names) - 3} more"


def _request_bodies(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    walker = Walker(document)
    for path, item in document["paths"].items():
        kind = _kind_of(str(path))
        if kind is None:
            continue
        operations = walker.followed(item)
        operation = walker.followed(operations.get("post"))
        content = walker.followed(walker.followed(operation.get("requestBody")).get("content"))
        for media_type, media in content.items():
            schema = walker.followed(media).get("schema")
            if "json" in str(media_type) and isinstance(schema, dict):
                yield kind, schema
                break


def _kind_of(path: str) -> str | None:
    trimmed = path.rstrip("/")
    return next((kind for kind in endpoint_kinds() if trimmed.endswith(f"/{kind}")), None)


def _model_ids(schema: dict[str, Any]) -> tuple[str, ...]:
    translated = to_json_schema(schema)
    resolver = Resolver(translated.get("$defs", {}))
    ids: dict[str, None] = {}
    names: dict[str, None] = {}
    try:
        for root in flatten(translated, resolver, MAX_ROOTS):
            names.update(dict.fromkeys(root.get("properties", {})))
            for model in flatten(root.get("properties", {}).get("model", {}), resolver):
                values = [model["const"]] if "const" in model else model.get("enum", [])
                ids.update(dict.fromkeys(value for value in values if isinstance(value, str) and value))
    except Unresolvable as error:
        raise DocumentRefused("its references run in circles, or it is more than a form can show") from error
    refuse_excess(names)
    return tuple(ids)


def refuse_excess(names: Collection[str]) -> None:
    """Refuse more or longer names of parameters than a form can show.

    :raises DocumentRefused: with the reason as a sentence.
    """
    if len(names) > MAX_PARAMETERS:
        raise DocumentRefused(f"too large: a request has {len(names):,} parameters")
    if any(len(name) > MAX_NAME for name in names):
        raise DocumentRefused("a parameter has a name that no form can show")
