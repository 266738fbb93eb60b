from __future__ import annotations

import random

from playground.demo.voice import Voice

WORDS = ("first", "second", "third", "fourth", "fifth")


def draw(times: int = 400, **settings) -> list[str]:
    voice = Voice(random.Random(5), **settings)
    return [voice.pick(WORDS) for _ in range(times)]


def test_it_says_the_likeliest_at_temperature_zero():
    assert set(draw(temperature=0)) == {"first"}


def test_it_varies_more_when_it_is_hotter():
    cold, hot = draw(temperature=0.2), draw(temperature=2)
    assert cold.count("first") > hot.count("first") > 0
    assert set(hot) == set(WORDS)


def test_it_drops_the_tail_that_top_p_leaves_out():
    assert set(draw(temperature=1, top_p=0.01)) == {"first"}
    assert "fifth" not in draw(temperature=1, top_p=0.6)


def test_it_avoids_what_was_said_before():
    again = draw(temperature=0, times=5, presence_penalty=2)
    assert len(set(again)) == 5
    assert draw(temperature=0, times=5) == ["first"] * 5


def test_it_counts_how_often_for_the_frequency_penalty():
    assert len(set(draw(temperature=0, times=4, frequency_penalty=0.5))) > 1
    assert set(draw(temperature=0, times=40, frequency_penalty=-2)) == {"first"}


def test_it_bans_and_prefers_words():
    assert "first" not in draw(temperature=0.7, bias={"first": -100})
    assert set(draw(temperature=0, bias={"Fifth": 100})) == {"fifth"}


def test_it_repeats_itself_with_the_same_dice():
    assert draw(temperature=1.3) == draw(temperature=1.3)


def test_it_chooses_several_without_repeating():
    chosen = Voice(random.Random(1), temperature=2).several(WORDS, 9)
    assert sorted(chosen) == sorted(WORDS)
