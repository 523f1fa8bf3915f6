"""Promise 18: a message never names an absent object, and nothing is left of uploads that died."""

import hashlib
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests
from django.utils import timezone

from apps.accounts.actions import app_tokens
from apps.chats.actions import edits
from apps.chats.actions.direct import open_direct
from apps.chats.models import Attachment, Message
from apps.files.actions import consistency, deletion
from apps.files.actions.workplaces import clear_workplaces, workplaces
from apps.files.gateways import objects
from apps.files.models import Blob, File, StoredObject
from apps.wire.openapi import UPLOADED
from tests.support.live import database
from tests.support.people import in_touch, person
from tests.support.storages import in_folder
from tests.support.workers import workers

__all__ = ["workers"]
TIMEOUT_S = 120
PART = 65_536
LONG_AGO = "2026-01-01T00:00:00Z"


class Uploader:
    """A program that uploads and sends, and tries again whatever happens to the server."""

    def __init__(self, url, token, chat):
        self._url = f"{url}/api/v1"
        self._chat = chat
        self._headers = {"Authorization": f"Bearer {token}"}
        self.retries = 0

    def upload_and_send(self, content):
        """The hash of a file that was sent."""
        client_id = str(uuid4())
        begun = {"client_id": client_id, "name": "words.txt", "size": len(content)}
        file = self._ask("POST", "/files", json=begun).json()["id"]
        while True:
            arrived = int(self._ask("HEAD", f"/files/{file}/content").headers["Upload-Offset"])
            if arrived == len(content):
                break
            self._ask(
                "PATCH",
                f"/files/{file}/content",
                data=content[arrived : arrived + PART],
                headers={"Content-Type": UPLOADED, "Upload-Offset": str(arrived)},
                accept=(409,),
            )
        while (state := self._ask("GET", f"/files/{file}").json()["state"]) != "ready":
            assert state == "processing"
            time.sleep(0.2)
        message = {"client_id": client_id, "files": [file]}
        self._ask("POST", f"/chats/{self._chat}/messages", json=message)
        return hashlib.sha256(content).hexdigest()

    def _ask(self, verb, path, *, accept=(), headers=None, **more):
        headers = self._headers | (headers or {})
        until = time.monotonic() + TIMEOUT_S
        while time.monotonic() < until:
            try:
                answer = requests.request(
                    verb, self._url + path, timeout=5, headers=headers, **more
                )
            except requests.RequestException:
                answer = None
            if answer is not None and (answer.ok or answer.status_code in accept):
                return answer
            assert answer is None or answer.status_code in (429, 502, 503), answer.text
            self.retries += 1
            time.sleep(0.1)
        raise AssertionError(f"{verb} {path} is not answered")


def kill_in_turn(victims, rounds, done):
    """Kill each of them in every round, at any moment, and start it again."""
    try:
        for _ in range(rounds):
            for kill, start in random.sample(victims, len(victims)):
                time.sleep(random.uniform(0.2, 1.0))
                kill()
                # A lease would end after a minute and a half.
                claimed = File.objects.filter(claimed_at__isnull=False)
                database(claimed.update, claimed_at=LONG_AGO)
                start()
    finally:
        done.set()


def upload_until(done, uploader):
    """Upload and send one file after the other. Returns their hashes."""
    sent = []
    while not done.is_set():
        content = random.randbytes(random.randint(1, 4 * PART))
        sent.append(uploader.upload_and_send(content))
    return sent


def stored_content(blob):
    with objects.open_object(blob.key("original")) as file:
        return hashlib.sha256(file.read()).hexdigest()


def pytest_generate_tests(metafunc):
    """Both storages with `--long`; else the one with more to kill."""
    if "where" in metafunc.fixturenames:
        is_long = metafunc.config.getoption("long")
        metafunc.parametrize("where", ["folder", "bucket"] if is_long else ["bucket"])


@pytest.fixture
def kept_in(request, where):
    """The settings of a storage, and how its own server is killed and started, if it has one."""
    storage = request.getfixturevalue(where)
    if where == "folder":
        return in_folder(storage), []
    server = request.getfixturevalue("seaweedfs")
    return storage, [(server.kill, server.go_on)]


def test_kills_at_every_step_leave_no_message_without_its_file(
    db, start_server, workers, kept_in, long
):
    storage, its_server = kept_in
    alice, bob = (database(person, f"{name}-{uuid4().hex[:8]}") for name in ("alice", "bob"))
    database(in_touch, alice, bob)
    chat = database(open_direct, alice.id, bob.id)
    token = database(app_tokens.begin, alice.id, name="uploader").access
    [server] = start_server(1, LIMITS_TIMES="1000", **storage)
    worker = workers.files(**storage)
    workers.beat()

    def restart_server():
        server.launch()
        server.wait_until_ready()

    victims = [(server.kill9, restart_server), (worker.kill9, worker.launch), *its_server]
    done, rounds = threading.Event(), 20 if long else 1
    uploaders = [Uploader(server.url, token, chat) for _ in range(3)]
    with ThreadPoolExecutor(len(uploaders)) as pool:
        running = [pool.submit(upload_until, done, each) for each in uploaders]
        # In this thread: what a thread has started ends with it.
        kill_in_turn(victims, rounds, done)
        sent = [each for one in running for each in one.result()]
    database(check, chat, sent)
    retries = sum(each.retries for each in uploaders)
    injections = len(victims) * rounds
    print(f"\nfault=SIGKILL {injections=} sent={len(sent)} {retries=} dangling=0")
    database(check_deletion, alice, chat)


def check(chat, sent):
    """All messages have their files, whole; nothing else is at the storage."""
    messages = Message.objects.filter(chat_id=chat)
    assert messages.count() == len(sent)
    attached = Attachment.objects.filter(chat_id=chat).select_related("file__blob")
    assert sorted(stored_content(each.file.blob) for each in attached) == sorted(sent)
    StoredObject.objects.exclude(doomed_at=None).update(doomed_at=timezone.now())
    deletion.delete_unused()
    found = consistency.compare()
    assert (found.missing, found.stray) == ([], [])
    assert found.compared == Blob.objects.count()


def check_deletion(alice, chat):
    """Deleted messages leave nothing at the storage."""
    for message in Message.objects.filter(chat_id=chat):
        edits.delete_message(alice.id, chat, seq=message.seq)
    deletion.delete_unused()
    # The worker may have begun to delete some of them.
    until = time.monotonic() + TIMEOUT_S
    while StoredObject.objects.exists() and time.monotonic() < until:
        time.sleep(0.1)
    # What killed workers were processing goes when nobody can be processing it any more.
    for place in workplaces().glob("*"):
        os.utime(place, (0, 0))
    clear_workplaces()
    assert list(objects.listing("")) == []
    assert not File.objects.exists()
