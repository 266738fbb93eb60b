"""The speed at which bytes of a stream become events, for each dialect. Prints ``name value unit`` lines.

python -m bench.parse --chunks 200000
"""

from __future__ import annotations

import argparse
import time
import tracemalloc
from collections.abc import Callable, Iterator

from bench.figures import report
from playground.upstream.answer import Answer
from playground.upstream.dialects.registry import normaliser_for
from playground.upstream.recording.raw_stream import RawStream
from playground.upstream.sse import SseParser

CHAT = (
    b'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,'
    b'"model":"bench-model","service_tier":"default","system_fingerprint":"fp_0","choices":[{"index":0,'
    b'"delta":{"%s":"token %d "},"logprobs":null,"finish_reason":null}],"usage":null}\n\n'
)
RESPONSES = (
    b"event: response.%s.delta\n"
    b'data: {"type":"response.%s.delta","sequence_number":%d,"item_id":"msg_68962ccfdaf48196b1d198c0b1eef",'
    b'"output_index":0,"content_index":0,"summary_index":0,"delta":"token ","logprobs":[],'
    b'"obfuscation":"aBcDeFgH"}\n\n'
)
MESSAGES = (
    b"event: content_block_delta\n"
    b'data: {"type":"content_block_delta","index":%d,"delta":{"type":"%s_delta","%s":"token %d "}}\n\n'
)
# Suffix of the figure's name; the endpoint, and a function that returns an event of the stream.
STREAMS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "": ("chat/completions", lambda number: CHAT % (b"content", number)),
    ".reasoning": ("chat/completions", lambda number: CHAT % (b"reasoning_content", number)),
    ".responses": ("responses", lambda number: RESPONSES % (b"output_text", b"output_text", number)),
    ".responses.reasoning": (
        "responses",
        lambda number: RESPONSES % (b"reasoning_summary_text", b"reasoning_summary_text", number),
    ),
    ".messages": ("messages", lambda number: MESSAGES % (0, b"text", b"text", number)),
    ".messages.reasoning": ("messages", lambda number: MESSAGES % (0, b"thinking", b"thinking", number)),
}
LONG_RUN = 100_000
# The limit of the product.
RAW_BYTES = 4 * 1024 * 1024


def stream(chunks: int, piece: Callable[[int], bytes], per_read: int) -> list[bytes]:
    """Return the chunks of one answer as a network delivers them, several events in a read."""
    pieces = [piece(number) for number in range(chunks)]
    return [b"".join(pieces[start : start + per_read]) for start in range(0, chunks, per_read)]


def cut(reads: list[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces that end anywhere."""
    whole = b"".join(reads)
    for start in range(0, len(whole), size):
        yield whole[start : start + size]


def chunks_per_second(endpoint: str, reads: list[bytes], chunks: int) -> float:
    parser, normaliser = SseParser(), normaliser_for(endpoint)
    deltas = 0
    started = time.process_time()
    for data in reads:
        for event in parser.feed(data):
            deltas += len(normaliser.feed(event))
    elapsed = time.process_time() - started
    if deltas < chunks:
        raise SystemExit(f"Only {deltas} of {chunks} chunks became events.")
    return chunks / elapsed


def held_bytes(endpoint: str, piece: Callable[[int], bytes], chunks: int) -> tuple[int, int]:
    """Return the most bytes held while an answer is read, without and with the answer itself."""
    parser, normaliser, answer = SseParser(), normaliser_for(endpoint), Answer()
    tracemalloc.start()
    most = 0
    for number in range(chunks):
        for event in parser.feed(piece(number)):
            for delta in normaliser.feed(event):
                answer.apply(delta)
        if number % 1_000 == 0:
            most = max(most, tracemalloc.get_traced_memory()[0])
    with_answer = max(most, tracemalloc.get_traced_memory()[0])
    answer = Answer()
    without = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return without, with_answer


def recorded(reads: list[bytes]) -> tuple[float, float]:
    """Measure the microseconds and the stored bytes of a recorded read."""
    raw = RawStream(RAW_BYTES, secret="sk-0123456789abcdef")
    started = time.process_time()
    for data in reads:
        raw.add(data)
    packed = raw.pack()
    return (time.process_time() - started) * 1e6 / len(reads), len(packed) / len(reads)


def main(words: list[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument(
        "--chunks", type=int, default=100_000, help="chunks of each stream (at most 2,000,000)"
    )
    count = min(max(arguments.parse_args(words).chunks, 1_000), 2_000_000)
    for name, (endpoint, piece) in STREAMS.items():
        single = stream(count, piece, 1)
        figure = f"parse.chunks_per_cpu_second{name}"
        report(figure, chunks_per_second(endpoint, single, count), "chunks/s")
        if not name.endswith("reasoning"):
            many = stream(count, piece, 20)
            report(f"{figure}.20_per_read", chunks_per_second(endpoint, many, count), "chunks/s")
            anywhere = list(cut(single, 1460))
            report(f"{figure}.cut_anywhere", chunks_per_second(endpoint, anywhere, count), "chunks/s")
    length = min(count, LONG_RUN)
    microseconds, stored = recorded(stream(length, STREAMS[""][1], 1))
    report("parse.recording.cpu_us_per_chunk", microseconds, "us")
    report("parse.recording.stored_bytes_per_chunk", stored, "bytes")
    for name in ("", ".responses", ".messages"):
        endpoint, piece = STREAMS[name]
        reading, whole = held_bytes(endpoint, piece, length)
        report(f"parse.memory_of_{length}_tokens{name}.reader", reading / 1024, "kB")
        report(f"parse.memory_of_{length}_tokens{name}.reader_and_answer", whole / 1024, "kB")


if __name__ == "__main__":
    main()
