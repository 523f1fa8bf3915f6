"""`manage.py doctor`: what it says of each fault, how to mend it, and its exit code."""

import json
import os
import shutil
import ssl
import subprocess
import time
from collections import namedtuple
from contextlib import contextmanager
from functools import partial

import httpx
import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from apps.core import probe
from chatproject.health import doctor, findings, public_address, reasons
from chatproject.health.components import mail_probe
from chatproject.health.public_address import of_public_address
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.keys import new_push_key
from tests.health.conftest import NO_SPACE
from tests.support.ports import free_port
from tests.support.web import serving

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _sound(settings, monkeypatch):
    """Nothing is wrong with the settings, and what lies outside of this process is looked at by
    other tests."""
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 60)
    monkeypatch.setattr(doctor, "of_public_address", lambda: iter(()))
    settings.SECRET_KEY = "s" * 50
    settings.VAPID_PRIVATE_KEY = new_push_key()
    settings.VAPID_CONTACT = "mailto:it@example.org"
    settings.PUBLIC_URL = "https://chat.example.org"
    settings.TRUSTED_PROXIES = ["10.0.0.1"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def told(looks):
    """(name, level) of what is not well, in order; each says how to mend it."""
    found = [each for each in looks if each.level != findings.OK]
    assert all(each.mend for each in found)
    return [(each.name, each.level) for each in found]


def run(capsys, *options):
    code = 0
    try:
        call_command("doctor", *options)
    except SystemExit as ended:
        code = ended.code
    return code, capsys.readouterr().out


def test_a_sound_deployment_has_nothing_to_mend(db, at_work, root, capsys):
    code, out = run(capsys)
    assert code == 0
    assert out.endswith("0 wrong, 0 warnings\n")
    assert "ok       migrations: all migrations are applied" in out
    assert run(capsys, "--quiet") == (0, "0 wrong, 0 warnings\n")


def test_what_is_wrong_is_told_with_what_to_do_and_exit_code_1(db, capsys):
    code, out = run(capsys, "--quiet")
    assert code == 1
    assert "error    workers_push: unavailable\n         Start a worker of the queue" in out
    assert "warning  administrator: nobody is an administrator" in out
    assert "-Q push" in out
    code, out = run(capsys, "--json")
    levels = {each["name"]: each["level"] for each in json.loads(out)}
    assert (code, levels["beat"], levels["database"]) == (1, "error", "ok")


def test_of_what_is_away_it_says_why(db, settings, tmp_path, monkeypatch):
    """Each in the words of its library, not only that it is away."""
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    mail_probe.forget()
    said = {each.name: each.said for each in doctor.examine()}
    assert "Connection refused" in said["redis"]
    assert "Connection refused" in said["mail"]
    mail_probe.forget()
    params = {**connection.get_connection_params(), "password": "secret", "host": str(tmp_path)}
    monkeypatch.setattr(connection, "get_connection_params", lambda: params)
    found = reasons.reason("database")
    assert f'"{tmp_path}/.s.PGSQL' in found
    assert "secret" not in found


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({"DEBUG": True}, "error"),
        ({"PUBLIC_URL": "http://chat.example.org"}, "error"),
        ({"TRUSTED_PROXIES": []}, "warning"),
        ({"SECRET_KEY": "short"}, "warning"),
        ({"VAPID_PRIVATE_KEY": ""}, "warning"),
        ({"VAPID_PRIVATE_KEY": "no key"}, "error"),
    ],
    ids=str,
)
def test_settings_that_are_valid_and_wrong(settings, changed, level):
    assert told(findings.of_settings()) == []
    for name, value in changed.items():
        setattr(settings, name, value)
    assert told(findings.of_settings()) == [("settings", level)]


def test_of_this_machine_alone_http_is_right(settings):
    settings.PUBLIC_URL, settings.TRUSTED_PROXIES = "http://127.0.0.1:8000", []
    assert told(findings.of_settings()) == []


def test_a_migration_that_is_not_applied(db, root):
    MigrationRecorder.Migration.objects.filter(app="notifications").delete()
    assert told(findings.of_database()) == [("migrations", "error")]


