"""Names without a space, as long as they may be: no column is pushed out of sight on any settings page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

PAGES = (
    *(
        "people",
        "people?invitations=1",
        "groups",
        "keys",
        "limits",
        "providers",
        "providers/longest",
        "models",
        "catalogue",
    ),
    *("usage", "usage/all", "audit"),
)
# 720 pixels are a window of 1440 at a zoom of 200 %.
WIDTHS = (1440, 720, 390)
_SET_UP = """[
    (workspace := Workspace.objects.get(), alice := User.objects.get(email="alice@example.org")),
    (user := User.objects.create_user("z" * 240 + "@example.org", name="N" * 120),
        member := Membership.objects.create(workspace=workspace, user=user),
        group := Group.objects.create(workspace=workspace, name="G" * 60), group.members.add(member),
        Limit.objects.create(workspace=workspace, member=user, unit="credits", period="month", amount=10**15),
        Invitation.objects.create(workspace=workspace, token_hash="f" * 64, note="I" * 120, created_by=alice,
            expires_at="2100-01-01T00:00Z", role="member"),
        provider := Provider.objects.create(code="longest", name="P" * 80, workspace=workspace,
            base_url="https://" + "h" * 60 + ".example.org/" + "v" * 120),
        model := UpstreamModel.objects.create(provider=provider, model_id="m" * 200, name="M" * 120,
            developer="D" * 80),
        LedgerEntry.objects.create(run_code=__import__("uuid").uuid4(), workspace=workspace, user=user,
            provider_code="longest", model_id="m" * 200, credits=10**10, tokens=10**9, source="priced",
            input_tokens=10**9, output_tokens=10**8, held_at=__import__("django").utils.timezone.now())),
] and [model.pk, str(group.code)]"""
_CLEAN_UP = """[
    Provider.objects.filter(code="longest").delete()[0], User.objects.filter(name="N" * 120).delete()[0],
    Invitation.objects.filter(note="I" * 120).delete()[0], Group.objects.all().delete()[0],
    LedgerEntry.objects.filter(model_id="m" * 200)._raw_delete("default"),
] and 0"""
# Buttons, fields and links beyond the edges of the window.
_OUT_OF_SIGHT = """() => {
    const hidden = ".visually-hidden, details:not([open]) > :not(summary)";
    const parts = document.querySelectorAll("main :is(a, button, input:not([type=hidden]), select, summary)");
    return [...parts].filter((part) => part.checkVisibility() && !part.closest(hidden)).filter((part) => {
        const box = part.getBoundingClientRect();
        return box.width && (box.left < 0 || box.right > document.documentElement.clientWidth + 0.5);
    }).map((part) => part.outerHTML.slice(0, 120));
}"""
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def longest(installation) -> Iterator[list[Any]]:
    yield installation.query(_SET_UP)
    installation.query(_CLEAN_UP)


def test_no_long_name_pushes_anything_out_of_sight(page: Page, longest):
    paths = [f"/w/acme-research/{name.replace('?', '/?') if '?' in name else name + '/'}" for name in PAGES]
    model, group = longest
    paths += ["/profile/", f"/w/acme-research/models/{model}/", f"/w/acme-research/groups/{group}/"]
    paths += [f"/w/acme-research/providers/longest/models/{model}/schema/"]
    wrong = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for path in paths:
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            if (wider := page.evaluate(_WIDER)) or (parts := page.evaluate(_OUT_OF_SIGHT)):
                wrong.append((path, width, wider or parts))
    assert wrong == []
