"""The data files of the bundled models: their consistency, and the use of each model."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from typing import Any

import pytest

from playground.catalogue.bundled_models import DATA, BundledModel, bundled_models
from playground.catalogue.developers import spelled
from playground.demo.models import demo_models
from playground.parameters.form.body import build_body
from playground.parameters.form.parameter_form import ParameterForm
from playground.parameters.known.help import FILE, GROUPS, known_parameter
from playground.parameters.schema.envelope import ENVELOPE
from playground.parameters.schema.request_schema import read_request_schema
from playground.parameters.schema.spec import Kind
from playground.upstream.dialects import TranscriptRefused, accepts, required_length, write_transcript
from playground.upstream.dialects.shared.transcript import Attachment, Transcript
from tests.playground.plain_schemas import of_one_document, plain
from tests.playground.transcripts import IMAGE, PDF, VIDEO, WAV, assistant, system, user
from tests.upstream_facts import FACTS, requires_upstream_facts

MODELS = bundled_models()
LIVE = [model for model in MODELS if not model.facts["is_retired"]]
ENDPOINTS = [(model, kind) for model in MODELS for kind in model.schemas]
# This model takes sound and no text.
CAPTIONER = "qwen3-omni-30b-a3b-captioner"
CAPABILITIES = [
    "reasoning", "vision", "audio", "video", "files", "tools", "structured_output", "web_search"
]  # fmt: skip
# Documents that list the parameters of all vendors, and so do not show what the model supports.
UNTELLING = {
    "chatgpt-4o-latest", "claude-3-opus-20240229", "claude-3-haiku-20240307", "claude-3-5-haiku-20241022"
}  # fmt: skip
# Models that reason, and have no parameter for it.
REASONING_BY_ITSELF = {
    "google/gemini-2.5-pro", "google/gemini-2.5-flash", "minimax/m1", "nousresearch/hermes-4-405b",
    "bytedance/seed-1-8",
}  # fmt: skip
REASONING = re.compile(r"(?<!non-)(thinking|reasoner|reasoning|deepseek-r1|qwq)", re.IGNORECASE)
each_model = pytest.mark.parametrize("model", LIVE, ids=lambda model: model.model_id)
each_endpoint = pytest.mark.parametrize(
    ("model", "kind"), ENDPOINTS, ids=[f"{model.model_id} at {kind}" for model, kind in ENDPOINTS]
)


def _body(model: BundledModel, kind: str, transcript: Transcript) -> dict[str, Any]:
    """Build the body as a run does, checked against the schema."""
    request_schema = read_request_schema(model.schemas[kind])
    taken = accepts(request_schema.digest, request_schema.translated)
    fields = write_transcript(kind, taken, transcript, {})
    parameters = required_length(kind, taken, {}, None)
    return build_body(model.schemas[kind], model.model_id, fields, parameters)


def _takes(model: BundledModel, attachment: Attachment) -> bool:
    # The messages endpoint accepts the same bodies for every model.
    for kind in model.schemas.keys() - {"messages"}:
        try:
            _body(model, kind, (user(attachment),))
        except TranscriptRefused:
            continue
        return True
    return False


def _parameters(model: BundledModel) -> set[str]:
    """Return the parameters, without those that only another version of the documentation has."""
    certain = map(of_one_document, model.schemas.values())
    return {name for schema in certain for name in schema["properties"]} - ENVELOPE


def _tools(model: BundledModel) -> str:
    """Return the shapes of the tools that the model accepts."""
    return "".join(
        json.dumps(plain(schema)["properties"].get("tools", {})) for schema in model.schemas.values()
    )


@each_endpoint
def test_it_can_be_sent_a_conversation(model, kind):
    if model.model_id == CAPTIONER:
        assert _body(model, kind, (user(WAV),))["messages"]
        return
    talk = (system("Be brief."), user("Hello"), assistant("Hello."), user("How are you?"))
    body = _body(model, kind, talk)
    assert body["model"] == model.model_id
    assert body["stream"] is True
    # An untouched form sends no defaults, but Anthropic has no request without a length.
    needed = {"max_tokens"} if kind == "messages" else set()
    assert set(body) - ENVELOPE - {"system", "instructions"} <= needed


@each_endpoint
def test_every_parameter_has_a_control_or_a_checked_editor(model, kind):
    request_schema = read_request_schema(model.schemas[kind])
    form = ParameterForm(request_schema, {})
    assert form.is_valid()
    assert form.parameters == {}
    html = "".join(field.html for group in form.groups for field in group.fields)
    assert [name for name in form.fields if f'data-parameter="{name}"' not in html] == []
    assert set(form.fields) == request_schema.properties - ENVELOPE
    assert [spec.name for spec in request_schema.specs if spec.kind is Kind.JSON] == []


@each_model
def test_it_can_what_its_schemas_say(model):
    parameters, tools = _parameters(model), _tools(model)
    expected = {
        "vision": _takes(model, IMAGE),
        "audio": _takes(model, WAV) or "audio" in parameters,
        "video": _takes(model, VIDEO),
        "files": _takes(model, PDF),
        "tools": "tools" in parameters,
        "structured_output": not parameters.isdisjoint({"response_format", "text"}),
        "reasoning": REASONING.search(model.model_id) is not None or model.model_id in REASONING_BY_ITSELF,
        "web_search": "search-preview" in model.model_id,
    }
    if model.model_id not in UNTELLING:
        thinking = {"reasoning", "reasoning_effort", "thinking", "enable_thinking", "thinking_budget"}
        expected["reasoning"] |= not parameters.isdisjoint(thinking)
        expected["web_search"] |= "search_mode" in parameters or "web_search" in tools
    stated = model.facts["capabilities"]
    assert stated == [name for name in CAPABILITIES if expected[name]]


def test_a_name_stands_for_one_model():
    names = Counter(name.lower() for model in MODELS for name in (model.model_id, *model.facts["aliases"]))
    assert {name for name, count in names.items() if count > 1} == set()
    shown = Counter((model.facts["developer"], model.facts["name"]) for model in LIVE)
    assert {name for name, count in shown.items() if count > 1} == set()


def test_every_developer_is_spelled_as_a_sync_spells_it():
    developers = {model.facts["developer"] for model in MODELS}
    assert {name for name in developers if spelled(name) != name} == set()
    # Two names of equal shapes would be two spellings of one.
    assert len({name.lower().replace(" ", "") for name in developers}) == len(developers)
    assert [spelled(name) for name in ("Alibaba Cloud", "alibaba", "Qwen")] == ["Alibaba"] * 3


def test_what_fits_into_the_columns():
    for model in MODELS:
        facts = model.facts
        assert 0 < len(facts["name"]) <= 120
        assert len(facts["description"]) <= 300
        assert facts["context_length"] is None or 0 < facts["context_length"] <= 2_000_000
        assert all(each["title"] and each["text"] for each in facts["suggestions"])
        assert len(facts["suggestions"]) in (0, 3)


@each_model
def test_it_says_what_it_is_and_where_it_is_documented(model):
    assert len(model.facts["description"]) > 12
    assert model.facts["docs_url"].startswith("https://docs.aimlapi.com/api-references/text-models-llm/")
    assert model.facts["docs_url"] == model.facts["docs_url"].lower()


def test_announced_ends_are_dated_and_name_a_model_that_is_there():
    ending = {model.model_id: model.facts for model in MODELS if model.facts["ends_on"]}
    assert ending.keys() == {"gpt-4o", "chatgpt-4o-latest"}
    names = {name for model in LIVE for name in (model.model_id, *model.facts["aliases"])}
    for facts in ending.values():
        assert (facts["ends_on"], facts["successor"]) == (date(2026, 2, 17), "gpt-5.1-chat-latest")
        assert facts["successor"] in names


def test_the_four_have_suggestions_of_their_own():
    four = {
        "nvidia/nemotron-3-nano-30b-a3b", "baidu/ernie-5-0-thinking-preview", "bytedance/seed-1-8",
        "alibaba/qwen3.6-35b-a3b",
    }  # fmt: skip
    own = [model.facts["suggestions"][0]["title"] for model in MODELS if model.model_id in four]
    assert len(set(own)) == len(four)
    assert all(len(model["suggestions"]) == 3 for model in demo_models())


def test_every_parameter_has_words_of_its_own():
    names = {name for model in MODELS for name in _parameters(model)}
    assert len(names) > 50
    helps = {name: known_parameter(name).help for name in names}
    assert [name for name, text in helps.items() if not text] == []
    assert {known_parameter(name).group for name in names} <= {group.code for group in GROUPS}


# The files themselves are tested too, since people edit them by hand.


def _file(name: str) -> Any:
    return json.loads((DATA / name).read_text("utf-8"))


def test_every_shape_and_every_set_is_used_and_named_once():
    names = [
        name for path in sorted((DATA / "shapes").glob("*.json")) for name in json.loads(path.read_text())
    ]
    sets = _file("sets.json")
    assert [name for name, count in Counter(names).items() if count > 1] == []
    used = {name for model in MODELS for schema in model.schemas.values() for name in schema["$defs"]}
    assert set(names) == used
    # A set with the name of a parameter or of a shape would hide it.
    assert sets["parameters"].keys() & sets["usual"].keys() == set()
    assert sets["messages"].keys() & set(names) == set()
    texts = "".join(path.read_text("utf-8") for path in (DATA / "models").glob("*.json"))
    texts += json.dumps(sets["parameters"])
    assert [name for name in sets["parameters"] if texts.count(f'"{name}"') < 2] == []
    assert [name for name in sets["messages"] if f'"{name}"' not in texts] == []


def test_no_endpoint_names_a_parameter_twice():
    sets = _file("sets.json")["parameters"]

    def names(entries: list[Any]) -> list[str]:
        found: list[str] = []
        for entry in entries:
            if isinstance(entry, dict):
                found += entry
            else:
                found += names(sets[entry]) if entry in sets else [entry]
        return found

    for path in (DATA / "models").glob("*.json"):
        for model in json.loads(path.read_text("utf-8"))["models"]:
            for endpoint in model.get("endpoints", {}).values():
                twice = [name for name, count in Counter(names(endpoint["parameters"])).items() if count > 1]
                assert twice == [], model["model_id"]


@requires_upstream_facts
def test_no_sentence_of_the_documents_was_copied():
    published = "".join(path.read_text("utf-8") for path in (FACTS / "openapi").rglob("*.json"))
    helps = {name: known_parameter(name).help for name in json.loads(FILE.read_text("utf-8"))}
    assert {name: text for name, text in helps.items() if not text or text in published} == {}
    described = [model for model in MODELS if model.facts["description"]]
    assert [model.model_id for model in described if model.facts["description"] in published] == []
