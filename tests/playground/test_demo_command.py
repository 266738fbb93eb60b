from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.scripted_upstream import chat_body, payloads

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def process(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo_upstream", "--port", "0", "--rate", "0", "--key", "sk-command"],
        cwd=ROOT,
        env={**os.environ, "DATA_DIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield process
        process.kill()


def test_it_serves_until_it_is_asked_to_stop(process):
    found = re.search(r"http://\S+", process.stdout.readline())
    assert found
    headers = {"Authorization": "Bearer sk-command"}
    body = chat_body("demo/slow", stream=True)
    response = httpx.post(found[0] + "/chat/completions", json=body, headers=headers, timeout=10)
    assert len(payloads(response.content)) > 50
    assert httpx.post(found[0] + "/chat/completions", json=body).status_code == 401
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
