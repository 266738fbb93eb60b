"""The rows of a test table: values of variables, and checks of the answer that they lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from chat.prompts.values import as_typed

# Checks by the names that promptfoo gives them. https://www.promptfoo.dev/docs/configuration/expected-outputs/
# Each is followed by whether its number is in ``threshold`` and not in ``value``.
CHECK_KINDS: dict[str, bool] = {
    "equals": False,
    "contains": False,
    "icontains": False,
    "contains-all": False,
    "contains-any": False,
    "icontains-all": False,
    "icontains-any": False,
    "starts-with": False,
    "regex": False,
    "is-json": False,
    "contains-json": False,
    "llm-rubric": False,
    "latency": True,
    "cost": True,
}


@dataclass(frozen=True, slots=True)
class AnswerCheck:
    """A check of an answer.

    ``value`` is a text, a list or a schema. The threshold of a latency is in milliseconds, of a cost in USD.
    """

    kind: str
    value: Any = None
    threshold: float | None = None
    is_negated: bool = False

    @property
    def words(self) -> str:
        """The check in a line.

        >>> AnswerCheck("contains", "Ana", is_negated=True).words, AnswerCheck("cost", threshold=0.002).words
        ('not contains: Ana', 'cost: at most 0.002')
        """
        bound = f"at most {self.threshold:g}" if self.threshold is not None else ""
        said = bound if CHECK_KINDS.get(self.kind) else as_typed(self.value)[:80]
        name = f"{'not ' if self.is_negated else ''}{self.kind}"
        return f"{name}: {said}" if said else name


@dataclass(frozen=True, slots=True)
class PromptCase:
    """Values by the name of their variable, as a person would type them, and the checks."""

    values: dict[str, str] = field(default_factory=dict)
    checks: tuple[AnswerCheck, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class CaseSet:
    """Parameters, in the shapes of endpoints of ``kind``. The name is that of the model that has them."""

    name: str
    kind: str
    parameters: dict[str, Any]

    @property
    def words(self) -> str:
        """The parameters in a line.

        >>> CaseSet("a", "", {"temperature": 0, "stop": ["."]}).words, CaseSet("b", "", {}).words
        ('temperature 0, stop ["."]', 'no parameters')
        """
        said = (f"{name} {as_typed(value)}" for name, value in self.parameters.items())
        return ", ".join(said)[:300] or "no parameters"


@dataclass(frozen=True, slots=True)
class CaseTable:
    """Rows for the prompts and the models of these names. ``left_out`` says what was not kept.

    ``sets`` are empty where all models have the same parameters.
    """

    name: str
    prompts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    cases: tuple[PromptCase, ...] = ()
    left_out: tuple[str, ...] = ()
    sets: tuple[CaseSet, ...] = ()

    @property
    def first_cases(self) -> tuple[PromptCase, ...]:
        """The cases that a preview shows."""
        return self.cases[:20]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of all variables, in the order in which the rows first mention them."""
        return tuple(dict.fromkeys(name for case in self.cases for name in case.values))
