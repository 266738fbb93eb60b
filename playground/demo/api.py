"""The paths of the demo upstream: requests become the steps of a response."""

from __future__ import annotations

import random
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import msgspec

from playground.demo import scenarios, tokens
from playground.demo.answers import ANSWERS, title
from playground.demo.background import BackgroundAnswers
from playground.demo.dialects import CHAT_COMPLETIONS, DIALECTS
from playground.demo.dialects.responses import ResponsesReply
from playground.demo.errors import error, invalid
from playground.demo.models import MODELS, DemoModel
from playground.demo.replies import Reply
from playground.demo.requests import ChatRequest
from playground.demo.scenarios.refused import NO_KEY
from playground.demo.steps import Head, Steps, json_response
from playground.demo.validation import problems
from playground.demo.voice import Voice

_CLIENT_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_KEPT = re.compile(r"/responses/(?P<id>[^/]+)(?P<cancel>/cancel)?")
_STREAMED = re.compile(r"stream=true(?:&starting_after=(?P<after>\d{1,9}))?")
_BALANCE = 10_000_000
_TIER_FACTORS = {"flex": 0.5, "priority": 2.0}
# Words in a prompt to demo/failing and the failure that they ask for. The first match applies.
_FAILURES = (
    (r"parameter|unsupported", "refused_parameter"),
    (r"rate.?limit|too many|429", "rate_limited"),
    (r"credit|balance|money|403", "out_of_credits"),
    (r"unauthori[sz]ed|\bkey\b|401", "unauthorised"),
    (r"overload|529", "overloaded"),
    (r"unavailable|maintenance|503", "unavailable"),
    (r"html|gateway|502", "html"),
    (r"server error|500|crash", "server_error"),
    (r"reset", "reset_mid_stream"),
    (r"\bcut\b|hang up|drop|connection", "cut_mid_stream"),
    (r"silen|hang|stall|freeze", "silence_mid_stream"),
    (r"malformed|json|garbage", "bad_json"),
    (r"empty|nothing", "empty"),
    (r"unfinished|truncat|no finish", "no_finish"),
)


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP request. Header names are in lower case; ``path`` has no query."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    query: str = ""


