"""The library of prompts from the keyboard alone, and by touch on a phone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.browser.test_accessibility import violations_in_both
from tests.browser.test_prompts import LIBRARY

if TYPE_CHECKING:
    from tests.browser.hands import Hand

KINDS = ["text", "long_text", "number", "choice", "json", "file"]


def exported(name: str) -> str:
    """Return an export of this library with a variable of each type, for a model that is gone."""
    variables: list[dict[str, Any]] = [{"name": f"a_{kind}", "type": kind} for kind in KINDS]
    variables[2] |= {"least": 1, "most": 9, "default": "3"}
    variables[3]["choices"] = ["red", "blue"]
    content = {
        "system": "Be {{a_text}}.",
        "messages": [{"role": "user", "text": " ".join(f"{{{{a_{kind}}}}}" for kind in KINDS[1:])}],
        "variables": variables,
        "model": {"provider": "demo", "id": "retired/model"},
        "parameters": {"temperature": 9},
    }
    prompt = {"name": name, "versions": [{"number": 1, "content": content}]}
    return json.dumps({"format": "chat-playground-prompts", "prompts": [prompt]})


def import_prompt(hand: Hand, name: str) -> None:
    """Import a prompt from a pasted text."""
    page = hand.page
    page.goto(LIBRARY)
    hand.link("Import")
    hand.write("Text", exported(name))
    hand.button("Continue")
    hand.button("Import")
    hand.reads(f"{name} is imported.")


def keep_versions(hand: Hand, name: str) -> None:
    """Save, pin and restore versions, and save what somebody else changed meanwhile."""
    page = hand.page
    hand.write("System prompt", "Stay {{a_text}}.")
    hand.write("What changed", "calmer")
    hand.button("Save")
    hand.reads(f"Version 2 of {name} is saved.")
    hand.link("Versions")
    expect(page.locator("ins").first).to_have_text("Stay")
    hand.button("Pin for production")
    hand.reads("Version 2 is pinned for production.")
    hand.link(re.compile("Version 1"))
    hand.button("Restore")
    hand.reads("Version 1 is restored as version 3.")
    # The page on which somebody goes on is older than that.
    hand.link("Edit")
    page.locator("[name=edits]").evaluate("field => { field.value = 1 }")
    hand.write("System prompt", "Mine {{a_text}}.")
    hand.button("Save")
    hand.reads("saved version 3 while you were editing")
    hand.button("Save")
    hand.reads(f"Version 4 of {name} is saved.")


def use(hand: Hand, name: str) -> None:
    """Fill in the variables, open a chat, and save it as a prompt."""
    page = hand.page
    hand.link("Use")
    hand.reads("There is no model “retired/model” here.")
    hand.reads("“temperature” is left out: must be at most 2 (9)")
    hand.write("a_number", "99")
    hand.button("Open in a new chat")
    hand.reads("Enter 9 or less.")
    expect(page.locator(".field [aria-invalid=true]")).to_have_count(6)
    assert violations_in_both(page) == []
    for label, text in {"a_text": "calm", "a_long_text": "a\nb", "a_number": "4", "a_json": "[1]"}.items():
        hand.write(label, text)
    hand.choose("a_choice", "blue")
    page.get_by_label("a_file").set_input_files(
        {"name": "a.txt", "mimeType": "text/plain", "buffer": b"hello"}
    )
    hand.button("Open in a new chat")
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(re.compile(r"^a\nb 4 blue \[1\]"))
    hand.button("Send")
    expect(page.locator("[data-status=finished]")).to_have_count(1)
    hand.press(page.get_by_label("More about this conversation"))
    hand.link("Save as a prompt…")
    hand.write("Name", f"{name}, kept")
    hand.button("Save")
    hand.reads(f"{name}, kept is saved.")


def export(hand: Hand, name: str) -> None:
    """Look where a prompt is used, and take it away as code and as a file."""
    page = hand.page
    page.goto(f"{LIBRARY}?q={name}")
    hand.link(re.compile(f"^{name} "))
    hand.link("Where used")
    expect(page.locator(".import-listed")).to_have_text(re.compile("Version 2"))
    assert violations_in_both(page) == []
    hand.link("Export")
    hand.press(page.get_by_role("tab", name="Python, openai"))
    expect(page.locator(".code-text:visible")).to_contain_text("Stay {{a_text}}.")
    with page.expect_download():
        hand.press(page.locator("a[href='?form=json']"))


def delete(hand: Hand, name: str) -> None:
    """Delete a prompt, bring it back, and delete it for good."""
    page = hand.page
    hand.link("Edit")
    hand.press(page.locator(".confirm summary"))
    hand.button("Delete")
    hand.reads("You can bring it back below for 7 days.")
    hand.button(f"Bring back {name}")
    hand.reads(f"{name} is back.")
    hand.link(re.compile(f"^{name} "))
    hand.press(page.locator(".confirm summary"))
    hand.button("Delete")
    row = page.locator(".deleted-row").filter(has_text=name)
    hand.press(row.locator("summary"))
    assert violations_in_both(page) == []
    hand.press(row.get_by_role("button", name="Delete for good", exact=True))
    hand.reads(f"{name} was deleted for good.")


def test_a_prompt_is_imported_changed_used_exported_and_deleted(hand: Hand) -> None:
    name = "By keys" if hand.has_keys else "By touch"
    import_prompt(hand, name)
    keep_versions(hand, name)
    use(hand, name)
    export(hand, name)
    delete(hand, name)
