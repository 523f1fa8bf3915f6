"""Mail servers that are away or refuse, workers that are killed, and mornings with many digests."""

import socketserver
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPException
from threading import Event, Thread

import pytest
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from apps.chats.actions import groups
from apps.core import claims
from apps.notifications.actions import digest_sender
from apps.notifications.actions.digest_sender import CLAIM_LEASE, DigestSender
from apps.notifications.actions.digests import (
    DigestUpdate,
    ask_for_digest,
    plan_changed,
    set_digest,
)
from apps.notifications.gateways.mail_server import MailResult, MailServer
from apps.notifications.models import Digest
from apps.notifications.queries.digests import of_person
from chatproject import smtp
from tests.chats.factories import write
from tests.notifications.digests.conftest import give_address, make_due, send
from tests.support.people import in_touch

pytestmark = pytest.mark.django_db(transaction=True)


class Killed(BaseException):
    """As if the process were killed there."""


@pytest.fixture
def crew(alice, reader, charlie):
    """Alice's group; Bob and Charlie in it get digests, and have something unread."""
    for each in (reader, charlie):
        in_touch(alice, each)
    give_address(charlie, "charlie@example.org")
    set_digest(charlie.id, DigestUpdate(frequency="daily"))
    chat = groups.create_group(alice.id, "Crew", [reader.id, charlie.id])
    write(alice, chat, "hello")
    return chat


def reached(server):
    return sorted(mail["X-To"] for mail in server.mails)


def row_of(person):
    return Digest.objects.get(user=person)


def test_a_server_that_is_away_is_asked_once_a_pass_and_gets_all_later(
    reader, charlie, crew, mail_server, settings
):
    settings.EMAIL_PORT = 1
    make_due(reader, charlie)
    assert not send().unfinished
    tried, waiting = sorted(Digest.objects.all(), key=lambda row: -row.failures)
    assert (tried.failures, waiting.failures) == (1, 0)
    assert tried.next_at - timezone.now() < timedelta(seconds=61)
    # The other one was given back, so that no lease has to run out.
    assert waiting.claimed_at is None
    settings.EMAIL_PORT = mail_server.port
    make_due(reader, charlie)
    send()
    assert reached(mail_server) == ["bob@example.org", "charlie@example.org"]
    assert {row.failures for row in Digest.objects.all()} == {0}


def test_a_digest_that_fails_waits_longer_each_time_and_stops_no_other(
    reader, charlie, crew, mail_server
):
    mail_server.at_address = lambda address: "451 Later" if "bob" in address else "250 OK"
    delays = []
    for _ in range(3):
        make_due(reader, charlie)
        send()
        delays.append(row_of(reader).next_at - timezone.now())
    assert [round(delay.total_seconds() / 60) for delay in delays] == [1, 2, 4]
    assert reached(mail_server) == ["charlie@example.org"]
    mail_server.at_address = lambda address: "250 OK"
    make_due(reader)
    send()
    assert reached(mail_server) == ["bob@example.org", "charlie@example.org"]


def test_a_content_that_is_refused_is_tried_again_on_a_new_connection(
    reader, charlie, crew, mail_server
):
    answers = iter(["554 Spam", "250 OK", "250 OK"])
    mail_server.at_content = lambda: next(answers)
    make_due(reader, charlie)
    send()
    assert len(mail_server.mails) == 1
    assert sorted(Digest.objects.values_list("failures", flat=True)) == [0, 1]
    make_due(reader, charlie)
    send()
    assert reached(mail_server) == ["bob@example.org", "charlie@example.org"]


def test_an_address_that_is_refused_for_good_pauses_its_digests(
    reader, charlie, crew, mail_server, alice
):
    mail_server.at_address = lambda address: (
        "550 5.1.1 No such user" if "bob" in address else "250 OK"
    )
    make_due(reader, charlie)
    send()
    assert reached(mail_server) == ["charlie@example.org"]
    assert row_of(reader).next_at is None
    assert of_person(reader.id).problem == "refused"
    plan_changed()
    assert row_of(reader).next_at is None
    # Another address is used as soon as there is one.
    give_address(reader, "bob@example.com")
    assert of_person(reader.id).problem == ""
    plan_changed()
    assert row_of(reader).next_at > timezone.now()
    make_due(reader)
    send()
    assert reached(mail_server) == ["charlie@example.org"]
    # Or the same, when the person says so.
    mail_server.at_address = lambda address: "250 OK"
    set_digest(reader.id, DigestUpdate())
    make_due(reader)
    send()
    assert reached(mail_server) == ["bob@example.com", "charlie@example.org"]


def test_a_policy_of_the_server_pauses_nobody(reader, crew, mail_server):
    mail_server.at_address = lambda address: "550 5.7.1 Relaying denied"
    make_due(reader)
    send()
    assert of_person(reader.id).problem == ""
    assert row_of(reader).failures == 1


