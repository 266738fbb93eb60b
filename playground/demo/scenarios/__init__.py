"""Scenarios by name: ``scripted/<name>`` as the model, with options after a question mark.

``answered`` ends well, ``refused`` is an answer other than 200, ``broken`` never ends as it
should, ``unusual`` is legal but surprises readers.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

from playground.demo.replies import Reply
from playground.demo.scenarios import answered, broken, refused, unusual
from playground.demo.scenarios.options import Options, Scenario
from playground.demo.steps import Steps

SCENARIOS: dict[str, Scenario] = {
    **answered.SCENARIOS,
    **refused.SCENARIOS,
    **broken.SCENARIOS,
    **unusual.SCENARIOS,
}
_PREFIX = "scripted/"


def parse(model: str) -> tuple[str, Options] | None:
    """Return name and options if the model id names a scenario, else None.

    >>> parse("scripted/paced?rate=50&tokens=500")
    ('paced', {'rate': '50', 'tokens': '500'})
    """
    name, _, query = model.removeprefix(_PREFIX).partition("?")
    if not model.startswith(_PREFIX) or name not in SCENARIOS:
        return None
    return name, dict(parse_qsl(query))


def play(name: str, reply: Reply, options: Options | None = None) -> Steps:
    return SCENARIOS[name](reply, options or {})
