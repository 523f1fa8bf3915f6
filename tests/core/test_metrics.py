"""/metrics: readable by Prometheus only."""

import os
import socket
import subprocess
from pathlib import Path

import httpx
import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.parser import text_string_to_metric_families

from apps.notifications.models import Push
from chatproject import worker_metrics
from chatproject.counters import MULTIPROCESS_DIR, counters
from tests.support.people import direct_chat
from tests.support.ports import free_port

pytestmark = pytest.mark.django_db
TOKEN = "a token of the operator's"


def families(text):
    """The families of a response, by name."""
    return {family.name: family for family in text_string_to_metric_families(text)}


def scraped(**request):
    answer = Client().get("/metrics", **request)
    if answer.status_code != 200:
        return answer.status_code
    return {
        (one.name, *one.labels.values()): one.value
        for family in families(answer.content.decode()).values()
        for one in family.samples
    }


def test_local_programs_can_read_the_counts_of_pushes(alice, bob):
    chat = direct_chat(alice, bob)
    Push.objects.create(
        user=bob,
        chat_id=chat,
        first_seq=1,
        last_seq=1,
        state="skipped",
        reason="muted",
        open=False,
        **dict.fromkeys(("created_at", "due_at", "newest_due_at"), timezone.now()),
    )
    found = scraped(REMOTE_ADDR="127.0.0.1")
    assert found["parley_pushes", "skipped"] == 1
    assert found["parley_pushes", "sent"] == 0
    assert found["parley_sync_spans_compared_total",] >= 0
    assert found["parley_sync_spans_mismatched_total",] >= 0


@pytest.mark.parametrize(
    "request_",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "192.0.2.7"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=192.0.2.7"},
    ],
)
def test_other_clients_get_404(request_):
    assert scraped(**request_) == 404


def test_with_a_token_set_only_requests_with_it_are_answered(settings):
    settings.METRICS_TOKEN = TOKEN
    assert scraped(REMOTE_ADDR="127.0.0.1") == 404
    assert scraped(REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer another") == 404
    shown = scraped(REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert ("parley_pushes", "sent") in shown


@pytest.fixture
def worker_port(settings, monkeypatch, caplog):
    """The port of a worker that serves its metrics."""
    monkeypatch.setattr(worker_metrics, "MAX_REQUESTS", 2)
    settings.WORKER_METRICS_PORT, settings.METRICS_TOKEN = free_port(), TOKEN
    server = worker_metrics.start()
    yield settings.WORKER_METRICS_PORT
    try:
        raise BrokenPipeError
    except BrokenPipeError:
        server.handle_error(None, None)
    assert "BrokenPipe" not in caplog.text, "a client that goes away is no line"
    server.shutdown()
    server.server_close()


def test_a_worker_has_what_it_counts_for_programs_with_the_token(worker_port):
    url, token = f"http://127.0.0.1:{worker_port}/metrics", {"Authorization": f"Bearer {TOKEN}"}
    found = httpx.get(url, headers=token)
    assert "parley_webhook_deliveries_total" in found.text
    assert "parley_pushes{" not in found.text, "the stores are read by web processes"
    wrong = {"Authorization": "Bearer another"}
    asked = [httpx.get(url), httpx.get(url, headers=wrong), httpx.get(f"{url}x", headers=token)]
    assert [each.status_code for each in asked] == [404] * 3
    assert "Python" not in asked[0].headers["Server"]


def test_clients_that_say_nothing_take_no_more_threads_than_there_are(worker_port):
    silent = [socket.create_connection(("127.0.0.1", worker_port)) for _ in range(2)]
    with pytest.raises(httpx.TransportError):
        httpx.get(f"http://127.0.0.1:{worker_port}/metrics")
    for each in silent:
        each.close()


def test_counters_that_cannot_be_read_are_logged(worker_port, monkeypatch, caplog):
    def refuse():
        raise PermissionError("the folder of counters")

    monkeypatch.setattr(worker_metrics, "counters", refuse)
    with pytest.raises(httpx.TransportError):
        httpx.get(
            f"http://127.0.0.1:{worker_port}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}
        )
    assert "the folder of counters" in caplog.text


def test_a_request_to_a_worker_ends_within_a_time_limit(worker_port, monkeypatch):
    """Also one that goes on sending: a limit for each wait would start again with each byte."""
    monkeypatch.setattr(worker_metrics, "REQUEST_TIMEOUT_S", 0.2)
    monkeypatch.setattr(worker_metrics.Handler, "timeout", None)
    with socket.create_connection(("127.0.0.1", worker_port), timeout=20) as dribbling:
        dribbling.sendall(b"GET /met")
        assert dribbling.recv(1) == b""


def test_a_worker_without_a_port_works_without_metrics(worker_port, settings, caplog):
    assert worker_metrics.start() is None
    assert str(worker_port) in caplog.text
    settings.METRICS_TOKEN = ""
    assert worker_metrics.start() is None


def dead_pid():
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    return ended.pid


def counted(folder, pid, number):
    """A process has counted this."""
    for kind, suffix in (("counter", "_total"), ("histogram", "_sum")):
        file = MmapedDict(str(folder / f"{kind}_{pid}.db"))
        file.write_value(mmap_key(f"of_{kind}", f"of_{kind}{suffix}", [], [], "help"), number, 0.0)
        file.close()


def sums():
    read = {each.name: each.samples for each in families(counters().decode()).values()}
    return tuple(read[name][0].value for name in ("of_counter", "of_histogram"))


@pytest.mark.parametrize("killed_at", ["write_text", "rename", "unlink"])
def test_what_dead_processes_have_counted_is_in_one_file(tmp_path, monkeypatch, killed_at):
    """One that dies at each start would leave more files than can be read in time."""
    monkeypatch.setenv(MULTIPROCESS_DIR, str(tmp_path))
    for number in (1, 2, 4):
        counted(tmp_path, dead_pid(), number)
    counted(tmp_path, os.getpid(), 8)
    (tmp_path / f"counter_{dead_pid()}.db").touch()  # killed as it began

    plain = getattr(Path, killed_at)

    def killed(path, *arguments, **options):
        if path.exists() or killed_at == "write_text":
            raise KeyboardInterrupt
        plain(path, *arguments, **options)  # what does not exist is not deleted

    with monkeypatch.context() as until:
        until.setattr(Path, killed_at, killed)
        with pytest.raises(KeyboardInterrupt):
            counters()
    for number in (16, 32):
        assert sums() == (number - 1, number - 1)
        of = {f"{kind}_{pid}.db" for kind in ("counter", "histogram") for pid in (0, os.getpid())}
        assert {each.name for each in tmp_path.iterdir()} == of | {"lock"}
        counted(tmp_path, dead_pid(), number)
