"""Operators can follow one message through all processes, by traces, metrics and the log, without
reading a word of it."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from apps.core.metrics import METRICS
from apps.core.tracing import tracing
from apps.notifications.actions.sender import PushSender
from apps.notifications.actions.subscriptions import subscribe
from apps.notifications.models import Push
from chatproject.health.public_address import of_public_address
from tests.core.test_metrics import families
from tests.support.client import api
from tests.support.collector import collecting
from tests.support.live import database
from tests.support.people import session_of
from tests.support.pushes import service

__all__ = ["service"]
SOCKET_TEXT, HTTP_TEXT = "zyxomma by socket", "zyxomma by request"
TOKEN = "a token of the operator's"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture
def collector():
    with collecting() as collector:
        yield collector


@pytest.fixture
def processes(fresh_servers, collector, tmp_path):
    """Two servers that trace, share a folder of counters, and log all as JSON."""
    return fresh_servers(
        2,
        LOG_FORMAT="json",
        LOG_LEVEL="DEBUG",
        METRICS_TOKEN=TOKEN,
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint,
        OTEL_BSP_SCHEDULE_DELAY="50",
        PROMETHEUS_MULTIPROC_DIR=str(tmp_path),
        PUSH_AFTER="0",
        TRACES_CONTINUE="true",
    )


async def test_a_message_is_followed_through_all_processes(
    processes, cast, device, collector, service, settings
):
    phone = service.browser()
    database(
        subscribe,
        cast.bob.id,
        session_key=database(session_of, cast.bob),
        endpoint=phone.endpoint,
        keys=phone.keys,
        name="Phone",
    )
    alice, bob = device(processes[0], cast.alice), device(processes[1], cast.bob)
    await asyncio.gather(alice.join(), bob.join())
    await hears(bob, alice, cast.chat)
    sent = await alice.send(cast.chat, SOCKET_TEXT)
    await bob.has(cast.chat, 1)
    async with api(processes[0].url, alice.key) as client:
        posted = await client.post(
            f"/chats/{cast.chat}/messages",
            json={"client_id": str(uuid4()), "text": HTTP_TEXT},
            headers={"X-Request-ID": "order-66", "traceparent": f"00-{TRACE}-{PARENT}-01"},
        )
        assert (posted.status_code, posted.headers["X-Request-ID"]) == (201, "order-66")
        refused = await client.get("/nothing", headers={"X-Request-ID": "a b\tc"})
        assert refused.headers["X-Request-ID"] not in ("", "a b\tc")
    await bob.has(cast.chat, 2)
    assert await asyncio.to_thread(database, push_all, collector) == 1
    spans = collector.spans
    await asyncio.to_thread(
        collector.wait_for,
        lambda: Counter(each.name for each in spans)["write"] >= 4 and "push" in names(spans),
    )
    await asyncio.to_thread(collector.wait_for, lambda: f"POST {ROUTE}" in names(spans))

    # One tree for each message: its commit, then the hubs of both processes.
    hubs = (("hub", "write"), ("hub", "write"))
    [socket] = [each for each in spans if each.name == "send"]
    assert collector.tree(socket) == ("send", ("commit", *hubs))
    [request] = [each for each in spans if each.name == f"POST {ROUTE}"]
    assert (request.trace, request.parent) == (TRACE, PARENT)
    assert collector.tree(request) == (f"POST {ROUTE}", ("commit", *hubs, "push"))
    commits = {each.attributes["parley.message"]: each for each in spans if each.name == "commit"}
    assert set(commits) == {sent["id"], posted.json()["id"]}
    assert {each.service for each in spans} == {"parley-web", "parley-worker"}
    assert not any(b"zyxomma" in body for body in collector.bodies)

    the_log_has_ids_and_no_word(processes, sent["id"], posted.json()["id"])
    await the_metrics_are_those_that_are_declared(processes[0])
    settings.PUBLIC_URL = processes[0].url
    found = await asyncio.to_thread(list, of_public_address())
    assert [(each.name, each.level) for each in found] == [
        ("public address", "ok"),
        ("websocket", "ok"),
    ]


async def hears(bob, alice, chat):
    """Wait until hints of the chat reach the process of `bob`. Before that it reads messages from
    PostgreSQL, which has no trace of them. Nothing else brings that somebody is typing."""
    for _ in range(20):
        await alice.call("typing", chat=str(chat))
        with suppress(TimeoutError):
            await bob.until(lambda event: event["type"] == "typing", within=0.5)
            return
    pytest.fail("nothing comes from the other process")


# What nobody has caused here: a plugin that sees messages, Microsoft.
ABSENT = {
    *("parley_plugin_hooks", "parley_plugin_calls", "parley_microsoft_subscriptions"),
    "parley_microsoft_presence_age_seconds",
}
ROUTE = "api/v1/chats/<uuid:chat>/messages"


def names(spans):
    return {each.name for each in spans}


def push_all(collector):
    """What a worker does, in this process."""
    Push.objects.filter(state="pending").update(due_at="2020-01-01T00:00:00Z")
    tracing.start("parley-worker", collector.endpoint)
    try:
        return PushSender().run()
    finally:
        tracing.stop()


def the_log_has_ids_and_no_word(processes, by_socket, by_request):
    lines = [json.loads(line) for line in processes[0].log.splitlines()]
    about = {line["message_id"]: line for line in lines if "message_id" in line}
    assert about[by_request]["request"] == "order-66"
    assert about[by_socket]["connection"]
    assert {"time", "level", "logger", "message"} <= set(lines[0])
    for process in processes:
        assert "zyxomma" not in process.log


async def the_metrics_are_those_that_are_declared(process):
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}) as client:
        found = families((await client.get(f"{process.url}/metrics")).text)
    # Absent: there is no backup, and Microsoft is not asked.
    assert {name for name in found if name.startswith("parley_")} == {
        metric.name.removesuffix("_total")
        for metric in METRICS
        if metric.name.removesuffix("_total") not in ABSENT
        and not metric.name.startswith("parley_backup")
    }
    values = {
        (one.name, *sorted(one.labels.values())): one.value
        for family in found.values()
        for one in family.samples
    }
    # Both processes, by their folder.
    assert values["parley_sends_total", "committed"] == 2
    assert values["parley_acks_total", "send"] == 1
    assert values["parley_connections", "websocket"] == 2
    assert values["parley_delivery_seconds_count",] >= 4
    assert values["parley_http_requests_total", "201", "POST", ROUTE] == 1
    assert not any(str(each) in str(values) for each in ("zyxomma", "alice", "bob"))
