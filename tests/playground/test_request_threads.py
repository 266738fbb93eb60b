from __future__ import annotations

import threading
from concurrent.futures import wait

import pytest
from django.db import connections

from playground.request_threads import RequestThreads


def test_one_request_after_the_other_has_the_same_thread():
    threads = RequestThreads()
    used = {threads.submit(threading.current_thread).result(20) for _ in range(3)}
    threads.end_idle()
    assert len(used) == 1 and threads.count == 0


def test_it_starts_a_thread_while_the_others_are_busy_and_no_more_than_allowed():
    threads = RequestThreads(most=2)
    go_on, both = threading.Event(), threading.Barrier(3)

    def busy() -> threading.Thread:
        both.wait(20)
        go_on.wait(20)
        return threading.current_thread()

    jobs = [threads.submit(busy) for _ in range(2)]
    both.wait(20)
    third = threads.submit(threading.current_thread)
    assert threads.count == 2 and not third.done()

    go_on.set()
    assert third.result(20) in {job.result(20) for job in jobs}


def test_the_thread_that_was_busy_last_has_the_next_job():
    threads = RequestThreads()
    both = threading.Barrier(2)

    def together() -> threading.Thread:
        both.wait(20)
        return threading.current_thread()

    wait([threads.submit(together) for _ in range(2)], 20)
    last = threads.submit(threading.current_thread).result(20)
    assert {threads.submit(threading.current_thread).result(20) for _ in range(5)} == {last}


def test_a_thread_without_work_ends_with_its_connections(monkeypatch):
    closed = []
    monkeypatch.setattr(connections, "close_all", lambda: closed.append(threading.current_thread()))
    threads = RequestThreads(idle_seconds=0)
    used = threads.submit(threading.current_thread).result(20)
    used.join(20)
    assert closed == [used] and threads.count == 0

    again = threads.submit(threading.current_thread).result(20)
    assert again is not used


def test_an_error_reaches_who_waits_and_the_thread_goes_on():
    threads = RequestThreads()

    def fail() -> None:
        raise LookupError("nothing there")

    with pytest.raises(LookupError):
        threads.submit(fail).result(20)
    assert threads.submit(lambda: "next").result(20) == "next"
    threads.end_idle()


def test_a_job_that_nobody_waits_for_any_more_does_not_begin():
    threads = RequestThreads(most=1)
    go_on = threading.Event()
    begun: list[str] = []
    busy = threads.submit(go_on.wait, 20)
    waiting = threads.submit(begun.append, "begun")
    assert waiting.cancel()
    go_on.set()
    assert busy.result(20)
    assert threads.submit(lambda: begun).result(20) == []
