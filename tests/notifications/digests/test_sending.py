"""What a digest tells, to a real mail server."""

import time
from datetime import UTC, timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions import erasure
from apps.chats.actions import chat_settings, edits, groups, hiding
from apps.chats.actions.receipts import Receipt, move_positions
from apps.contacts.actions import contacts
from apps.notifications.actions import digest_mail
from apps.notifications.actions.digests import DigestUpdate, ask_for_digest, set_digest
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from apps.notifications.models import Digest, DigestPosition
from tests.chats.factories import write, write_many
from tests.notifications.digests.conftest import give_address, make_due, parts, send
from tests.support.people import direct_chat, in_touch
from tests.support.statements import traffic

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crew(alice, bob):
    in_touch(alice, bob)
    return groups.create_group(alice.id, "Crew", [bob.id])


def digest_of(server, *people):
    """The mails of a pass in which these people's digests are due."""
    before = len(server.mails)
    make_due(*people)
    send()
    return server.mails[before:]


def test_unread_messages_come_in_both_parts(alice, reader, crew, mail_server):
    first = write(alice, crew, "Lunch at **noon**?").seq
    write(alice, crew, "@bob, you too, says @alice.")
    [mail] = digest_of(mail_server, reader)
    plain, html = parts(mail)
    assert mail["Subject"] == "2 unread messages · 127.0.0.1:8000"
    assert mail["To"] == mail["X-To"] == "bob@example.org"
    link = f"http://127.0.0.1:8000/c/{crew}/at/{first}"
    for text in (plain, html):
        assert "Crew" in text
        assert "Alice Ärmel" in text
        assert "Lunch at noon?" in text
        assert "1 mentions you" in text
        assert link in text
        # Mentions are first.
        mention = "@Bob, you too, says @Alice Ärmel."
        assert text.index(mention) < text.index("Lunch at noon?")
    for outside in ("<img", "src=", "url(", "<link", "<script"):
        assert outside not in html
    row = Digest.objects.get(user=reader)
    assert row.sent_at is not None
    assert row.next_at > timezone.now()


def test_nothing_is_told_twice_and_nothing_is_sent_when_nothing_is_unread(
    alice, reader, crew, mail_server
):
    assert digest_of(mail_server, reader) == []
    write(alice, crew, "one")
    assert len(digest_of(mail_server, reader)) == 1
    assert digest_of(mail_server, reader) == []
    later = write(alice, crew, "two").seq
    [mail] = digest_of(mail_server, reader)
    plain, _ = parts(mail)
    assert "two" in plain
    assert "one" not in plain
    # The link still leads to the first unread message.
    assert f"/at/{later - 1}" in plain
    # What is read meanwhile is not told of.
    seq = write(alice, crew, "three").seq
    move_positions(reader.id, [Receipt(crew, read=seq)])
    assert digest_of(mail_server, reader) == []


def test_only_chats_that_notify_are_told_of(alice, reader, crew, mail_server):
    def set_chat(**settings):
        chat_settings.set_chat_settings(reader.id, crew, chat_settings.ChatSettings(**settings))

    write(alice, crew, "plain")
    set_chat(muted=True)
    assert digest_of(mail_server, reader) == []
    set_chat(muted=False, notify="none")
    assert digest_of(mail_server, reader) == []
    set_chat(notify="mentions")
    set_preferences(reader.id, PreferencesUpdate(keywords=["deploy"]))
    assert digest_of(mail_server, reader) == []
    write(alice, crew, "we deploy")
    write(alice, crew, "@bob see")
    [mail] = digest_of(mail_server, reader)
    plain, _ = parts(mail)
    assert mail["Subject"].startswith("2 unread messages")
    assert "we deploy" in plain
    assert "@Bob see" in plain
    assert "plain" not in plain


def test_do_not_disturb_holds_no_digest_back(alice, reader, crew, mail_server):
    give_address(reader, reader.email, dnd_until=timezone.now() + timedelta(days=1))
    write(alice, crew)
    assert len(digest_of(mail_server, reader)) == 1


def test_deleted_hidden_and_blocked_messages_are_not_told_of(
    alice, reader, charlie, dana, crew, mail_server
):
    for each in (charlie, dana):
        in_touch(alice, each)
        groups.add_members(alice.id, crew, [each.id])
    deleted, hidden = write(alice, crew, "oops").seq, write(charlie, crew, "rude").seq
    write(dana, crew, "from somebody blocked")
    write(alice, crew, "fine")
    edits.delete_message(alice.id, crew, seq=deleted)
    hiding.hide_message(crew, hidden)
    contacts.block(reader.id, dana.id)
    [mail] = digest_of(mail_server, reader)
    plain, html = parts(mail)
    assert mail["Subject"].startswith("1 unread message ")
    for text in (plain, html):
        assert "fine" in text
        for never in ("oops", "rude", "blocked", "Dana", "charlie"):
            assert never not in text


def test_charlie_outside_gets_nothing_where_bob_gets_a_digest(
    alice, reader, charlie, crew, mail_server
):
    give_address(charlie, "charlie@example.org")
    set_digest(charlie.id, DigestUpdate(frequency="daily"))
    write(alice, crew, "for the crew")
    [mail] = digest_of(mail_server, reader, charlie)
    assert mail["X-To"] == "bob@example.org"
    # Nor does Bob once he has left.
    write(alice, crew, "without Bob")
    groups.leave_group(reader.id, crew)
    assert digest_of(mail_server, reader, charlie) == []


