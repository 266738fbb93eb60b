"""Third-party servers with their pinned packages."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

CHAT, RESPONSES, MESSAGES = "chat/completions", "responses", "messages"


@dataclass(frozen=True)
class Server:
    name: str
    requirements: tuple[str, ...]
    # Words in braces: {bin} and {folder} of the environment, {inside}, {port}, {upstream} of another server.
    command: tuple[str, ...]
    endpoints: tuple[str, ...]
    # The id that the server gives its model.
    model: str
    # Scripts of the folder "inside" with their arguments, run once after the installation.
    prepare: tuple[str, ...] = ()
    # Configuration files by name. {upstream} is replaced.
    files: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    ready: str = "/v1/models"
    key: str = ""
    # Server whose address this one forwards to.
    behind: str = ""
    lists_models: bool = True
    # Tools are answered with a call, as the mock servers do. Random models seldom do.
    calls_tools: bool = False
    # Text that makes the server fail, and words that its error holds.
    failing: tuple[str, str] | None = None
    # Streams break at random, so that a call may come without its name.
    is_faulty: bool = False
    # Answers are slow enough to be stopped.
    can_be_stopped: bool = False


_KEY = f"sk-{secrets.token_hex(16)}"

SERVERS = (
    Server(
        name="llama.cpp",
        requirements=("xllamacpp==2026.10.11549", "gguf==0.19.0"),
        prepare=("tiny_gguf.py tiny.gguf",),
        command=("{bin}/python", "{inside}/serve_llama_cpp.py", "tiny.gguf", "{port}"),
        endpoints=(CHAT, RESPONSES, MESSAGES),
        model="tiny.gguf",
        failing=("a long text " * 200, "context"),
    ),
    Server(
        name="transformers",
        requirements=("torch==2.13.0", "transformers[serving]==5.24.0"),
        prepare=("tiny_transformer.py tiny",),
        command=(
            "{bin}/transformers",
            "serve",
            "tiny",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
            "--device",
            "cpu",
        ),
        endpoints=(CHAT, RESPONSES),
        model="tiny",
    ),
    Server(
        name="litellm",
        requirements=("litellm[proxy]==1.106.12",),
        command=("{bin}/litellm", "--config", "config.yaml", "--host", "127.0.0.1", "--port", "{port}"),
        files={
            "config.yaml": (
                "model_list:\n"
                "  - model_name: tiny\n"
                "    litellm_params: {model: openai/tiny, api_base: '{upstream}/v1', api_key: none}\n"
            )
        },
        environment={"LITELLM_MASTER_KEY": _KEY},
        key=_KEY,
        ready="/health/liveliness",
        endpoints=(CHAT, RESPONSES, MESSAGES),
        model="tiny",
        behind="llama.cpp",
        failing=("a long text " * 200, "context"),
    ),
    Server(
        name="llmock",
        requirements=("llmock==0.2.2",),
        command=(
            *("{bin}/llmock", "serve", "--host", "127.0.0.1", "--port", "{port}"),
            *("--response-style", "varied", "--context-window", "2000", "--stream-chunk-delay-ms", "20"),
        ),
        endpoints=(CHAT, RESPONSES),
        model="gpt-4o",
        calls_tools=True,
        failing=("a long text " * 1000, "context"),
        can_be_stopped=True,
    ),
    Server(
        name="llmock-faults",
        requirements=("llmock==0.2.2",),
        command=(
            *("{bin}/llmock", "serve", "--host", "127.0.0.1", "--port", "{port}"),
            *("--response-style", "varied", "--stream-fault", "truncate=0.3"),
            *("--stream-fault", "malformed=0.3", "--stream-fault", "disconnect=0.3"),
        ),
        endpoints=(CHAT, RESPONSES),
        model="gpt-4o",
        is_faulty=True,
    ),
    Server(
        name="fakellm",
        requirements=("fakellm==0.3.5",),
        command=("{bin}/fakellm", "serve", "--port", "{port}", "--config", "fakellm.yaml"),
        files={
            "fakellm.yaml": (
                "version: 1\n"
                "defaults: {fallback: deterministic_echo}\n"
                "rules:\n"
                "  - name: greeting\n"
                "    when: {messages_contain: 'hello'}\n"
                "    respond: {content: 'Hi there.'}\n"
            )
        },
        ready="/_fakellm/stats",
        endpoints=(CHAT, MESSAGES),
        model="any",
        lists_models=False,
    ),
    Server(
        name="mockllm",
        requirements=("mockllm==0.0.8",),
        command=(
            "{bin}/mockllm",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            "{port}",
            "--responses",
            "answers.yml",
        ),
        files={
            "answers.yml": (
                "responses:\n  'hello': 'Hello. I am a mock.'\n"
                "defaults:\n  unknown_response: 'I do not know this one.'\n"
                "settings:\n  lag_enabled: false\n  lag_factor: 1\n"
            )
        },
        endpoints=(CHAT, MESSAGES),
        model="gpt-4",
        lists_models=False,
    ),
)
