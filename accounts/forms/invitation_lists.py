from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.models import Group, Role

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from accounts.models import Workspace

_LARGEST = 1_000_000


class InvitationListForm(forms.Form):
    """A list of people, and what holds for those for whom it says nothing."""

    text = forms.CharField(
        label="Addresses, one in a line, or cells of a spreadsheet",
        required=False,
        max_length=_LARGEST,
        help_text="Columns: address, role, groups. A first row may name them: email, role, groups, name.",
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
    )
    file = forms.FileField(label="Or choose a file", required=False, help_text="CSV, up to 1 MB.")
    role = forms.ChoiceField(label="Role, where the list names none", initial=Role.MEMBER)
    groups = forms.ModelMultipleChoiceField(
        Group.objects.none(),
        label="Groups, where the list names none",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="Links work for",
        coerce=int,
        choices=[(1, "1 day"), (7, "7 days"), (30, "30 days")],
        initial=7,
    )

    def __init__(self, workspace: Workspace, roles: list[Role], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        groups: Any = self.fields["groups"]
        groups.queryset = Group.objects.filter(workspace=workspace).order_by("name")
        if not groups.queryset:
            del self.fields["groups"]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        upload: UploadedFile[Any] | None = cleaned.get("file")
        if upload is not None:
            if (upload.size or 0) > _LARGEST:
                self.add_error("file", "This file is larger than 1 MB. Split it.")
            else:
                cleaned["text"] = _decoded(upload.read())
        if not cleaned.get("text", "").strip() and not self.errors:
            self.add_error("text", "Enter an address, or choose a file.")
        cleaned["groups"] = list(cleaned.get("groups") or ())
        return cleaned


def _decoded(content: bytes) -> str:
    """Decode a file as spreadsheets write it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
