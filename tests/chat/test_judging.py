"""Hidden names, choices with their results, and word differences."""

from __future__ import annotations

import pytest
from django.urls import reverse

from chat.columns import get_comparison_for
from chat.exceptions import ConversationGone, NothingToChoose
from chat.flows.add_column import add_column
from chat.flows.choose_answer import choose_answer
from chat.flows.delete_conversation import delete_conversation
from chat.flows.finish_run import Outcome, finish_run
from chat.flows.hide_names import hide_names, show_names
from chat.flows.share_with_workspace import share_with_workspace
from chat.models import Access, AnswerChoice, Conversation, Run
from chat.pages.choices import results_in
from chat.pages.difference import difference_context
from playground.upstream.answer import Answer
from playground.upstream.events import Finished, TextDelta
from tests.chat.comparing import columns_of, compare, send

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("Demo Plain", "Demo Markdown", "demo/plain", "demo/markdown")


@pytest.fixture
def entry(workspace, alice, catalogue) -> Conversation:
    return compare(workspace, alice, 2)


def answer(entry: Conversation, user, *texts: str) -> None:
    for run, text in zip(send(entry, user), texts, strict=True):
        given = Answer()
        for event in (TextDelta(text), Finished("stop")):
            given.apply(event)
        assert finish_run(run, Outcome(Run.Status.FINISHED, given), fence=0)


def page(client, entry: Conversation) -> str:
    return str(client.get(reverse("chat:comparison", args=[entry.code])).text)


def test_hidden_names_are_on_no_message_and_in_no_panel(entry, alice, client_for):
    answer(entry, alice, "One answer.", "Another answer.")
    client = client_for(alice)
    assert all(name in page(client, entry) for name in NAMES[:2])

    client.post(reverse("chat:blind", args=[entry.code]), {"on": "yes"})

    html = page(client, entry)
    for part in html.split('<article class="message assistant"')[1:]:
        assert not any(name in part.split("</article>")[0] for name in NAMES)
    panel = html.split('id="column-settings"')[1].split('id="inspector"')[0]
    assert "Names are hidden" in panel
    assert not any(name in panel for name in NAMES)
    assert "figures" not in html or "Demo Plain" not in html.split("figures-place")[1].split("</details>")[0]
    assert "<td" not in client.get(reverse("chat:figures", args=[entry.code])).text

    client.post(reverse("chat:blind", args=[entry.code]), {"on": ""})
    assert all(name in page(client, entry) for name in NAMES[:2])


def test_a_column_that_is_added_while_names_are_hidden_hides_its_own(entry, alice):
    hide_names(entry, alice)
    entry.refresh_from_db()

    assert add_column(entry, alice, None).is_blind
    show_names(entry, alice)
    assert not Conversation.objects.filter(is_blind=True).exists()


def test_a_choice_is_kept_with_its_note_and_shows_the_names(entry, alice, client_for):
    answer(entry, alice, "One answer.", "Another answer.")
    hide_names(entry, alice)
    chosen = Conversation.objects.get(column_of=entry, model__model_id="demo/markdown")

    url = reverse("chat:choose_answer", args=[chosen.code])
    client_for(alice).post(url, {"note": "It <b>is</b> short."})

    kept = AnswerChoice.objects.get()
    assert (kept.model_id, kept.was_blind, kept.user) == ("demo/markdown", True, alice)
    assert kept.among == [["demo", "demo/markdown"], ["demo", "demo/plain"]]
    assert not Conversation.objects.filter(is_blind=True).exists()
    html = client_for(alice).get(reverse("chat:results_of_comparison", args=[entry.code])).text
    assert "It &lt;b&gt;is&lt;/b&gt; short." in html
    assert "names hidden" in html


def test_results_count_the_choices_in_which_a_model_took_part(workspace, entry, alice):
    for _ in range(3):
        answer(entry, alice, "One answer.", "Another answer.")
        choose_answer(columns_of(entry)[0], alice, "")
    choose_answer(columns_of(entry)[1], alice, "")

    found = [(result.name, result.chosen, result.of, result.percent) for result in results_in(workspace)]
    assert found == [("Demo Plain", 3, 4, 75), ("Demo Markdown", 1, 4, 25)]

    delete_conversation(entry, alice)
    Conversation.with_deleted.all().delete()
    assert [result.chosen for result in results_in(workspace)] == [3, 1]


def test_nothing_is_chosen_without_an_answer(entry, alice, workspace):
    column = columns_of(entry)[0]
    with pytest.raises(NothingToChoose):
        choose_answer(column, alice, "")
    send(entry, alice)
    with pytest.raises(NothingToChoose):
        choose_answer(column, alice, "")
    delete_conversation(entry, alice)
    with pytest.raises(ConversationGone):
        choose_answer(column, alice, "")
    assert not AnswerChoice.objects.exists()


def test_a_reader_sees_results_and_differences_and_chooses_nothing(entry, alice, bob, carol, client_for):
    answer(entry, alice, "One answer.", "Another answer.")
    share_with_workspace(entry, alice, Access.READ)
    for name in ("results_of_comparison", "difference"):
        url = reverse(f"chat:{name}", args=[entry.code])
        assert client_for(bob).get(url).status_code == 200
        assert client_for(carol).get(url).status_code == 404
    choose = reverse("chat:choose_answer", args=[columns_of(entry)[0].code])
    assert client_for(bob).post(choose, {}).status_code == 403
    assert client_for(alice).post(choose, {"note": "x" * 501}).status_code == 400
    assert not AnswerChoice.objects.exists()


def test_the_difference_is_by_words_and_escaped(entry, alice, client_for):
    answer(entry, alice, "A red <b>car</b>.", "A blue <b>car</b>.")
    first, second = columns_of(entry)
    url = reverse("chat:difference", args=[entry.code])

    html = client_for(alice).get(url).text
    assert "<del>red</del><ins" in html
    assert ">blue</ins>" in html
    assert "&lt;b&gt;car&lt;/b&gt;" in html
    other = client_for(alice).get(url, {"before": second.code, "after": first.code}).text
    assert "<del>blue</del>" in other
    assert client_for(alice).get(url, {"before": "nonsense", "after": entry.code}).status_code == 200


def test_very_long_answers_are_compared_up_to_a_bound(entry, alice):
    answer(entry, alice, "one two " * 60_000, "three four " * 60_000)

    found = difference_context(get_comparison_for(alice, entry.code), ["One", "Two"], "", "")

    assert found["is_cut"]
    assert sum(len(piece.text) for piece in found["pieces"]) <= 2 * 60_000


def test_without_two_answers_there_is_no_difference(entry, alice, client_for):
    html = client_for(alice).get(reverse("chat:difference", args=[entry.code])).text
    assert "once both columns have a finished answer" in html
