"""The core's modules and the tests that have to notice a fault in each."""

from __future__ import annotations

_CHAT, _PLAYGROUND, _ACCOUNTS = "tests/chat/test_", "tests/playground/test_", "tests/accounts/test_"


def _tests(folder: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{folder}{name}.py" for name in names)


_READING = _tests(
    _PLAYGROUND,
    "normalise",
    "normalise_dialects",
    "recordings_of_our_own",
    "tool_calls",
    "think",
    "accounting",
    "lost_pieces",
    "error_envelopes",
)

# The quickest tests come first: the first failure kills a mutant.
SUBJECTS: dict[str, tuple[str, ...]] = {
    "chat/flows/claim_runs.py": _tests(_CHAT, "claim_runs", "queue"),
    "chat/flows/finish_run.py": _tests(_CHAT, "finish_run", "endings", "keep_media", "single_runs"),
    "chat/flows/reap_runs.py": _tests(_CHAT, "reap_runs", "endings"),
    "chat/flows/checkpoint_runs.py": _tests(_CHAT, "checkpoint_runs", "reap_runs"),
    "chat/flows/open_run.py": _tests(_CHAT, "open_run", "single_runs", "send"),
    "chat/billing.py": _tests(_CHAT, "billing", "endings"),
    "chat/live/run.py": _tests(_CHAT, "live_run", "live", "following", "answer_parts"),
    "chat/live/merging.py": _tests(_CHAT, "merging", "live"),
    "accounts/ledger/booking.py": _tests(_ACCOUNTS, "ledger", "ledger_audit"),
    "accounts/ledger/windows.py": _tests(_ACCOUNTS, "ledger", "ledger_audit", "limits_page"),
    "accounts/vault.py": _tests(_ACCOUNTS, "vault"),
    "playground/upstream/sse.py": _tests(_PLAYGROUND, "sse", "lost_pieces", "normalise"),
    "playground/upstream/dialects/chat_completions/read.py": _READING,
    "playground/upstream/dialects/shared/reading/normaliser.py": _READING,
    "playground/upstream/dialects/shared/reading/tool_calls.py": (f"{_PLAYGROUND}tool_calls.py", *_READING),
    "playground/upstream/dialects/shared/reading/think.py": (f"{_PLAYGROUND}think.py", *_READING),
    "playground/upstream/answer.py": (
        *_tests(_PLAYGROUND, "answer", "normalise", "recordings_of_our_own"),
        *_tests(_CHAT, "answer_parts", "finish_run"),
    ),
    "playground/parameters/schema/output_length.py": _tests(
        _PLAYGROUND, "pricing", "dialects", "longer_limit"
    ),
}
