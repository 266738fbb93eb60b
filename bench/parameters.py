"""The time that the form of the largest request takes, from its schema to a body, printed as figures.

python -m bench.parameters [--rounds 200] [--documents FOLDER]

The largest is the one with the most controls among the bundled models, and among the documents of the
folder where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.figures import percentile, report
from bench.processes import ROOT

if TYPE_CHECKING:
    from playground.parameters.form.parameter_form import ParameterForm
    from playground.parameters.schema.request_schema import RequestSchema
    from playground.parameters.schema.spec import ParameterSpec

# The number of changed parameters, half of those of the largest request. Few users change more.
CHANGED = 4
DOCUMENTS = ROOT.parent / "shared" / "upstream" / "openapi"


def milliseconds(work: Callable[[], object], rounds: int) -> float | None:
    """Return the median of the processor time over the rounds."""
    taken = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        taken.append((time.process_time() - started) * 1000)
    return percentile(taken, 0.5)


def schemas(folder: Path) -> Iterator[dict[str, Any]]:
    from playground.catalogue.bundled_models import bundled_models
    from playground.catalogue.openapi_reader import read_document

    for model in bundled_models():
        yield from model.schemas.values()
    for path in sorted(folder.rglob("*.json")):
        for request in read_document(path.read_bytes()).requests:
            yield request.schema


def page(form: ParameterForm) -> str:
    return "".join(field.html for group in form.groups for field in group.fields)


def sample(spec: ParameterSpec) -> Any:
    """Make a value with everything inside filled in."""
    from playground.parameters.schema.spec import Kind

    if spec.kind is Kind.CHOICE:
        return spec.options[-1].value
    if spec.kind in (Kind.NUMBER, Kind.INTEGER):
        return spec.maximum or spec.minimum or 1
    if spec.kind in (Kind.TAGS, Kind.ARRAY, Kind.CHECKS):
        return [sample(spec.each)]
    if spec.kind is Kind.MAP:
        return {key: sample(spec.each) for key in ("first", "second", "third")}
    if spec.kind is Kind.OBJECT:
        return {**spec.constants, **{child.name: sample(child) for child in spec.children}}
    if spec.kind is Kind.ALTERNATIVES:
        branch = max(spec.branches, key=lambda branch: branch.spec.size if branch.spec else 0)
        return sample(branch.spec) if branch.spec else branch.value
    if spec.kind is Kind.DATE:
        return "01/31/2026"
    return {"type": "object"} if spec.kind is Kind.JSON else "some text"


def filled(request_schema: RequestSchema) -> dict[str, Any]:
    values = {spec.name: sample(spec) for spec in request_schema.specs}
    fitting = {
        name: value for name, value in values.items() if request_schema.validators[name].is_valid(value)
    }
    thinking = fitting.get("thinking")
    if isinstance(thinking, dict) and "budget_tokens" in thinking and "max_tokens" in fitting:
        # The form refuses a budget that is not below the whole length.
        fitting["max_tokens"] = thinking["budget_tokens"] + 1
    return fitting


def posted(values: dict[str, Any]) -> dict[str, str]:
    """Post the values as a user would who wrote all of them as JSON."""
    found: dict[str, str] = {}
    for name, value in values.items():
        found |= {f"p.{name}.state": "json", f"p.{name}.json": json.dumps(value)}
    return found


def measure(schema: dict[str, Any], rounds: int) -> None:
    from playground.parameters.form.body import build_body
    from playground.parameters.form.parameter_form import ParameterForm
    from playground.parameters.schema.reader import read_parameters
    from playground.parameters.schema.request_schema import read_request_schema

    cold = milliseconds(lambda: read_parameters(schema), min(rounds, 20))
    report("parameters.read.largest_cold_ms", cold, "ms")
    request_schema = read_request_schema(schema)
    values = filled(request_schema)
    some = dict(list(values.items())[:CHANGED])
    # The body has no transcript, so nothing is required. Transcripts are measured elsewhere.
    bare = {**schema, "required": []}
    model_id = next(iter(model_ids(schema)), "model")

    def rendered(initial: dict[str, Any]) -> str:
        return page(ParameterForm(request_schema, initial=initial))

    def body() -> dict[str, Any]:
        form = ParameterForm(request_schema, posted(values))
        if not form.is_valid():
            raise SystemExit(f"Refused what fits: {form.errors_by_name}")
        return build_body(bare, model_id, {}, form.parameters, digest="bench")

    report("parameters.form.largest_controls", sum(spec.size for spec in request_schema.specs), "controls")
    figures = {
        "parameters.form.largest_first_ms": (lambda: page(ParameterForm(request_schema)), 1),
        "parameters.form.largest_untouched_ms": (lambda: page(ParameterForm(request_schema)), rounds),
        "parameters.form.largest_warm_ms": (
            lambda: page(ParameterForm(request_schema, initial=some)),
            rounds,
        ),
        "parameters.form.largest_filled_ms": (
            lambda: page(ParameterForm(request_schema, initial=values)),
            rounds,
        ),
        "parameters.body.largest_ms": (body, rounds),
    }
    for name, (work, times) in figures.items():
        report(name, milliseconds(work, times), "ms")


def model_ids(schema: dict[str, Any]) -> list[str]:
    model = schema.get("properties", {}).get("model", {})
    return [model["const"]] if "const" in model else model.get("enum", [])


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--documents", type=Path, default=DOCUMENTS, help="a folder of OpenAPI documents")
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--smoke", action="store_true", help="few rounds, no documents")
    given = arguments.parse_args(words)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "playground.settings")
    import django

    django.setup()
    from playground.parameters.schema.reader import read_parameters

    found = schemas(Path("nowhere") if given.smoke else given.documents)
    largest = max(found, key=lambda schema: sum(spec.size for spec in read_parameters(schema)))
    measure(largest, 5 if given.smoke else given.rounds)


if __name__ == "__main__":
    main()
