"""Our count of tokens, what is learned of a model, and how much of an answer is held."""

from __future__ import annotations

import doctest
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.estimating import attachments, counting, statistics
from playground.estimating.counting import MOST_PER_BYTE, beginning, count, script_of, tokens_of
from playground.estimating.sizing import GENEROUS, LEAST_OUTPUT, UNKNOWN_LONGEST, Size, Wish, size
from playground.estimating.statistics import UNKNOWN, Statistics, bucket_of


def test_the_examples_are_true():
    assert [doctest.testmod(each).failed for each in (attachments, counting, statistics)] == [0, 0, 0]


# --- counting ---


@pytest.mark.parametrize(
    ("text", "bytes_per_token", "script"),
    [
        ("The quick brown fox jumps over the lazy dog, and then it sleeps. ", (4, 5), "latin"),
        ("Die Verwaltung der Arbeitsgruppe überprüft die Größe der Veröffentlichung. ", (4, 5), "latin"),
        ("def f(x: int) -> int:\n    return sum(i * 2 for i in range(x))\n", (3, 4), "symbols"),
        ('{"name": "get_weather", "parameters": {"type": "object"}}', (2.4, 3.2), "symbols"),
        ("我们今天讨论如何在数据库中保存这些对话。", (3, 5), "asian"),
        ("私たちは今日、会話をデータベースに保存する方法について話します。", (3, 5), "asian"),
        ("오늘 우리는 대화를 저장하는 방법에 대해 이야기합니다. ", (3, 5), "asian"),
        ("نناقش اليوم كيفية حفظ المحادثات في قاعدة البيانات. ", (4, 6), "arabic"),
        ("Сегодня мы обсуждаем, как хранить разговоры в базе данных. ", (4, 6), "cyrillic"),
        ("आज हम बातचीत को सहेजने के तरीके पर चर्चा करते हैं। ", (4, 7), "indic"),
        ("🎉🎊", (1, 3), "symbols"),
    ],
)
def test_each_script_has_about_its_usual_tokens(text, bytes_per_token, script):
    least, most = bytes_per_token
    assert least <= len((text * 9).encode()) / tokens_of(text * 9) <= most
    assert script_of(text * 9) == script


def test_messages_count_by_their_texts_and_not_by_how_they_are_written():
    plain = count([{"role": "user", "content": "Hello there"}])
    parts = count([{"role": "user", "content": [{"type": "text", "text": "Hello there"}]}])
    assert plain == parts
    assert count([{"role": "user", "content": "Hello there"}] * 3).tokens == pytest.approx(3 * plain.tokens)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, 0),
        ([], 0),
        ({"type": "image_url", "image_url": {"url": "data:," + "A" * 9999}}, 0),
        ({"a": 1}, 1 + 0.25 + 0.42),
        ([True, 3.5], 4 * 0.25 + 2 * 0.42 + 0.6),
    ],
)
def test_values_of_json_count(value, expected):
    assert count(value).tokens == pytest.approx(expected, abs=0.01)


@given(st.text(), st.text())
def test_counts_add_up_and_have_a_bound(one, other):
    assert tokens_of(one + other) == pytest.approx(tokens_of(one) + tokens_of(other))
    # Sums of fractions are off by a little.
    assert tokens_of(one) <= MOST_PER_BYTE * len(one.encode("utf-8", "replace")) + 1e-9


def test_long_texts_are_counted_in_pieces():
    for text in ("word " * 9_999, "汉字🎉" * 5_000, "e" * 1_023 + "é"):
        assert tokens_of(text) == pytest.approx(sum(map(tokens_of, text)))


@given(st.text(max_size=60), st.floats(0, 30))
def test_a_beginning_is_as_long_as_it_may_be(text, tokens):
    found = beginning(text, tokens)
    assert text.startswith(found)
    assert tokens_of(found) <= tokens
    assert found == text or tokens_of(text[: len(found) + 1]) > tokens


# --- what is learned ---


def learned(rates=(), lengths=(), script="latin") -> Statistics:
    found = Statistics()
    for rate in rates:
        found.add_input(script, 1_000, round(1_000 * rate))
    for length in lengths:
        found.add_length(length)
    return found


def test_nothing_learned_is_what_is_usual():
    rate = UNKNOWN.rate("latin")
    assert (rate.mean, UNKNOWN.hides_reasoning) == (1.0, None)
    assert 1.2 < rate.margin < 1.3
    assert UNKNOWN.length(0.5, reasons=False) < UNKNOWN.length(0.5, reasons=True)
    assert 250 < UNKNOWN.length(0.5, reasons=False) < 350 < 3_000 < UNKNOWN.length(0.99, reasons=False)


def test_a_tokeniser_is_learned_with_how_much_it_varies():
    steady, varied = learned([1.4] * 40).rate("latin"), learned([1.0, 1.8] * 20).rate("latin")
    assert steady.mean == pytest.approx(1.4, abs=0.05)
    assert varied.mean == pytest.approx(1.4, abs=0.05)
    assert steady.margin < 1.15 < varied.margin
    # Another script is expected to be counted likewise, less certainly.
    other = learned([1.4] * 40).rate("asian")
    assert 1.2 < other.mean <= 1.4
    assert other.margin > steady.margin


def test_newer_answers_count_more():
    found = learned([1.0] * 400 + [2.0] * 400, [100] * 800 + [3_000] * 1_200)
    assert found.rate("latin").mean > 1.8
    assert found.length(0.5, reasons=False) > 2_500
    assert found.rates["latin"][0] <= statistics.MOST_RATES + 1
    assert sum(found.lengths.values()) <= statistics.MOST_LENGTHS + 1


