"""The amounts that limits hold for runs against their costs, over requests of every kind.

python -m bench.holds [--smoke] [--requests 560]

Every request is opened, streamed and settled by the product's own flows; the provider is scripted, with
tokenisers of its own (``bench.hold_corpus``). Members have small limits, several answers stream at once, and
some models ignore the length that they are sent. Prints ``name value unit`` lines.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import subprocess
import sys
import tempfile
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.figures import percentile, report
from bench.hold_corpus import MODELS, Request, corpus
from bench.processes import ROOT, environment

if TYPE_CHECKING:
    from accounts.models import User, Workspace
    from chat.models import Run
    from playground.models import Endpoint
    from playground.upstream.events import Event

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "model": {"type": "string"},
        "messages": {"type": "array", "items": {"type": "object"}},
        "stream": {"type": "boolean"},
        "tools": {"type": "array", "items": {"type": "object"}},
        "max_tokens": {"type": "integer", "minimum": 1},
    },
    "required": ["model", "messages"],
}
# Requests that stream at once, and after how many of them a process would have learned.
AT_ONCE = 6
LEARNS_AFTER = 24
# Requests of one member, whose limit is enough for a part of them.
OF_A_MEMBER, PART = 40, 0.7
INPUT_PRICE, OUTPUT_PRICE = 500_000, 2_000_000
# Events that arrive with one read.
BATCH = 16


@dataclass
class Outcome:
    """The results of all requests: held by settled in credits, at the end and at first."""

    ratios: list[float] = field(default_factory=list)
    first_ratios: list[float] = field(default_factory=list)
    extensions: list[int] = field(default_factory=list)
    endings: Counter[str] = field(default_factory=Counter)
    overruns: list[str] = field(default_factory=list)


def play(requests: list[Request], workspace: Workspace, people: list[User]) -> Outcome:
    """Send all requests, in turn for each person; every person is to have a limit of their own."""
    return asyncio.run(_play(requests, workspace, people))


async def _play(requests: list[Request], workspace: Workspace, people: list[User]) -> Outcome:
    from chat.flows.learn_statistics import learn_statistics
    from chat.live.database_threads import in_database

    outcome = Outcome()
    endpoints = await in_database(add_models, workspace)
    for person, start in zip(people, range(0, len(requests), OF_A_MEMBER), strict=False):
        own = requests[start : start + OF_A_MEMBER]
        await in_database(_limit, workspace, person, own)
        for first in range(0, len(own), LEARNS_AFTER):
            places = asyncio.Semaphore(AT_ONCE)
            await asyncio.gather(
                *(
                    _answer(request, workspace, person, endpoints[request.model.name], outcome, places)
                    for request in own[first : first + LEARNS_AFTER]
                )
            )
            await in_database(learn_statistics)
    return outcome


def add_models(workspace: Workspace) -> dict[str, Endpoint]:
    from playground.models import Endpoint, Provider, UpstreamModel
    from playground.parameters.schema.request_schema import digest_of

    provider = Provider.objects.create(
        code="holds", name="Holds", base_url="http://127.0.0.1:9", needs_key=False, workspace=workspace
    )
    return {
        each.name: Endpoint.objects.create(
            model=UpstreamModel.objects.create(
                provider=provider,
                model_id=each.name,
                name=each.name,
                output_max=each.output_max,
                capabilities=["reasoning"] if each.reasons else [],
                input_price=INPUT_PRICE,
                output_price=OUTPUT_PRICE,
            ),
            request_schema=SCHEMA,
            schema_digest=digest_of(SCHEMA),
        )
        for each in MODELS
    }


def _limit(workspace: Workspace, person: User, requests: list[Request]) -> None:
    from accounts.models import Limit

    read = sum(request.input_tokens for request in requests)
    written = sum(request.model.tokeniser.count(request.written) for request in requests)
    credits = (read * INPUT_PRICE + written * OUTPUT_PRICE) / 1_000_000
    for unit, amount in (("credits", credits), ("tokens", read + written)):
        Limit.objects.create(
            workspace=workspace, member=person, unit=unit, period="ever", amount=round(amount * PART)
        )


async def _answer(
    request: Request,
    workspace: Workspace,
    person: User,
    endpoint: Endpoint,
    outcome: Outcome,
    places: asyncio.Semaphore,
) -> None:
    from accounts.exceptions import LimitReached
    from chat.live.database_threads import in_database

    async with places:
        try:
            run = await in_database(_open, request, workspace, person, endpoint)
        except LimitReached:
            outcome.endings["refused"] += 1
            return
        first = await in_database(_held, run)
        ending = await _stream(request, run)
        outcome.endings[ending] += 1
        held, settled, over = await in_database(_settled, run, person)
        outcome.ratios.append(held / settled)
        outcome.first_ratios.append(first / settled)
        if over:
            outcome.overruns.append(f"{request.model.name} {request.language} {ending}: {over}")


def _open(request: Request, workspace: Workspace, person: User, endpoint: Endpoint) -> Run:
    from django.db import transaction

    from chat.flows.build_request import Choice, write_request
    from chat.flows.open_run import open_single_run
    from chat.flows.run_idempotently import Submission
    from playground.models import Endpoint

    # The copy of another thread may have stale prices; a request reads its own.
    endpoint = Endpoint.objects.select_related("model__provider").get(pk=endpoint.pk)
    parameters: dict[str, Any] = {"tools": list(request.tools)} if request.tools else {}
    if request.max_tokens:
        parameters["max_tokens"] = request.max_tokens
    choice = Choice(endpoint, parameters, is_streamed=request.is_streamed)
    files = [_picture(workspace, person, size) for size in request.pictures]
    with transaction.atomic():
        built = write_request(choice, workspace.pk, _transcript(request, files), files)
        return open_single_run(workspace, person, choice, built, Submission.of(uuid.uuid4(), "bench"))


def _transcript(request: Request, files: list[Any]) -> Any:
    from chat.references import placeholder
    from playground.upstream.dialects.shared.transcript import Attachment, MediaKind, Role, Text, Turn

    turns = [Turn(Role.SYSTEM, (Text(request.system),))] if request.system else []
    for place, text in enumerate(request.turns):
        role = Role.ASSISTANT if place % 2 else Role.USER
        pictures = files if place == len(request.turns) - 1 else []
        parts = [Attachment(MediaKind.IMAGE, placeholder(file)) for file in pictures]
        turns.append(Turn(role, (Text(text), *parts)))
    return tuple(turns)


def _picture(workspace: Workspace, person: User, size: tuple[int, int]) -> Any:
    """Store the row of a picture. Nobody reads its bytes."""
    from chat.models import StoredFile

    return StoredFile.objects.create(
        workspace=workspace,
        uploader=person,
        kind="image",
        name="picture.png",
        media_type="image/png",
        byte_size=size[0] * size[1],
        width=size[0],
        height=size[1],
        content=uuid.uuid4(),
    )


async def _stream(request: Request, run: Run) -> str:
    """Write the answer as the scripted provider does, through the product's cover; return how it ended."""
    from chat.flows.extend_hold import covered, limit_error
    from chat.flows.finish_run import Outcome as End
    from chat.flows.finish_run import finish_run
    from chat.live.database_threads import in_database
    from chat.live.run import LiveRun
    from chat.models import Run

    live = LiveRun(run.pk, run.code, None)
    live.cover.tokens, live.cover.rate = run.covered_tokens, run.token_rate
    events, ending = _events(request, run.body.get("max_tokens"))
    step = BATCH if run.is_streamed else len(events)
    for start in range(0, len(events), step):
        live.apply(await covered(run, live, events[start : start + step]))
        if live.cover.stopped_by:
            ending = "cut"
            break
    status = Run.Status.STOPPED if ending == "cut" else Run.Status.FINISHED
    await in_database(finish_run, run, End(status, live.answer, error=limit_error(live)), fence=run.fence)
    return ending