@dataclass(slots=True)
class Api:
    """The API. ``rate`` overrides the tokens per second of all models; ``required_key`` may be None."""

    # The source of randomness for requests without a seed; tests replace it with a seeded one.
    entropy: random.Random = field(default_factory=random.SystemRandom)
    rate: float | None = None
    required_key: str | None = None
    background: BackgroundAnswers = field(default_factory=BackgroundAnswers)
    # The answers of a provider's other interfaces, which tests script; None is no answer of theirs.
    service: Callable[[HttpRequest], Steps | None] | None = None

    def respond(self, request: HttpRequest) -> Steps:
        """Return the steps of the response, with the tracing headers of every response."""
        inference_id = str(uuid.uuid4())
        headers = [("x-inference-id", inference_id)]
        echoed = request.headers.get("x-client-request-id", "")
        if _CLIENT_REQUEST_ID.fullmatch(echoed):
            headers.append(("x-client-request-id", echoed))
        return _with_headers(self._route(request, inference_id), headers)

    def _route(self, request: HttpRequest, request_id: str) -> Steps:
        if self._lacks_key(request):
            return error(401, NO_KEY, request_id, request.path)
        routes: dict[tuple[str, str], Callable[[HttpRequest, str], Steps]] = {
            **{("POST", f"/{kind}"): partial(self._ask, kind) for kind in DIALECTS},
            ("GET", "/models"): _models,
            ("GET", "/billing/balance"): _balance,
        }
        if self.service and (steps := self.service(request)):
            return steps
        path = request.path.removeprefix("/v1")
        if handler := routes.get((request.method, path)):
            return handler(request, request_id)
        if steps := self._kept(request.method, path, request.query):
            return steps
        if any(path == known for _, known in routes):
            return error(405, f"{request.method} is not possible here", request_id, request.path)
        return error(404, f"There is nothing at {request.path}", request_id, request.path)

    def _kept(self, method: str, path: str, query: str) -> Steps | None:
        """Answer for a background answer; None for any other path, and for one that is gone."""
        found = _KEPT.fullmatch(path)
        if found and method == "GET" and not found["cancel"]:
            if streamed := _STREAMED.fullmatch(query):
                return self.background.continued(found["id"], int(streamed["after"] or -1))
            return self.background.look(found["id"])
        return self.background.cancel(found["id"]) if found and method == "POST" and found["cancel"] else None

    def _lacks_key(self, request: HttpRequest) -> bool:
        if self.required_key is None or request.path.removeprefix("/v1") == "/models":
            return False
        return request.headers.get("authorization") != f"Bearer {self.required_key}"

    def _ask(self, kind: str, request: HttpRequest, request_id: str) -> Steps:
        try:
            body = msgspec.json.decode(request.body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return error(400, "Body validation error! The body is not JSON", request_id, request.path)
        if not isinstance(body, dict):
            return error(400, "Body validation error! The body is not an object", request_id, request.path)
        model_id = str(body.get("model", ""))
        if kind == CHAT_COMPLETIONS and (scripted := scenarios.parse(model_id)):
            name, options = scripted
            return scenarios.play(name, self._reply(request_id, ChatRequest.from_body(body)), options)
        model = MODELS.get(model_id)
        if model is None or kind not in model.schemas:
            return error(404, f"There is no model {model_id[:200]!r} here", request_id, request.path)
        dialect = DIALECTS[kind]
        if wrong := problems(model_id, body, kind) or dialect.problems(body):
            return invalid(wrong, request_id, request.path)
        return self._answer(model, dialect.read(body), request_id)

    def _answer(self, model: DemoModel, chat: ChatRequest, request_id: str) -> Steps:
        reply = self._reply(request_id, chat, model)
        if model.model_id not in ANSWERS:
            options = {"tokens": "12", "sent": " ".join(chat.parameters)}
            return scenarios.play(_failure(chat.prompt), reply, options)
        said = title.answer(chat) or ANSWERS[model.model_id](chat, self._voice(chat))
        answer = said.after(chat.beginning).within(chat)
        if isinstance(reply, ResponsesReply) and chat.parameters.get("background"):
            return self.background.begin(reply, answer, is_stream=chat.is_stream)
        return reply.stream(answer) if chat.is_stream else reply.whole(answer)

    def _reply(self, request_id: str, chat: ChatRequest, model: DemoModel | None = None) -> Reply:
        dialect = DIALECTS[chat.kind]
        id_ = f"{dialect.id_prefix}{request_id}"
        reply = dialect.reply(id_, chat.model, tokens.count_messages(chat.messages))
        if model is not None:
            factor = _TIER_FACTORS.get(str(chat.parameters.get("service_tier")), 1.0)
            reply = replace(
                reply,
                input_price=model.input_price,
                output_price=model.output_price,
                tokens_per_second=model.tokens_per_second * factor,
            )
        return reply if self.rate is None else replace(reply, tokens_per_second=self.rate)

    def _voice(self, chat: ChatRequest) -> Voice:
        seed = chat.seed if chat.seed is not None else self.entropy.getrandbits(64)
        said = [(item.get("role"), tokens.text_of(item.get("content"))) for item in chat.messages]
        bias = chat.parameters.get("logit_bias")
        return Voice(
            # A str seed gives the same numbers in every process. The numbers protect no secret.
            random.Random(f"{seed}|{chat.model}|{said}"),  # noqa: S311
            temperature=chat.number("temperature", 0.7),
            top_p=chat.number("top_p", 1),
            frequency_penalty=chat.number("frequency_penalty", 0),
            presence_penalty=chat.number("presence_penalty", 0),
            bias=bias if isinstance(bias, dict) else {},
        )


def _failure(prompt: str) -> str:
    lower = prompt[:2000].lower()
    return next((name for pattern, name in _FAILURES if re.search(pattern, lower)), "error_mid_stream")


def _with_headers(steps: Steps, headers: Iterable[tuple[str, str]]) -> Steps:
    for step in steps:
        yield replace(step, headers=(*step.headers, *headers)) if isinstance(step, Head) else step


def _models(_: HttpRequest, __: str) -> Steps:
    return json_response(200, {"object": "list", "data": [_listed(model) for model in MODELS.values()]})


def _listed(model: DemoModel) -> dict[str, Any]:
    facts = model.as_dict()
    return {
        "id": model.model_id,
        "aliases": [],
        "type": "openai/chat-completions",
        "info": {
            "name": model.name,
            "developer": facts["developer"],
            "description": model.description,
            "contextLength": facts["context_length"],
            "outputMax": facts["output_max"],
        },
        "tags": ["playground:chat"],
    }


def _balance(_: HttpRequest, __: str) -> Steps:
    return json_response(
        200,
        {
            "balance": _BALANCE,
            "lowBalance": False,
            "lowBalanceThreshold": 10_000,
            "autoDebitStatus": "disabled",
            "status": "current",
            "statusExplanation": "The demo never runs out",
        },
    )
