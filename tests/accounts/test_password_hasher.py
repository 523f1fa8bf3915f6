"""Hashes of passwords take turns (`apps/accounts/password_hasher.py`)."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection, transaction

from apps.accounts import password_hasher
from apps.accounts.password_hasher import Turns
from apps.core.errors import Unavailable

HASHER = ["apps.accounts.password_hasher.PasswordHasher"]


@pytest.fixture
def turns(monkeypatch):
    """One at once, and nobody waits."""
    monkeypatch.setattr(password_hasher, "AT_ONCE", 1)
    monkeypatch.setattr(password_hasher, "MAX_WAITING", 0)
    monkeypatch.setattr(password_hasher, "TIMEOUT_S", 0)
    made = Turns()
    monkeypatch.setattr(password_hasher, "_turns", made)
    return made


def refuse(*_):
    raise Unavailable(retry_after=5)


def in_a_request(work):
    """The result of `work` in a thread, which gives its connection back."""

    def and_close():
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(and_close).result(30)


def test_a_password_is_hashed_and_checked_as_django_does(settings):
    settings.PASSWORD_HASHERS = HASHER
    hashed = in_a_request(lambda: make_password("correct horse"))
    assert hashed.startswith("argon2$argon2id$")
    assert in_a_request(lambda: check_password("correct horse", hashed))
    assert not in_a_request(lambda: check_password("wrong horse", hashed))


def test_a_hash_has_a_low_priority():
    def priority():
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    assert Turns().run(priority) >= password_hasher.NICENESS


def test_only_so_many_hashes_run_at_once():
    turns = Turns()
    lock, running, most = threading.Lock(), 0, 0
    together = threading.Barrier(password_hasher.AT_ONCE)

    def work():
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        together.wait(10)
        with lock:
            running -= 1

    with ThreadPoolExecutor(8) as people:
        for _ in people.map(lambda _: turns.run(work), range(8)):
            pass
    assert most == password_hasher.AT_ONCE


def test_who_would_wait_too_long_is_refused_and_may_come_back(turns):
    begun, end = threading.Event(), threading.Event()

    def work():
        begun.set()
        end.wait(10)

    # Nobody waits for its end.
    with pytest.raises(Unavailable):
        turns.run(work)
    begun.wait(10)
    with pytest.raises(Unavailable) as refusal:
        turns.run(int)
    assert refusal.value.retry_after == 5
    end.set()
    turns._threads.submit(int).result(10)
    password_hasher.TIMEOUT_S = 10
    assert turns.run(int) == 0


def test_nobody_waits_for_a_turn_with_locks(transactional_db, turns, settings, monkeypatch):
    settings.PASSWORD_HASHERS = HASHER
    monkeypatch.setattr(turns, "run", refuse)

    def in_a_transaction():
        with transaction.atomic():
            return make_password("correct horse")

    assert in_a_request(in_a_transaction)
    with pytest.raises(Unavailable):
        in_a_request(lambda: make_password("correct horse"))


def test_a_command_starts_no_thread(turns, settings, monkeypatch):
    settings.PASSWORD_HASHERS = HASHER
    monkeypatch.setattr(turns, "run", refuse)
    assert make_password("correct horse")


def test_nobody_keeps_a_connection_while_waiting(transactional_db, turns, settings, monkeypatch):
    settings.PASSWORD_HASHERS = HASHER
    kept = []
    monkeypatch.setattr(turns, "run", lambda work: (kept.append(connection.connection), work())[1])

    def with_a_connection():
        connection.ensure_connection()
        return make_password("correct horse")

    assert in_a_request(with_a_connection)
    assert kept == [None]


def test_a_sign_in_while_too_many_sign_in(client, alice, settings, monkeypatch):
    settings.PASSWORD_HASHERS = HASHER
    monkeypatch.setattr(password_hasher, "_in_turn", refuse)
    given = {"username": alice.username, "password": "correct horse"}
    answer = client.post("/api/v1/session", given, content_type="application/json")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["code"] == "unavailable"
    page = client.post("/accounts/login/", {"login": alice.username, "password": "correct horse"})
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "Nothing is lost" in page.content.decode()
