"""The slider or the two stepper buttons beside the input of a number. Only the input is posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.parameters.known.help import known_parameter
from playground.parameters.schema.spec import UNSET, Kind, ParameterSpec

# The widest range of a slider. Over a wider one it would jump.
SLIDER_SPAN = 100
# A length limit with a maximum from here on changes in large steps.
LONG_LENGTH, LENGTH_STEP, LENGTH_START = 2048, 256, 1024


@dataclass(frozen=True, slots=True)
class NumberInput:
    """The range and the steps of a slider, and the steps of the stepper buttons."""

    spec: ParameterSpec

    @property
    def has_slider(self) -> bool:
        lowest, highest = self.spec.minimum, self.spec.maximum
        return lowest is not None and highest is not None and 0 < highest - lowest <= SLIDER_SPAN

    @property
    def slider_step(self) -> float:
        span = (self.spec.maximum or 0) - (self.spec.minimum or 0)
        if self.spec.step is not None:
            return self.spec.step
        if self.spec.kind is Kind.INTEGER or span > 4:
            return 1
        lowest = self.spec.minimum or 0
        fine = 0.001 if 0 < abs(lowest) < 0.01 else 0.01
        return fine if span <= 1 else 0.05 if span <= 2 else 0.1

    @property
    def slider_minimum(self) -> Any:
        lowest = self.spec.minimum
        return (
            round(lowest + self.slider_step, 9)
            if self.spec.is_above_minimum and lowest is not None
            else lowest
        )

    @property
    def slider_maximum(self) -> Any:
        highest = self.spec.maximum
        return (
            round(highest - self.slider_step, 9)
            if self.spec.is_below_maximum and highest is not None
            else highest
        )

    @property
    def slider_rest(self) -> Any:
        """The position of the slider while nothing is sent."""
        neutral = known_parameter(self.spec.name).neutral
        start = self.spec.default if isinstance(self.spec.default, int | float) else neutral
        return self.slider_minimum if start is None else start

    @property
    def stepper_step(self) -> str:
        """The change by one press of an arrow key or of a stepper button."""
        if self.spec.step is not None:
            return f"{self.spec.step:g}"
        if self.has_slider:
            return str(self.slider_step)
        known = known_parameter(self.spec.name)
        if self.spec.kind is Kind.NUMBER and known.neutral is not None:
            return "0.1"
        is_long = known.group == "length" and (self.spec.maximum is None or self.spec.maximum >= LONG_LENGTH)
        return str(LENGTH_STEP) if is_long else "1"

    @property
    def stepper_start(self) -> str:
        """The value after the first press of an arrow key or of a stepper button."""
        if self.has_slider:
            return str(self.slider_rest)
        if self.spec.default is not UNSET and isinstance(self.spec.default, int | float):
            return f"{self.spec.default:g}"
        known = known_parameter(self.spec.name)
        if known.neutral is not None:
            return f"{known.neutral:g}"
        if self.stepper_step == str(LENGTH_STEP):
            return str(LENGTH_START)
        return "0" if self.spec.minimum is None else f"{self.spec.minimum:.12g}"

    @property
    def takes_minus(self) -> bool:
        """True if the number may be negative. The numeric keyboard of some phones has no minus."""
        return self.spec.minimum is None or self.spec.minimum < 0
