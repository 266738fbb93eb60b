"""Experiments: a test table run over prompts, models and sets of parameters."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from accounts.models import Limit
from chat.evaluation.check_kinds import CheckSetting
from chat.models.deletable import Deletable, KeptRows
from chat.models.run import Run
from chat.models.test_table import TableOfCases
from chat.prompts.content import PromptContent
from chat.prompts.stored import from_text
from playground.models import Endpoint


class Experiment(Deletable):
    """A test table run over variants. Each case with each variant is a cell, and each cell a run.

    ::

        running ⇄ paused        a person, or a limit that leaves nothing
        running → finished      no cell waits or runs
        finished → running      cells are run again
    """

    class State(models.TextChoices):
        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        FINISHED = "finished", "Finished"

    code = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    table = models.ForeignKey(TableOfCases, on_delete=models.CASCADE, related_name="experiments")
    # Counted from 1 in each table.
    number = models.PositiveIntegerField()
    # The person under whose limits and with whose keys all its runs are.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    # The reason of a pause, as a sentence, or the limit that a running experiment waits for. A personal one
    # is shown to the person of the experiment alone.
    pause = models.TextField(blank=True)
    is_pause_personal = models.BooleanField(default=False, db_default=False)
    # The most cells that run at once.
    concurrency = models.PositiveSmallIntegerField(default=4)
    repetitions = models.PositiveSmallIntegerField(default=1)
    # The limit of what all its runs may cost together; None without a cap.
    cap = models.OneToOneField(Limit, on_delete=models.RESTRICT, null=True, related_name="+")
    # Copies of the table's checks and columns: results stay true when the table changes.
    checks = models.JSONField(default=list, blank=True)
    columns = models.JSONField(default=list, blank=True)
    judge = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    judge_name = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = KeptRows["Experiment"]()
    with_deleted = models.Manager["Experiment"]()

    class Meta:
        ordering: ClassVar = ["table", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "number"], name="one_experiment_of_a_number"),
        ]

    def __str__(self) -> str:
        return f"Experiment {self.number}"

    @property
    def check_settings(self) -> list[CheckSetting]:
        return [CheckSetting.of(stored) for stored in self.checks]


class Variant(models.Model):
    """A prompt with a model and a set of parameters."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    number = models.PositiveSmallIntegerField()
    # The prompt as chat.prompts.stored writes it, and its name with its version.
    content = models.TextField()
    prompt_name = models.CharField(max_length=200)
    # The stored prompt that it was; None for a typed one, and for one that is gone.
    prompt = models.ForeignKey("Prompt", on_delete=models.SET_NULL, null=True, related_name="variants")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.SET_NULL, null=True, related_name="+")
    # The model and its provider, for results that outlive them.
    provider_code = models.CharField(max_length=80)
    model_id = models.CharField(max_length=200)
    model_name = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    # The set of parameters in words; empty if it is the only one.
    set_name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["experiment", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "number"], name="one_variant_of_a_number"),
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.prompt_name, self.model_name, self.set_name)))

    def read(self) -> PromptContent:
        return from_text(self.content)

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The identity of a variant in other experiments, whatever version its prompt had there."""
        prompt = self.prompt_name.rpartition(" v")[0] or self.prompt_name
        return prompt, self.provider_code, self.model_id, self.set_name


class Cell(models.Model):
    """A case with a variant, once for each repetition.

    ::

        waiting → running → judging → passed, failed, undecided, unchecked
                     └──────────────→ error
        error, failed, undecided → waiting      it is run again
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        JUDGING = "judging", "Being judged"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        # A check or the judge gave no verdict.
        UNDECIDED = "undecided", "No verdict"
        # No check applies.
        UNCHECKED = "unchecked", "Not checked"
        # There is no whole answer.
        ERROR = "error", "Error"

    OPEN: ClassVar = (State.RUNNING, State.JUDGING)

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="cells")
    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="cells")
    case_number = models.PositiveIntegerField()
    repetition = models.PositiveSmallIntegerField(default=1)
    values = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # It counts how often the cell was run again. The key of its run is made of it.
    attempt = models.PositiveSmallIntegerField(default=0)
    run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, related_name="cell")
    judge_run = models.OneToOneField(Run, on_delete=models.SET_NULL, null=True, related_name="judged_cell")
    # A chat.evaluation.answers.CheckOutcome for each check, by its place; none for one that has not ended.
    outcomes = models.JSONField(default=list, blank=True)
    # The outcomes as chat.evaluation.answers.letters_of writes them.
    letters = models.CharField(max_length=40, blank=True, default="", db_default="", editable=False)
    # The words of the answer, as a search compares them.
    folded = models.TextField(blank=True, default="", db_default="", editable=False)
    # The reason of an error, as a sentence.
    error = models.TextField(blank=True)
    usd = models.DecimalField(max_digits=16, decimal_places=9, default=Decimal(0))
    judge_usd = models.DecimalField(max_digits=16, decimal_places=9, default=Decimal(0))
    # The cost of earlier attempts and their judges.
    earlier_usd = models.DecimalField(max_digits=16, decimal_places=9, default=Decimal(0))
    # From the start of the run to its end.
    seconds = models.FloatField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["case_number", "variant_id", "repetition"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["variant", "case_number", "repetition"], name="one_cell_each"),
        ]
        indexes: ClassVar = [
            # The next cell that waits is the first one here.
            models.Index(
                fields=["experiment", "state", "case_number", "variant", "repetition"], name="cells_by_state"
            ),
            models.Index(fields=["experiment", "case_number"], name="cells_by_case"),
            # Every process looks for these, few among many.
            models.Index(fields=["state"], condition=Q(state__in=["running", "judging"]), name="open_cells"),
        ]

    def __str__(self) -> str:
        return f"cell of case {self.case_number}: {self.state}"