def test_quantiles_of_lengths_are_right_to_a_fifth():
    dice = random.Random(3)
    lengths = [round(dice.lognormvariate(6, 0.8)) for _ in range(400)]
    found = learned(lengths=lengths)
    for share in (0.25, 0.5, 0.9):
        expected = sorted(lengths)[int(share * 400)]
        assert found.length(share, reasons=False) == pytest.approx(expected, rel=0.25)


@pytest.mark.parametrize("counted", [0, -1, 10**9])
@pytest.mark.parametrize("reported", [0, -1, 1, 10**15])
def test_no_report_makes_it_absurd(counted, reported):
    found = Statistics()
    found.add_input("latin", counted, reported)
    found.add_length(max(0, reported))
    assert 0.4 <= found.rate("latin").mean <= 4
    assert found.length(0.99, reasons=True) >= 0
    assert bucket_of(max(0, reported)) in range(96)


@pytest.mark.parametrize(("hidden", "expected"), [(0, False), (1, False), (5, True), (10, True)])
def test_hidden_reasoning_is_learned(hidden, expected):
    found = Statistics()
    for number in range(10):
        found.add_reasoning(is_hidden=number < hidden)
    assert found.hides_reasoning is expected


def test_it_is_the_same_once_stored():
    found = learned([1.2, 1.3], [5, 500, 5_000])
    found.add_reasoning(is_hidden=True)
    assert Statistics.of(json.loads(json.dumps(found.as_json()))) == found
    assert Statistics.of({}) == UNKNOWN


# --- how much is held ---

STREAM = Wish(first=300, bound=5_000, longest=100_000, sendable_from=1)
WHOLE = Wish(first=300, bound=5_000, longest=100_000, can_stop=False, sendable_from=1)
ASKED = Wish(first=300, bound=1_000, longest=1_000, is_asked=True, sendable_from=1)


@pytest.mark.parametrize(
    ("wish", "left", "expected"),
    [
        # Without a limit nothing is sent.
        (STREAM, None, Size(300)),
        (WHOLE, None, Size(5_000)),
        # A stream holds what is usual, and is sent what is left if the model could write more.
        (STREAM, 10**9, Size(300)),
        (STREAM, 100_000, Size(300)),
        (STREAM, 99_999, Size(300, 99_999)),
        (STREAM, 300, Size(300, 300)),
        (STREAM, 200, Size(200, 200)),
        (STREAM, LEAST_OUTPUT, Size(LEAST_OUTPUT, LEAST_OUTPUT)),
        # Below the least it asks for more than there is, and is refused.
        (STREAM, LEAST_OUTPUT - 1, Size(LEAST_OUTPUT)),
        (STREAM, -50, Size(LEAST_OUTPUT)),
        (Wish(3, 3, 3, is_asked=True), 2, Size(3)),
        # Nothing is sent where nothing can be.
        (Wish(300, 5_000, 100_000), 200, Size(200)),
        (Wish(300, 5_000, 100_000, sendable_from=1_024), 1_000, Size(300)),
        (Wish(300, 5_000, 100_000, sendable_from=1_024), 1_024, Size(300, 1_024)),
        (Wish(300, 5_000, None, sendable_from=1), UNKNOWN_LONGEST, Size(300)),
        (Wish(300, 5_000, None, sendable_from=1), 50_000, Size(300, 50_000)),
        # A length that was asked for is held as far as it is usual, or refused.
        (ASKED, 1_000, Size(300)),
        (ASKED, 999, Size(300, 999)),
        (ASKED, 299, Size(300)),
        (Wish(300, 50, 50, is_asked=True, sendable_from=1), 49, Size(50)),
        # An answer that cannot be stopped holds the length that is sent.
        (WHOLE, 10**9, Size(20_000, 20_000)),
        (WHOLE, 150_000, Size(5_000, 5_000)),
        (WHOLE, 3_000, Size(3_000, 3_000)),
        (WHOLE, 10, Size(LEAST_OUTPUT, LEAST_OUTPUT)),
        (Wish(300, 5_000, 4_000, can_stop=False, sendable_from=1), 10**6, Size(4_000)),
        (Wish(300, 1_000, 10**6, can_stop=False, sendable_from=1), 10**6, Size(GENEROUS, GENEROUS)),
        (Wish(300, 5_000, 100_000, can_stop=False), 3_000, Size(5_000)),
        (Wish(300, 8_000, 8_000, is_asked=True, can_stop=False, sendable_from=1), 7_999, Size(8_000)),
    ],
)
def test_a_hold_is_what_is_usual_and_left(wish, left, expected):
    assert size(wish, left) == expected


@given(
    st.builds(
        Wish,
        first=st.integers(1, 10**4),
        bound=st.integers(1, 10**4),
        longest=st.none() | st.integers(1, 10**6),
        is_asked=st.booleans(),
        can_stop=st.booleans(),
        sendable_from=st.none() | st.integers(1, 2_000),
    ),
    st.integers(-10, 10**6),
)
def test_what_is_sent_never_exceeds_what_is_left_and_what_is_whole_is_covered(wish, left):
    found = size(wish, left)
    assert found.held > 0
    if found.held <= left and found.sent is not None:
        assert wish.sendable_from is not None
        assert found.sent >= wish.sendable_from or not wish.can_stop
        assert found.held <= found.sent <= left
        assert wish.can_stop or found.sent == found.held