def test_texts_are_left_out_where_the_person_or_the_server_wants_none(
    alice, reader, crew, mail_server, settings
):
    def texts():
        write(alice, crew, "secret plan")
        [mail] = digest_of(mail_server, reader)
        plain, html = parts(mail)
        assert "Alice Ärmel" in plain
        assert "1 message" in plain
        assert ("secret plan" in plain) == ("secret plan" in html)
        return "secret plan" in html

    assert texts()
    set_preferences(reader.id, PreferencesUpdate(content=False))
    assert not texts()
    set_digest(reader.id, DigestUpdate(texts=True))
    assert texts()
    settings.DIGEST_TEXTS = False
    assert not texts()
    settings.DIGEST_TEXTS = True
    set_digest(reader.id, DigestUpdate(texts=False))
    assert not texts()


def test_a_digest_is_bounded(alice, reader, crew, mail_server):
    write(alice, crew, "@bob " + "x" * 3_900)
    write_many(alice, crew, 1_100)
    [mail] = digest_of(mail_server, reader)
    plain, html = parts(mail)
    assert mail["Subject"].startswith("1000+ unread messages")
    assert "and 995+ more" in plain
    # The mention is far back, and is shown first.
    assert plain.index("xxx") < plain.index("1100")
    assert len(html) < 10_000


def test_it_is_in_the_language_and_by_the_clock_of_the_person(alice, reader, crew, mail_server):
    give_address(reader, reader.email, locale="de", time_zone="Asia/Tokyo")
    sent = write(alice, crew, "Hallo")
    erasure.forget_profile(alice.id)
    [mail] = digest_of(mail_server, reader)
    plain, html = parts(mail)
    assert mail["Subject"].startswith("1 ungelesene Nachricht ")
    assert 'lang="de"' in html
    assert "Ehemaliges Mitglied" in plain
    tokyo = (sent.at.astimezone(UTC) + timedelta(hours=9)).strftime("%H:%M")
    assert tokyo in plain
    assert tokyo in html


def test_headers_are_of_a_mailing_that_ends_with_one_click(alice, reader, crew, mail_server):
    write(alice, crew)
    [mail] = digest_of(mail_server, reader)
    assert mail["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/digest/off/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")
    assert mail["Message-ID"].count("@") == 1
    assert abs(mail["Date"].datetime.replace(tzinfo=UTC).timestamp() - time.time()) < 60


def test_names_with_markup_and_lines_stay_text(alice, reader, mail_server):
    give_address(alice, None, name="Eve\r\nBcc: all@example.org <b>")
    chat = direct_chat(alice, reader)
    write(alice, chat, "<script>alert(1)</script>")
    [mail] = digest_of(mail_server, reader)
    _, html = parts(mail)
    assert mail["Bcc"] is None
    assert mail["X-To"] == "bob@example.org"
    assert "<script>" not in html
    assert "&lt;b&gt;" in html


def test_an_international_domain_is_reached(alice, reader, crew, mail_server):
    give_address(reader, "bob@bücher.example")
    write(alice, crew)
    [mail] = digest_of(mail_server, reader)
    assert mail["X-To"] == "bob@xn--bcher-kva.example"


def test_one_that_was_asked_for_tells_everything_and_changes_nothing(
    alice, reader, crew, mail_server
):
    planned = set_digest(reader.id, DigestUpdate(frequency="weekly")).next_at
    assert ask_for_digest(reader.id).next_at == planned, "that of the schedule"
    send()
    [mail] = mail_server.mails
    assert "Nothing is unread" in parts(mail)[0]
    set_digest(reader.id, DigestUpdate(frequency="off"))
    assert ask_for_digest(reader.id).next_at is None
    send()
    for text in parts(mail_server.mails.pop()):
        assert "because you asked for a digest" in text
        assert "is on in your settings" not in text
    set_digest(reader.id, DigestUpdate(frequency="daily"))
    write(alice, crew, "one")
    assert "one" in parts(digest_of(mail_server, reader)[0])[0]
    positions = list(DigestPosition.objects.values())
    write(alice, crew, "two")
    ask_for_digest(reader.id)
    send()
    plain, _ = parts(mail_server.mails[-1])
    assert "one" in plain
    assert "two" in plain
    assert list(DigestPosition.objects.values()) == positions
    row = Digest.objects.get(user=reader)
    assert not row.trial
    assert row.next_at > timezone.now()


def test_a_digest_takes_as_many_queries_with_many_chats(alice, reader, mail_server, monkeypatch):
    def cost():
        make_due(reader)
        with traffic() as seen:
            send()
        return seen.statements

    chats = [groups.create_group(alice.id, f"Group {n}", []) for n in range(8)]
    in_touch(alice, reader)
    for chat in chats:
        groups.add_members(alice.id, chat, [reader.id])
    write(alice, chats[0])
    one = cost()
    for chat in chats:
        write_many(alice, chat, 8)
    assert (cost(), len(mail_server.mails)) == (one, 2)
    assert one == 22
    monkeypatch.setattr(digest_mail, "MAX_LISTED", 3)
    for chat in chats:
        write(alice, chat)
    [mail] = digest_of(mail_server, reader)
    plain, html = parts(mail)
    assert plain.count("/at/") == html.count("/at/") == 3
    assert "And 5 more chats." in plain
    assert "And 5 more chats." in html