def _events(request: Request, length: int | None) -> tuple[list[Event], str]:
    from playground.upstream.events import Finished, ReasoningDelta, TextDelta, UsageReported

    model = request.model
    reasoning, answer, ending = request.reasoning, request.answer, "stop"
    count = model.tokeniser.count
    if length and model.honours_length and count(reasoning) + count(answer) > length:
        ending = "length"
        reasoning = _shortened(reasoning, model, length)
        answer = _shortened(answer, model, length - count(reasoning))
    size = model.in_pieces_of
    events: list[Event] = []
    if model.shows_reasoning:
        events += [ReasoningDelta(reasoning[at : at + size]) for at in range(0, len(reasoning), size)]
    events += [TextDelta(answer[at : at + size]) for at in range(0, len(answer), size)]
    thought, written = count(reasoning), count(reasoning) + count(answer)
    read = request.input_tokens
    return [
        *events,
        Finished(ending),
        UsageReported(read, max(1, written), thought or None, read + written, {}),
    ], ending


def _shortened(text: str, model: Any, tokens: int) -> str:
    """Return the longest beginning with so many tokens."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if model.tokeniser.count(text[:middle]) <= tokens else (low, middle - 1)
    return text[:low]


def _held(run: Run) -> int:
    from accounts.models import Hold

    return Hold.objects.get(run_code=run.code).credits


def _settled(run: Run, person: User) -> tuple[int, int, str]:
    """Return what was held and settled, and by how much any of the person's limits is passed."""
    from accounts.models import LedgerEntry, LimitWindow

    windows = LimitWindow.objects.select_related("limit").filter(limit__member=person)
    over = [
        f"{window.used + window.held - window.limit.amount} {window.limit.unit} of {window.limit.amount}"
        for window in windows
        if window.used + window.held > window.limit.amount
    ]
    entry = LedgerEntry.objects.get(run_code=run.code)
    return _held(run), max(1, entry.credits), ", ".join(over)