def test_clocks_that_differ_and_an_old_version(db, root, monkeypatch):
    monkeypatch.setattr(findings, "MAX_CLOCK_DIFFERENCE_S", -1.0)
    assert told(findings.of_database()) == [("clock", "error")]
    monkeypatch.setattr(findings, "OLDEST_POSTGRESQL", 99)
    assert told(findings.of_database()) == [("version", "error")]


def test_a_collation_that_has_changed(db, root):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_database SET datcollversion = '0' WHERE datname = current_database()"
        )
    assert told(findings.of_database()) == [("collation", "warning")]


def test_an_index_that_was_not_built_to_its_end(db, root):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'chats_chat_pkey'::regclass"
        )
    assert told(findings.of_database()) == [("indexes", "warning")]


@pytest.mark.parametrize(("free", "level"), [(50, None), (5, "warning"), (1, "error")])
def test_disks(monkeypatch, free, level):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(100, 100 - free, free))
    assert {found for _, found in told(findings.of_disks())} == ({level} if level else set())


def test_a_database_without_space(db, root, monkeypatch):
    monkeypatch.setattr(findings, "TAKE_SPACE", NO_SPACE)
    assert told(findings.of_database()) == [("space", "error")]


@pytest.mark.parametrize(
    ("days", "of", "level"),
    [(60, 90, "ok"), (13, 90, "warning"), (4, 6, "ok"), (0.5, 6, "warning"), (40, 3650, "ok")],
)
def test_a_certificate_that_nobody_renews(days, of, level):
    ends = time.time() + days * 86_400
    times = {"notBefore": ends - of * 86_400, "notAfter": ends}
    shown = {
        name: time.strftime("%b %d %H:%M:%S %Y GMT", time.gmtime(at)) for name, at in times.items()
    }
    assert public_address.of_certificate(shown).level == level


@contextmanager
def proxy(settings, *, livez=200, websocket=101, echoes=True):
    """A proxy at PUBLIC_URL."""

    def answer(page):
        if page.path == "/ws":
            page.send_response(websocket)
            page.end_headers()
            page.close_connection = True
        else:
            given = {"X_Request_ID": page.headers["X-Request-ID"]} if echoes else {}
            page.say(b"{}", status=livez, **given)

    with serving(answer) as web:
        settings.PUBLIC_URL = web.origin
        yield


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({}, []),
        ({"livez": 502}, [("public address", "error")]),
        ({"echoes": False}, [("public address", "warning")]),
        ({"websocket": 404}, [("websocket", "warning")]),
    ],
    ids=str,
)
def test_what_answers_at_the_public_address(settings, behaviour, expected):
    with proxy(settings, **behaviour):
        assert told(of_public_address()) == expected


def test_an_authority_of_ones_own_is_no_fault(settings, tmp_path, monkeypatch):
    """People's devices may know it; this command does not. Once it does, it says when the
    certificate ends, also where the proxy closes each connection."""
    subprocess.run(
        [CHECKOUT / "deploy/create-secrets", tmp_path],
        env={**os.environ, "ENV_FILE": os.devnull},
        check=True,
    )
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "proxy.crt", tmp_path / "proxy.key")
    with serving(lambda page: page.say(b"{}", Connection="close"), tls) as web:
        settings.PUBLIC_URL = web.origin.replace("http:", "https:").replace(
            "127.0.0.1", "localhost"
        )
        assert told(of_public_address()) == [("public address", "warning")]
        known = ssl.create_default_context(cafile=tmp_path / "ca.crt")
        monkeypatch.setattr(httpx, "Client", partial(httpx.Client, verify=known))
        assert "certificate" in {each.name for each in of_public_address()}


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("http://127.0.0.1:9", "error"),
        # As compose has it at first: the doctor looks from a container.
        ("https://localhost:9", "warning"),
        ("https://nowhere.invalid", "error"),
    ],
)
def test_a_public_address_that_nobody_answers(settings, url, level):
    settings.PUBLIC_URL = url
    assert told(of_public_address()) == [("public address", level)]


def test_a_private_address_to_which_nothing_is_let_through(settings, monkeypatch):
    def times_out(*_, **__):
        raise httpx.ConnectTimeout("timed out")

    monkeypatch.setattr(httpx.Client, "stream", times_out)
    for url, level in (("https://10.1.2.3", "warning"), ("https://1.1.1.1", "error")):
        settings.PUBLIC_URL = url
        assert told(of_public_address()) == [("public address", level)]
