"""The search for conversations: in every script, in titles and in messages, with the words around a hit."""

from __future__ import annotations

import re
import uuid

import pytest
from django.urls import reverse

from accounts.folding import fold
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.rename_conversation import rename_conversation
from chat.flows.send_prompt import start_conversation
from chat.folding import MAX_FOLDED
from chat.models import Access, Conversation, Message, Run
from chat.pages import search
from chat.pages.list_part import ListPart
from chat.pages.search import Excerpt, excerpt, words_of
from chat.pages.sidebar import conversation_list
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta

FOUND = {
    "Cyrillic": ("Перевод договора", "перевод"),
    "Cyrillic in capitals": ("перевод договора", "ДОГОВОР"),
    "accents": ("Éclair recette", "éclair"),
    "accents left out": ("Éclair recette", "eclair"),
    "accents put in": ("Eclair recette", "éclâir"),
    "decomposed accents": ("cafe\u0301 cre\u0300me", "café crème"),
    "umlauts": ("Über München", "uber munchen"),
    "sharp s": ("Straßenbahn", "STRASSEN"),
    "Greek with a final sigma": ("ΟΔΥΣΣΕΥΣ", "Οδυσσεύς"),
    "Greek accents": ("Ἀθῆναι", "αθηναι"),
    "Turkish": ("İstanbul'da IŞIK", "istanbul'da ışık"),
    "Polish": ("Łódź i żółw", "lodz i zolw"),
    "Danish": ("Smørrebrød på Ærø", "smorrebrod pa aero"),
    "Vietnamese": ("Tiếng Việt, Đà Nẵng", "tieng viet, da nang"),
    "Chinese inside a word": ("今天天气很好", "天气"),
    "Japanese inside a word": ("東京都の天気予報", "京都"),
    "Japanese of half width": ("ﾊﾟｿｺﾝ", "パソコン"),
    "Thai inside a word": ("สวัสดีชาวโลก", "ชาว"),
    "Korean": ("한국어를 배웁니다", "국어"),
    "Hindi": ("नमस्ते दुनिया", "दुनिया"),
    "Arabic with vowels": ("مُحَمَّد", "محمد"),
    "Arabic without": ("محمد أحمد", "احمد"),
    "Hebrew with points": ("שָׁלוֹם", "שלום"),
    "Persian without a joiner": ("می\u200cخواهم", "میخواهم"),
    "full width": ("ＡＢＣ１２３", "abc123"),
    "ligatures": ("ﬁnal oﬃce", "FINAL OFFICE"),
    "inside a word": ("Donaudampfschiff", "dampf"),
    "across line breaks": ("one\n   two", "one two"),
    "soft hyphens": ("Wort\u00adteil", "wortteil"),
    "signs of patterns": ("100% of a_b \\ c", "% of a_b \\"),
    "emoji": ("Ship it 🚀", "🚀"),
}
MISSED = {
    "a vowel in Hindi": ("कि", "कु"),
    "a sound of kana": ("か", "が"),
    "part of a Korean syllable": ("안녕", "아"),
    "a Cyrillic letter with a breve": ("мои", "мой"),
    "a Thai vowel": ("ที", "ท่"),
    "a sign of a pattern": ("abc", "a_c"),
    "another one": ("abc", "%"),
}


def told(words: list[Excerpt | None]) -> list[str]:
    return [f"{found.before}[{found.hit}]{found.after}" for found in words if found]


def rows(membership, query: str):
    listed = conversation_list(membership, part=ListPart(query))
    return [row for group in listed.groups for row in group.rows]


@pytest.fixture
def membership(workspace, alice):
    return alice.memberships.get(workspace=workspace)


@pytest.mark.parametrize(("text", "query"), FOUND.values(), ids=list(FOUND))
def test_folding_removes_what_a_search_does_not_tell_apart(text, query):
    assert words_of(query) in fold(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(("text", "query"), MISSED.values(), ids=list(MISSED))
def test_folding_keeps_letters_apart(text, query):
    assert words_of(query) not in fold(text)


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "query"), FOUND.values(), ids=list(FOUND))
def test_it_finds_prompts_answers_and_titles(conversation, membership, text, query):
    prompt, answer = conversation.messages.order_by("pk")
    assert rows(membership, query) == []
    for message in (prompt, answer):
        Message.objects.filter(pk=message.pk).update(text=text, folded=fold(text))
        [row] = rows(membership, query)
        assert row.code == conversation.code
        assert fold(row.excerpt.hit) == words_of(query)
        Message.objects.filter(pk=message.pk).update(text="", folded="")
    rename_conversation(conversation, conversation.owner, text)
    [row] = rows(membership, query)
    assert row.excerpt is None


