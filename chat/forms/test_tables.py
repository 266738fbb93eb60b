from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings

from accounts.forms.fields import NameField
from chat.evaluation.check_kinds import MAX_CHECKS, CheckSetting, why_refused
from chat.evaluation.csv_reading import (
    MAX_COLUMNS,
    MAX_VALUE,
    CasesRefused,
    Sheet,
    as_name,
    decoded,
    read_csv,
    why_no_name,
)
from chat.evaluation.json_lines import read_json_lines
from chat.forms.typed_text import TypedText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile
    from django.http import QueryDict

MEGABYTE = 1024 * 1024


class TableForm(forms.Form):
    """The name of a test table and its columns."""

    name = NameField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    columns = forms.CharField(
        label="Variables",
        required=False,
        max_length=5_000,
        help_text="One on each line. A prompt names them as {{variable}}. A CSV file brings its own.",
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocapitalize": "off"}),
    )

    def clean_columns(self) -> list[str]:
        typed = [line.strip() for line in self.cleaned_data["columns"].splitlines() if line.strip()]
        names = list(dict.fromkeys(as_name(line) or line for line in typed))
        if len(names) > MAX_COLUMNS:
            raise forms.ValidationError(f"A table can have at most {MAX_COLUMNS} variables.")
        for name in names:
            if why := why_no_name(name):
                raise forms.ValidationError(f"{name[:40]}: {why}")
        return names


class CaseForm(forms.Form):
    """The values of a case, one field for each column."""

    def __init__(
        self, columns: Sequence[str], values: Mapping[str, str], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self._columns = list(columns)
        for place, name in enumerate(self._columns):
            self.fields[f"value-{place}"] = TypedText(
                label=name,
                required=False,
                max_length=MAX_VALUE,
                initial=values.get(name, ""),
                widget=forms.Textarea(attrs={"rows": 1, "class": "case-value"}),
            )

    @property
    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[f"value-{place}"] for place, name in enumerate(self._columns)}


class CasesForm(forms.Form):
    """Cases from a spreadsheet: pasted, or in a file."""

    text = forms.CharField(
        label="Paste cells from a spreadsheet, or CSV",
        required=False,
        strip=False,
        max_length=settings.MAX_PROMPT_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
    file = forms.FileField(
        label="Or choose a file",
        required=False,
        help_text="CSV, TSV or JSON Lines (.jsonl). The first row names the variables.",
    )
    replaces = forms.BooleanField(label="Replace all cases of the table", required=False)

    def read(self, columns: Sequence[str]) -> Sheet:
        """Return the rows that were posted.

        :raises CasesRefused: they cannot be read; the message says why.
        """
        upload: UploadedFile[Any] | None = self.cleaned_data["file"]
        if upload is None:
            if not self.cleaned_data["text"].strip():
                raise CasesRefused("Paste something, or choose a file.")
            known = () if self.cleaned_data["replaces"] else columns
            return read_csv(self.cleaned_data["text"], known)
        if (upload.size or 0) > settings.MAX_UPLOAD_MB * MEGABYTE:
            raise CasesRefused(f"A file can have at most {settings.MAX_UPLOAD_MB} MB. Split it.")
        text = decoded(upload.read())
        is_lines = (upload.name or "").lower().endswith((".jsonl", ".ndjson"))
        return read_json_lines(text) if is_lines else read_csv(text)


def posted_checks(data: QueryDict) -> tuple[list[CheckSetting], list[str]]:
    """Return the posted checks without those that were removed, and the problem of each; empty for none."""
    columns = [data.getlist(name) for name in ("kind", "first", "second")]
    marks = {name: set(data.getlist(name)) for name in ("ignores_case", "remove")}
    found = []
    for place, (kind, first, second) in enumerate(zip(*columns, strict=False)):
        setting = CheckSetting(kind, _typed(first), _typed(second), str(place) in marks["ignores_case"])
        if kind and str(place) not in marks["remove"]:
            found.append(setting)
    problems = [why_refused(setting) for setting in found]
    if len(found) > MAX_CHECKS:
        problems[MAX_CHECKS] = f"A table can have at most {MAX_CHECKS} checks."
    if sum(setting.kind == "judge" for setting in found) > 1:
        last = max(place for place, setting in enumerate(found) if setting.kind == "judge")
        problems[last] = "A table has one judge. Put all that it looks at into one rubric."
    return found, problems


def _typed(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\0", "")