def measure(size: int) -> None:
    from django.core.management import call_command

    from accounts.models import User, Workspace

    call_command("migrate", verbosity=0)
    workspace = Workspace.objects.create(slug="holds", name="Holds")
    people = [
        User.objects.create(email=f"member{number}@example.org") for number in range(-(-size // OF_A_MEMBER))
    ]
    requests = corpus(size)
    random.Random(1).shuffle(requests)
    found = play(requests, workspace, people)
    report("holds.requests", size, "requests")
    for ending, times in sorted(found.endings.items()):
        report(f"holds.{ending}", times, "requests")
    report("holds.median_ratio", percentile(found.ratios, 0.5), "held at most / settled")
    report("holds.p90_ratio", percentile(found.ratios, 0.9), "held at most / settled")
    report("holds.first.median_ratio", percentile(found.first_ratios, 0.5), "held at first / settled")
    report("holds.first.p90_ratio", percentile(found.first_ratios, 0.9), "held at first / settled")
    report("holds.overruns", len(found.overruns), "runs after which a limit was passed")
    for overrun in found.overruns:
        print(f"# {overrun}")


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--smoke", action="store_true", help="a few requests")
    arguments.add_argument("--requests", type=int, default=560)
    given = arguments.parse_args(words)
    size = 80 if given.smoke else given.requests
    # A process of its own, with a database of its own, whatever settings this one has loaded.
    with tempfile.TemporaryDirectory() as folder:
        code = f"from bench import holds; holds.inside({size})"
        variables = environment(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="playground.settings")
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=variables, check=True)


def inside(size: int) -> None:
    import django

    django.setup()
    measure(size)


if __name__ == "__main__":
    main()
