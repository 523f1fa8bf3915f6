"""Downloads whose reader stalls, or whose storage hangs."""

import asyncio
from io import BytesIO
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from apps.core import downloads
from apps.core.identifiers import new_id
from apps.core.page_handler import PageHandler
from apps.files import links
from apps.files.gateways import objects
from tests.realtime.test_slow import small_buffers
from tests.support.live import database
from tests.support.people import direct_chat, person, session_of

KEY = "files/a/full"
SIZE = 20 * 1024 * 1024


@pytest.fixture
def address(files_storage, monkeypatch):
    """The link to a large object, of somebody whose session is not looked up."""
    monkeypatch.setattr(links, "is_signed_in", lambda person, session: True)
    objects.put(KEY, BytesIO(bytes(SIZE)))
    return link_for(links.Asker(new_id(), "a session"))


def link_for(asker, size=SIZE):
    return links.link(KEY, name="a.bin", media_type="", inline=False, size=size, asker=asker)


def link_for_somebody():
    """The link to a large object, of a person who is signed in."""
    objects.put(KEY, BytesIO(bytes(SIZE)))
    user = person("reader")
    return link_for(links.Asker(user.id, session_of(user)))


async def respond(address, send):
    """What an ASGI server does with a request, whose client stays connected."""
    began = False

    async def receive():
        nonlocal began
        if began:
            await asyncio.Event().wait()
        began = True
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": address,
        "raw_path": address.encode(),
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
    }
    await PageHandler()(scope, receive, send)


async def test_the_response_to_a_reader_that_stalls_is_ended(db, address, monkeypatch):
    monkeypatch.setattr(downloads, "STALL_TIMEOUT_S", 0.05)
    sent = []

    async def send(message):
        sent.append(message)
        if len(sent) == 8:
            await asyncio.Event().wait()

    async with asyncio.timeout(30):
        await respond(address, send)
    assert sent[0]["status"] == 200
    assert len(sent) == 8
    assert all(each["more_body"] for each in sent[1:])


async def test_a_slow_reader_gets_all_of_it(db, address, monkeypatch):
    """The limit is for each part, not for the whole."""
    monkeypatch.setattr(downloads, "STALL_TIMEOUT_S", 1.0)
    monkeypatch.setattr(downloads, "SEND_BYTES", 1024 * 1024)
    monkeypatch.setattr(downloads, "PART_BYTES", 1024 * 1024)
    got = 0

    async def send(message):
        nonlocal got
        got += len(message.get("body", b""))
        await asyncio.sleep(0.005)

    await respond(address, send)
    assert got == SIZE


async def test_an_outage_in_the_middle_ends_the_response(db, address, monkeypatch):
    sent = []

    async def send(message):
        sent.append(message)
        objects.delete([KEY])

    async with asyncio.timeout(30):
        await respond(address, send)
    assert all(each["more_body"] for each in sent[1:])
    assert 0 < sum(len(each.get("body", b"")) for each in sent) < SIZE


async def test_a_real_server_closes_the_connection(start_server, files_storage):
    address = database(link_for_somebody)
    [server] = database(start_server, program="tests.support.impatient", **files_storage)
    reader, writer = await asyncio.open_connection(sock=small_buffers(server.url), limit=1024)
    writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    assert b"200" in await reader.readline()
    async with asyncio.timeout(60):
        await until(lambda: "without completing response" in server.log)
        got = 0
        while part := await reader.read(65_536):
            got += len(part)
    assert got < SIZE
    writer.close()
    # Others are served as before.
    async with httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        assert len((await http.get(address)).content) == SIZE


async def test_a_hanging_storage_leaves_messages_alone(start_server, bucket, seaweedfs):
    objects.put(KEY, BytesIO(b"x"))
    server, cookies, chat, address = database(begin, start_server, bucket)
    port = urlsplit(seaweedfs.url).port
    async with httpx.AsyncClient(
        base_url=server.url, cookies=cookies, trust_env=False, timeout=60
    ) as http:
        assert (await http.get(address)).content == b"x"
        seaweedfs.hang()
        # More than it has connections to the database.
        waiting = [asyncio.create_task(http.get(address)) for _ in range(12)]
        await until(lambda: connections(server.pid, port) >= len(waiting))
        assert (await http.get("/readyz")).status_code == 200
        message = {"client_id": "019394ae-0000-7000-8000-000000000001", "text": "hello"}
        headers = {"Origin": server.url, "X-CSRFToken": "a" * 32}
        answer = await http.post(f"/api/v1/chats/{chat}/messages", json=message, headers=headers)
        assert answer.status_code == 201, answer.text
        assert not any(each.done() for each in waiting)
        seaweedfs.go_on()
        for each in waiting:
            assert (await each).status_code == 200


async def until(condition):
    """Wait for another process."""
    for _ in range(1500):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def connections(pid, port):
    """How many connections a process has to a port."""
    found = psutil.Process(pid).net_connections()
    return sum(bool(each.raddr) and each.raddr.port == port for each in found)


def begin(start_server, bucket):
    """A server with few connections to the database, and somebody who has a chat and a link."""
    [server] = start_server(DATABASE_POOL="3", **bucket)
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    key = session_of(alice)
    address = link_for(links.Asker(alice.id, key), size=1)
    return server, {"parley": key, "csrftoken": "a" * 32}, chat, address