@pytest.mark.parametrize("accepted", [False, True])
def test_a_worker_that_is_killed_leaves_its_digests_to_another(
    reader, charlie, crew, mail_server, monkeypatch, accepted
):
    def killed(*_):
        raise Killed

    place = (digest_sender, "_record") if accepted else (digest_sender.MailServer, "send")
    make_due(reader, charlie)
    with monkeypatch.context() as patch:
        patch.setattr(*place, killed)
        with pytest.raises(Killed):
            send()
    send()  # the claims still hold
    assert len(mail_server.mails) == accepted
    Digest.objects.update(claimed_at=timezone.now() - CLAIM_LEASE)
    claims.give_back()
    send()
    send()
    # The one that was accepted and not recorded comes again, as the same message.
    assert len(mail_server.mails) == 2 + accepted
    assert len({mail["Message-ID"] for mail in mail_server.mails}) == 2


def test_a_pass_that_has_run_out_of_time_gives_the_rest_back(reader, charlie, crew, mail_server):
    make_due(reader, charlie)
    sender = DigestSender(max_pass_s=0)
    assert sender.run() == 1
    assert sender.unfinished
    assert mail_server.connections == 1
    assert len(mail_server.mails) == 1
    send()
    assert reached(mail_server) == ["bob@example.org", "charlie@example.org"]


def test_two_workers_send_each_digest_once(reader, charlie, crew, mail_server, monkeypatch):
    real = digest_sender.MailServer.send
    others = iter([send])

    def while_the_other_works(server, mail):
        for other in others:
            other()
        return real(server, mail)

    monkeypatch.setattr(digest_sender, "SLICE_SIZE", 1)
    monkeypatch.setattr(digest_sender.MailServer, "send", while_the_other_works)
    make_due(reader, charlie)
    send()
    assert reached(mail_server) == ["bob@example.org", "charlie@example.org"]


def test_what_the_person_turns_off_meanwhile_is_not_sent(reader, crew, mail_server, monkeypatch):
    claim = digest_sender.claim

    def and_then_off(*args, **kwargs):
        claimed = claim(*args, **kwargs)
        set_digest(reader.id, DigestUpdate(frequency="off"))
        return claimed

    make_due(reader)
    monkeypatch.setattr(digest_sender, "claim", and_then_off)
    DigestSender(max_pass_s=0).run()
    assert mail_server.mails == []
    assert row_of(reader).next_at is None


def test_without_a_mail_server_nothing_is_claimed(reader, crew, settings):
    make_due(reader)
    settings.EMAIL_BACKEND = "chatproject.console.EmailBackend"
    assert DigestSender().run() == 0
    assert row_of(reader).attempt == 0


def test_one_that_was_asked_for_meanwhile_is_still_due(reader, crew, mail_server, monkeypatch):
    record = digest_sender._record

    def asked_first(*args):
        if not row_of(reader).trial:
            ask_for_digest(reader.id)
        record(*args)

    make_due(reader)
    with monkeypatch.context() as patch:
        patch.setattr(digest_sender, "_record", asked_first)
        DigestSender(max_pass_s=0).run()
    assert row_of(reader).trial
    send()
    assert len(mail_server.mails) == 2
    assert not row_of(reader).trial


def test_a_password_that_smtplib_cannot_encode_fails_as_a_wrong_one_does(settings):
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for reply in ("220 here", "250-here\r\n250 AUTH PLAIN"):
                self.wfile.write(f"{reply}\r\n".encode())
                self.rfile.readline()

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "parley", "gehäim"
        with MailServer() as connection:
            assert connection.send(EmailMessage("Hello", to=["bob@example.org"])) is MailResult.AWAY
        with pytest.raises(SMTPException, match="other than ASCII") as refused:
            get_connection().open()
        assert refused.value.__cause__ is None
        server.shutdown()


class Dribbling(socketserver.BaseRequestHandler):
    """Sends one of its replies a byte at a time: the greeting, or the one to a mail."""

    at = ""

    def handle(self):
        self.reply("greeting", "220 here")
        lines = self.request.makefile("rb")
        for line in lines:
            if line[:4].upper() != b"DATA":
                self.reply("command", "250 ok")
                continue
            self.reply("command", "354 go")
            for _ in iter(lines.readline, b".\r\n"):
                pass
            self.reply("mail", "250 ok")

    def reply(self, name, text):
        with suppress(OSError):
            if name != self.at:
                self.request.sendall(f"{text}\r\n".encode())
                return
            # Longer than the limit of the test, and each byte long before the limit of a wait.
            for byte in f"{text}{'.' * 40}\r\n".encode():
                self.request.sendall(bytes([byte]))
                self.server.stopped.wait(0.05)


@pytest.mark.parametrize(
    ("at", "result"),
    [("greeting", MailResult.AWAY), ("mail", MailResult.LATER), ("", MailResult.SENT)],
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up(
    mail_server, settings, monkeypatch, at, result
):
    if at:
        monkeypatch.setattr(smtp, "LIMIT_S", 1.0)
    handler = type("Handler", (Dribbling,), {"at": at})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads, server.stopped = True, Event()
        Thread(target=server.serve_forever, daemon=True).start()
        settings.EMAIL_PORT = server.server_address[1]
        with MailServer() as connection:
            assert connection.send(EmailMessage("Hello", to=["bob@example.org"])) is result
        server.stopped.set()
        server.shutdown()
