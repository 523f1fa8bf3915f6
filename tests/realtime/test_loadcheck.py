"""`manage.py loadcheck` against a running server."""

import io
import json
import os
import signal
import subprocess
import sys

import psycopg
import pytest
import redis
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db.models import UUIDField

from apps.accounts.models import User
from apps.chats import made_up
from apps.chats.models import Indexed
from apps.chats.tasks import index_links, index_messages, remove_made_up_people
from apps.contacts.queries.people import find
from apps.core.identifiers import MADE_UP_END
from apps.realtime.presence.store import KEY_PREFIX
from chatproject.load.at_work import Socket, _Chat, _Entry, _Event
from chatproject.load.endpoint import Endpoint
from chatproject.management.commands import loadcheck
from chatproject.run.data_dir import CHECKOUT
from tests.support.live import database
from tests.support.people import person
from tests.support.ports import free_port
from tests.support.servers import stores


def run(server, out=None, **options):
    out = out or io.StringIO()
    at = f"127.0.0.1:{server.port}"
    given = {"users": 5, "pause": 0.01, "max_ms": 60_000.0, "json": True, "at": at, **options}
    database(call_command, "loadcheck", stdout=out, **given)
    return json.loads(out.getvalue())


@pytest.fixture
def site_settings(one_server, settings):
    """The settings of the server, as a command of its operator has them. Nobody is connected: what
    servers of other tests said of their connections has not expired yet."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(match=f"{KEY_PREFIX}*"):
            client.delete(key)
    settings.PUBLIC_URL = one_server.url
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def rows():
    return {
        model._meta.db_table: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.managed
    }


def changed(before):
    return {name: (before[name], n) for name, n in database(rows).items() if n != before[name]}


async def test_made_up_people_work_and_leave_nothing_behind(one_server, cast, site_settings):
    before = database(rows)
    result = run(one_server)
    assert result["passed"]
    assert result["problems"] == {}
    counts = {name: each["count"] for name, each in result["requests"].items()}
    assert counts == {
        "open the list": 15,
        "open a chat": 15,
        "send": 60,
        "sign in": 1,
        "every request": 91,
    }
    assert result["web_processes"] == 1
    assert changed(before) == {}


async def test_an_event_that_comes_again_is_dropped_and_a_repeated_message_is_a_problem():
    socket = Socket(endpoint=Endpoint(1), cookie="", chat="crew")
    socket.handle(_Event("chats", chats=[_Chat("crew", last_seq=4, rev=7)]))
    for seq, rev in ((4, 7), (5, 8), (5, 8)):
        socket.handle(_Event("message", chat="crew", rev=rev, message=_Entry(seq)))
    assert (socket.received, socket.problems.total()) == (5, 0)
    socket.handle(_Event("message", chat="crew", rev=9, message=_Entry(5)))
    assert +socket.problems == {"repeated": 1}


async def test_a_server_that_is_too_slow_fails(one_server, cast, site_settings, monkeypatch):
    monkeypatch.setattr(loadcheck, "SIGNS_IN", 2)
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"Fail: to open the list took [\d,]+ ms \(p95\)"):
        run(one_server, max_ms=0.001, out=out)
    result = json.loads(out.getvalue())
    assert not result["passed"]
    # The first, the third and the fifth person.
    assert result["requests"]["sign in"]["count"] == 3
    assert not database(made_up.exist)


async def test_an_ended_check_removes_its_people(one_server, cast, site_settings):
    database(end_a_check, one_server)
    assert not database(made_up.exist)


def end_a_check(one_server):
    command = ["manage.py", "loadcheck", "--users", "5", "--at", f"127.0.0.1:{one_server.port}"]
    environment = {**os.environ, **stores(), "PUBLIC_URL": one_server.url}
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=CHECKOUT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert "5 made-up people begin to work" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    finally:
        process.kill()
    assert "Stopped. The made-up people were removed." in errors
    assert process.returncode == 1


def left_over():
    """The tables with a row that is, or belongs to, a made-up person or chat."""
    return {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.managed
        for field in model._meta.concrete_fields
        if isinstance(getattr(field, "target_field", field), UUIDField)
        and model._base_manager.filter(**{f"{field.attname}__lt": MADE_UP_END}).exists()
    }


async def test_people_of_a_killed_check_are_removed_unless_another_one_runs(cast):
    database(made_up.make, chats=1, size=5, messages=2)
    database(index_messages)
    database(index_links)
    assert database(left_over) >= {"accounts_user", "chats_message", "chats_searchable"}
    with psycopg.connect(database(stores)["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [made_up.LOCK_NUMBER])
        database(remove_made_up_people)
        assert database(made_up.exist)
    database(remove_made_up_people)
    assert database(left_over) == set()


async def test_many_people_are_removed_in_parts(cast, monkeypatch):
    monkeypatch.setattr(made_up, "REMOVED_TOGETHER", 2)
    database(made_up.make, chats=3, size=5, messages=1)
    # A task whose time is over leaves the rest to the next one.
    assert database(lambda: made_up.remove(seconds=0)) == 0
    database(index_messages)
    assert database(made_up.remove) == 15
    assert database(left_over) == set()


async def test_rows_that_an_indexer_writes_meanwhile_are_removed_later(cast):
    people = database(made_up.make, chats=1, size=2)
    database(made_up.remove)
    database(lambda: Indexed.objects.create(chat_id=people[0].chat, rev=1))
    assert database(made_up.exist)
    database(remove_made_up_people)
    assert database(left_over) == set()


async def test_one_check_at_a_time(one_server, cast, site_settings):
    with psycopg.connect(database(stores)["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [made_up.LOCK_NUMBER])
        with pytest.raises(CommandError, match="Another load check is running"):
            run(one_server)


async def test_it_does_not_disturb_people_who_are_connected(
    one_server, cast, device, site_settings, settings, monkeypatch
):
    monkeypatch.setattr(loadcheck, "MAX_REAL_PEOPLE", 0)
    await device(one_server, cast.alice).join()
    with pytest.raises(CommandError, match=r"More than 0 people are connected.*--yes"):
        run(one_server)
    # The made-up people of a server without passwords are signed in already.
    settings.LOCAL_ACCOUNTS = False
    result = run(one_server, yes=True)
    assert result["passed"]
    assert "sign in" not in result["requests"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"at": "127.0.0.1:nine"}, "write HOST:PORT"),
        ({"at": f"127.0.0.1:{free_port()}"}, "No server answers"),
    ],
)
async def test_a_check_that_cannot_be_made_says_why(one_server, site_settings, options, words):
    with pytest.raises(CommandError, match=words):
        run(one_server, **options)


async def test_searches_of_people_leave_made_up_ones_out(cast):
    def found():
        made_up.make(chats=1, size=2)
        person("loadcheck-not", name="Load check of the brakes")
        assert User.objects.filter(id__lt=MADE_UP_END).count() == 2
        hits = [each.person.username for each in find(cast.alice.id, "loadcheck").items]
        made_up.remove()
        return hits

    assert database(found) == ["loadcheck-not"]
