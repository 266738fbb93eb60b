"""Names and titles in lists: no character in them hides, turns or fakes others."""

from __future__ import annotations

import importlib
import pkgutil
import unicodedata

import pytest
from django import forms
from hypothesis import given
from hypothesis import strategies as st

import accounts.forms
import chat.forms
import playground.forms
from accounts.forms.fields import LineField, NameField
from accounts.names import mixed_letters, one_line
from chat.titles import TITLE_CHARACTERS, title_of
from playground.catalogue.import_openapi import name_of
from playground.catalogue.model_list_facts import text_of

CLEANED = {
    "overriding order": ("photo_\u202egnp.exe", "photo_gnp.exe"),
    "embedding": ("a\u202ab\u202bc\u202cd\u202de", "abcde"),
    "isolates": ("a\u2066b\u2067c\u2068d\u2069e", "abcde"),
    "marks of direction": ("a\u200eb\u200fc\u061cd", "abcd"),
    "controls": ("a\x00b\x07c\x1b[31md\x7fe\x9bf", "abc[31mdef"),
    "zero width": ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
    "tags": ("hi\U000e0068\U000e0069\U000e007f", "hi"),
    "annotations": ("a\ufff9b\ufffac\ufffbd", "abcd"),
    "fillers": ("a\u3164b\uffa0c\u115fd\u1160e\u2800f\u034fg", "abcdefg"),
    "deprecated controls": ("a\u206ab\u206fc\u180ed", "abcd"),
    "surrogates": ("a\ud800b\udfffc", "abc"),
    "line breaks": ("a\r\nb\u2028c\u2029d\u0085e\vf", "a b c d e f"),
    "white space": ("\u3000 a\u00a0\t b \u2003", "a b"),
    "nothing but hidden characters": ("\u202e\u200b \u2066", ""),
    "loose joiners": ("\u200da\u200c \u200d b\u200d", "a b"),
    "what joins letters and emoji": (
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    ),
    "Arabic and Hebrew": ("شعر عن المطر", "شعر عن المطر"),
    "signs around Arabic numbers": ("\u0600\u0661\u0662", "\u0600\u0661\u0662"),
    "accents and variants": ("e\u0301 \u2764\ufe0f", "e\u0301 \u2764\ufe0f"),
}


@pytest.mark.parametrize(("text", "expected"), CLEANED.values(), ids=list(CLEANED))
def test_a_name_is_one_line_of_visible_characters(text, expected):
    assert one_line(text) == expected


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    once = one_line(text)

    assert one_line(once) == once
    assert not any(unicodedata.bidirectional(each) in {"LRE", "RLE", "LRO", "RLO", "PDF"} for each in once)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("\u202eTell me\u202c\nmore", "Tell me"),
        ("\u200b\n\u2066\n  What now?", "What now?"),
        ("\u202e\u2066\n\x00", "New chat"),
        ("  def f():\n    pass", "def f():"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("word " * 40, "word " * 11 + "word…"),
    ],
)
def test_a_title_is_made_of_a_prompts_visible_words(prompt, title):
    assert title_of(prompt) == title
    assert len(title) <= TITLE_CHARACTERS + 1


def test_names_of_a_providers_models_are_cleaned():
    assert name_of("acme/mo\u202edel") == "model"
    assert text_of("Mo\u202edel \u20661\u2069", 20) == "Model 1"


# Fields of these names that hold no words of their own.
_OTHERWISE = {
    "DeleteWorkspaceForm.name": "It is compared with the name of the workspace.",
    **{
        f"{kind}.name": "It has letters, digits, _ and - only."
        for kind in ("EntryForm", "ToolForm", "OutputSchemaForm")
    },
    "AddPasskeyForm.name": "The form cleans it, since its field is allauth's.",
    "StoredPromptForm.name": "It is refused instead.",
    "SavedChatForm.name": "It is refused instead.",
}
_NAMED = ("name", "label", "title", "icon", "note", "ask_note")


def forms_with_names() -> dict[str, forms.Field]:
    """Return every field of the project's forms that takes a name, or words that a list shows like one."""
    found: dict[str, forms.Field] = {}
    for package in (accounts.forms, playground.forms, chat.forms):
        for info in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            for kind in vars(module).values():
                if (
                    isinstance(kind, type)
                    and issubclass(kind, forms.Form)
                    and kind.__module__ == module.__name__
                ):
                    fields = {name: kind.base_fields.get(name) for name in _NAMED}
                    found |= {f"{kind.__name__}.{name}": field for name, field in fields.items() if field}
    return found


@pytest.mark.parametrize("where", sorted(forms_with_names().keys() - _OTHERWISE.keys()))
def test_no_form_takes_a_name_that_looks_like_another_by_invisible_characters(where):
    field = forms_with_names()[where]
    assert field.clean("A\u200bda \u202eLovelace\u2066\n\u3164") == "Ada Lovelace"


ALIKE = {
    "Al\u0456ce": {"Latin": "A", "Cyrillic": "\u0456"},
    "Good \u0391lice": {"Greek": "\u0391", "Latin": "l"},
    "\u0430\u03011ice": {"Cyrillic": "\u0430", "Latin": "i"},
    "\uff21lic\u0435": {"Latin": "\uff21", "Cyrillic": "\u0435"},
    "p\u0430ypal-team": {"Latin": "p", "Cyrillic": "\u0430"},
    "te\u0430\u200dm x": {"Latin": "t", "Cyrillic": "\u0430"},
    "\u0570ello": {"Armenian": "\u0570", "Latin": "e"},
}
ALONE = [
    *("Алиса", "Алиса Smith", "IT-отдел", "Ђорђе Ĵosé Åsa ß", "Ελένη", "α-helix", "5 µm", "100 Ω", "наука2"),
    *(
        "東京オフィスA班",
        "AIの会",
        "カタカナkana",
        "한국어 QA",
        "李Li",
        "שלום",
        "مرحبا",
        "हिन्दी",
        "ไทย",
        "𝔄b",
        "",
    ),
]


@pytest.mark.parametrize("name", ALIKE)
def test_a_word_of_several_alphabets_is_found_with_its_letters(name):
    assert mixed_letters(name) == ALIKE[name]


@pytest.mark.parametrize("name", ALONE)
def test_a_word_of_one_alphabet_is_a_name(name):
    assert mixed_letters(one_line(name)) == {}
    assert NameField(required=False).clean(name) == one_line(name)


# Texts beside names: an icon of letters, notes, and reasons.
_TEXTS = ("icon", "note", "ask_note", "reason", "title")


@pytest.mark.parametrize("where", sorted(forms_with_names().keys() - _OTHERWISE.keys()))
def test_no_form_takes_a_name_that_looks_like_another_by_other_letters(where):
    field = forms_with_names()[where]
    if where.rpartition(".")[2] in _TEXTS:
        assert type(field) is LineField
        return
    with pytest.raises(forms.ValidationError, match="“А” is Cyrillic and “d” is Latin"):
        field.clean("\u0410da")


def test_the_exceptions_exist():
    assert _OTHERWISE.keys() <= forms_with_names().keys()