@pytest.mark.django_db
@pytest.mark.parametrize(("text", "query"), MISSED.values(), ids=list(MISSED))
def test_it_finds_nothing_else(conversation, membership, text, query):
    Message.objects.update(text=text, folded=fold(text))
    assert rows(membership, query) == []


@pytest.mark.django_db
def test_everything_that_is_written_can_be_found(workspace, alice, endpoint, membership):
    from chat.flows.build_request import Choice

    run = start_conversation(workspace, alice, "Der ERSTE Prompt", Choice(endpoint, {}), uuid.uuid4())
    answer = Answer()
    for event in (TextDelta("Die ÁNTWORT."), TextDelta("Zweite WÁHL", 1), Finished("stop")):
        answer.apply(event)
    assert finish_run(run, Outcome(Run.Status.FINISHED, answer), fence=0)
    rename_conversation(run.thread, alice, "Neuer TÍTEL")

    for query in ("erste prompt", "die antwort", "wahl", "neuer titel"):
        assert [row.code for row in rows(membership, query)] == [run.thread.code], query
    assert rows(membership, "der erste prompt die") == []


@pytest.mark.django_db
def test_the_page_shows_the_words_around_a_hit(alice, client_for, conversation, workspace):
    text = "Before it. " * 9 + "The <b>Éclair</b> \u202eof\n\nParis is baked " + "long after. " * 20
    Message.objects.filter(pk=conversation.head_id).update(text=text, folded=fold(text))
    url = reverse("chat:search", args=[workspace.slug])
    page = client_for(alice).get(url, {"q": "eclair"}).content.decode()

    [shown] = re.findall(r'<span class="sidebar-excerpt"\s+dir="auto">(.*?)</span>', page)
    assert shown.startswith("…it. Before it. ")
    assert "The &lt;b&gt;<mark>Éclair</mark>&lt;/b&gt; of Paris is baked long after." in shown
    assert shown.endswith("…")
    assert "<mark>" not in client_for(alice).get(url).content.decode()


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("short", "SHORT", "[short]"),
        ("a Straße b", "strasse", "a [Straße] b"),
        ("x" * 500 + " cafe\u0301", "café", "…" + "x" * 35 + " [cafe\u0301]"),
        ("İİİİ ışık", "ışık", "İİİİ [ışık]"),
        ("한국어를 배웁니다", "국어", "한[국어]를 배웁니다"),
        ("ﾊﾟｿｺﾝを買う", "パソコン", "[ﾊﾟｿｺﾝ]を買う"),
        ("one\n\n two", "one two", "[one two]"),
        ("not here", "absent", None),
    ],
)
def test_a_hit_is_shown_as_it_was_written(text, query, expected):
    words = words_of(query)
    found = told([excerpt(text, words, fold(text).find(words))])

    assert found == ([expected] if expected else [])


@pytest.mark.django_db
def test_strangers_conversations_are_not_found(workspace, conversation, alice, bob, membership):
    Message.objects.filter(pk=conversation.head_id).update(text="geheim", folded="geheim")
    theirs = bob.memberships.get(workspace=workspace)

    assert rows(theirs, "geheim") == []
    Conversation.objects.update(workspace_access=Access.WRITE)
    assert len(rows(theirs, "geheim")) == 1


@pytest.mark.django_db
def test_its_cost_is_bounded(conversation, membership, monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(search, "MOST_MESSAGES", 3)
    Message.objects.bulk_create(
        Message(conversation=conversation, role="user", text=f"Wort {number}") for number in range(5)
    )

    # The oldest of the messages are not read; titles always are.
    assert rows(membership, "wort 1") == []
    with django_assert_max_num_queries(6):
        assert len(rows(membership, "wort 2")) == 1
    rename_conversation(conversation, conversation.owner, "Wort 1")
    assert len(rows(membership, "wort 1")) == 1


def test_only_the_beginning_of_a_huge_message_is_folded():
    from chat.folding import folded_message

    assert len(folded_message("x" * (MAX_FOLDED + 5), {})) == MAX_FOLDED


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "   ", "\u200b", "\0", "\u0301", "\n"])
def test_a_blank_query_lists_all(conversation, membership, query):
    assert len(rows(membership, query)) == 1


@pytest.mark.django_db
def test_pages_do_not_read_the_folded_text(conversation):
    assert "folded" in conversation.messages.first().get_deferred_fields()
