"""Known vulnerabilities of similar products, each with the test that covers it here."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from accounts.models import Role
from chat.models import Access, Conversation
from playground.forms.providers import clean_base_url
from tests.chat.conftest import *  # noqa: F403 - the conversation and what it needs
from tests.repository import ROOT

HERE = "tests/test_known_vulnerabilities.py"
MATRIX = "tests/test_access_matrix.py"
SHARES = "tests/test_access_matrix_of_shares.py"
SOCKET = "tests/chat/test_consumer.py"
STOP = "tests/chat/test_stop.py"
GUARD = "tests/playground/test_guard.py"
LINKS = "tests/chat/test_markdown_links.py"
KEYS = "tests/playground/test_keys_page.py"
DIALOG = "tests/chat/test_share_dialog.py"
FILES = "tests/chat/test_file_views.py"
FLOOD = "tests/e2e/test_inbound_flood.py"

ATTACKS = "tests/test_known_attacks.py"
PROVIDER = "tests/accounts/test_sign_in_with_provider.py"
ALIKE = "tests/accounts/test_addresses_alike.py"

PROVED_BY = {
    # Access to objects of other users by id.
    "CVE-2026-45349": (SHARES, "test_a_share_opens_what_it_is_for_and_nobody_else_gets_in"),
    "CVE-2024-41703": (MATRIX, "test_who_gets_in"),
    "CVE-2024-11167": (MATRIX, "test_who_gets_in"),
    "CVE-2026-54022": (MATRIX, "test_who_gets_in"),
    "CVE-2026-45398": (MATRIX, "test_every_url_has_a_row"),
    "CVE-2026-79917": (DIALOG, "test_who_it_is_shared_with_cannot_share_it_on"),
    "CVE-2026-59216": (SOCKET, "test_a_cursor_for_a_strangers_run_gets_nothing_of_it"),
    "CVE-2026-70483": (STOP, "test_a_viewer_and_a_stranger_are_refused"),
    "CVE-2026-109284": (HERE, "test_who_may_only_read_now_branches_nothing_of_their_own_either"),
    # Rules that only the page knew.
    "CVE-2026-45350": (ATTACKS, "test_a_tool_that_is_not_offered_is_not_taken_by_its_id"),
    # Authentication and sessions.
    "CVE-2026-44211": (SOCKET, "test_another_origin_is_refused"),
    "CVE-2026-45339": (HERE, "test_no_header_is_another_way_in"),
    "CVE-2026-59822": (HERE, "test_a_session_that_nobody_has_is_nobodys"),
    # Keys and settings.
    "CVE-2026-34222": (KEYS, "test_no_page_shows_a_key_again"),
    "CVE-2026-70491": (ATTACKS, "test_nobody_reads_a_key_in_lists_pages_and_exports"),
    "CVE-2026-109293": ("tests/e2e/test_canary.py", "test_a_key_is_nowhere_but_in_the_call"),
    "CVE-2026-109296": (KEYS, "test_a_provider_of_another_workspace_is_not_found"),
    "CVE-2026-32625": (HERE, "test_an_address_is_taken_letter_by_letter"),
    # Addresses that the server connects to.
    "CVE-2025-65958": (GUARD, "test_it_permits_no_private_address"),
    "CVE-2026-45401": (GUARD, "test_it_follows_no_redirect_though_the_address_is_allowed"),
    "CVE-2026-45400": (ATTACKS, "test_no_spelling_of_an_address_passes_the_check"),
    "CVE-2026-54020": (GUARD, "test_it_connects_to_the_address_it_checked_though_the_name_moves_on"),
    "CVE-2026-45331": (ATTACKS, "test_what_a_document_names_is_not_fetched"),
    "CVE-2025-69222": (GUARD, "test_it_opens_no_socket_to_a_private_network"),
    **{
        f"CVE-{number}": (ATTACKS, "test_no_address_is_an_open_proxy")
        for number in ("2023-49785", "2024-38514", "2024-32964", "2024-47066", "2026-54157")
    },
    # Model output and uploads.
    "CVE-2025-32711": (LINKS, "test_an_image_by_reference_is_not_loaded_either"),
    "CVE-2026-45303": ("tests/chat/test_markdown_sanitiser.py", "test_no_payload_survives_anywhere"),
    "CVE-2026-70486": (ATTACKS, "test_a_page_frames_nothing_and_starts_no_worker"),
    "CVE-2026-59214": (ATTACKS, "test_an_upload_is_no_page_no_script_and_no_worker"),
    "CVE-2026-56398": (FILES, "test_it_is_served_as_what_it_is_and_may_do_nothing"),
    "CVE-2026-54024": (FLOOD, "test_a_body_that_is_too_large_is_dropped_for_whoever_sends_it"),
    "CVE-2024-11171": (ATTACKS, "test_no_import_takes_a_file_of_any_size"),
    "CVE-2024-41704": (FILES, "test_hostile_names_are_names_and_nothing_else"),
    "CVE-2025-8848": (HERE, "test_a_language_is_not_written_into_the_page"),
    # Programs that a setting starts.
    "CVE-2026-22252": (ATTACKS, "test_a_tool_is_never_a_program"),
}
# Those of packages that this product uses, in the way in which it uses them.
PROVED_BY |= {
    # django-allauth: mutable names for people, tokens of people who are switched off, counts of attempts.
    "CVE-2025-65431": (PROVIDER, "test_another_subject_with_the_same_address_is_refused"),
    "CVE-2025-65430": (PROVIDER, "test_an_account_that_is_switched_off_stays_so"),
    "CVE-2026-97764": (ALIKE, "test_no_spelling_of_an_address_gives_more_attempts"),
    # Django and django-allauth: links for a new password, mailed to an address that looks like another.
    "CVE-2019-19844": (ALIKE, "test_an_address_that_looks_like_anothers_opens_nothing"),
}


@cache
def _tests_in(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(
        node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


@pytest.mark.parametrize(("path", "name"), PROVED_BY.values(), ids=PROVED_BY)
def test_what_proves_it_is_there(path, name):
    assert name in _tests_in(path)


def test_what_cannot_be_attacked_here_is_named_with_its_reason():
    """A row of the table in SECURITY.md says why a vulnerability needs no test."""
    assert not unaffected() & PROVED_BY.keys()
    assert unaffected() == {"CVE-2026-54030"}


def unaffected() -> set[str]:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| (CVE-\d{4}-\d+) \| .+ \| .+ \|$", text, re.MULTILINE))


@pytest.mark.django_db
@pytest.mark.parametrize("what", ["send", "rename", "delete", "share/everyone", "share/person"])
def test_who_may_only_read_now_changes_nothing_of_their_own_either(what, alice, client_for, conversation):
    client, membership = client_for(alice), alice.memberships.get()
    membership.role = Role.VIEWER
    membership.save()

    assert client.post(f"/c/{conversation.code}/{what}/", {"title": "x", "access": "read"}).status_code == 403
    assert Conversation.objects.filter(pk=conversation.pk, workspace_access=Access.NONE).exists()


@pytest.mark.django_db
def test_who_may_only_read_now_branches_nothing_of_their_own_either(alice, client_for, conversation):
    client = client_for(alice)
    alice.memberships.update(role=Role.VIEWER)

    answer = conversation.head
    assert client.post(f"/m/{answer.code}/regenerate/").status_code == 403
    assert client.post(f"/m/{answer.parent.code}/edit/", {"text": "Other"}).status_code == 403
    assert conversation.messages.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["Authorization", "X-Api-Key", "X-Forwarded-User", "Remote-User", "Cookie"]
)
def test_no_header_is_another_way_in(header, alice, client):
    answer = client.get("/w/acme/", headers={header: alice.email})

    assert answer.status_code == 302
    assert answer.url.startswith("/sign-in/")


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["x", "../../etc/passwd", "a" * 5000, "\0" * 32])
def test_a_session_that_nobody_has_is_nobodys(key, workspace, client):
    client.cookies["sessionid"] = key

    answer = client.get("/w/acme/")

    assert answer.status_code == 302
    # A session key that the browser chose is never used.
    assert "sessionid" not in answer.cookies or answer.cookies["sessionid"].value != key


@pytest.mark.parametrize("written", ["${SECRET_KEY}", "%SECRET_KEY%", "$HOME", "{SECRET_KEY}"])
def test_an_address_is_taken_letter_by_letter(written):
    assert clean_base_url(f"https://llm.example.org/{written}/v1") == f"https://llm.example.org/{written}/v1"


@pytest.mark.django_db
def test_a_language_is_not_written_into_the_page(client, client_for, alice):
    hostile = 'de"><script>alert(1)</script>'

    for page in (
        client.get("/sign-in/", headers={"Accept-Language": hostile}),
        client_for(alice).get("/profile/", headers={"Accept-Language": hostile}),
    ):
        assert b"alert(1)" not in page.content
        assert b'<html lang="en"' in page.content
