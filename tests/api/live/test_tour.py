"""The tour in docs/api.md, run as it is written."""

import json
import os
import re
import signal
import subprocess
from contextlib import suppress

import pytest

from apps.chats.models import Chat, Message
from chatproject.run.data_dir import CHECKOUT
from tests.support.live import database
from tests.support.workers import workers

__all__ = ["workers"]
PAGE = (CHECKOUT / "docs/api.md").read_text()
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def toured(one_server, alice_and_bob, workers, tmp_path):
    """The tour's standard output; its files are in `tmp_path`."""
    workers.files()
    workers.beat()  # a wake-up is lost while the worker starts
    script = "set -euo pipefail\n" + "\n".join(BLOCKS)
    environment = {"PATH": os.environ["PATH"], "SITE": one_server.url, "NO_PROXY": "*"}
    process = subprocess.Popen(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=100)
    finally:
        with suppress(ProcessLookupError):  # the tour left no process behind
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, output
    return output


def test_the_tour_does_what_it_says(toured, alice_and_bob, tmp_path):
    alice, _ = alice_and_bob
    assert toured == "precondition_failed\n"
    message = json.loads((tmp_path / "message.json").read_text())
    assert message["text"] == "Hello from the tour"
    received = (tmp_path / "received.txt").read_text()
    assert '"type":"message"' in received
    assert message["id"] in received
    sent = json.loads((tmp_path / "sent.json").read_text())
    assert [file["name"] for file in sent["files"]] == ["menu.txt"]

    def stored():
        sent = Message.objects.filter(sender_id=alice.id, text="Hello from the tour").count()
        titles = Chat.objects.filter(members__user=alice, kind="group").values_list("title")
        return sent, list(titles)

    assert database(stored) == (1, [("The tour",)])
