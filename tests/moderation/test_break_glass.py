"""Break-glass: who may ask, approve and read, what is recorded, and what the members are told."""

import json
from datetime import timedelta
from functools import partial
from io import StringIO

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from apps.chats.actions import edits, groups, hiding
from apps.chats.models import Chat, Message
from apps.chats.queries import changes, chat_list, history
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.moderation.actions import break_glass, entries, reports
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.break_glass import Asked
from apps.moderation.actions.reports import Reported
from apps.moderation.models import AuditRecord, ReadRequest
from apps.moderation.queries import audit
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from apps.moderation.queries.read_requests import NoBreakGlass
from tests.chats.factories import write, write_many
from tests.chats.test_lock_order import in_order, order_of_locks
from tests.moderation.conftest import moderator_named
from tests.moderation.test_entries import OPERATOR
from tests.support.people import in_touch, signed_in
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.statements import traffic
from tests.support.uploads import stored_file

__all__ = ["alice", "bob", "crew", "shared_people"]

API = "/api/v1/moderation/read-requests"
LONG_AGO = timezone.now() - timedelta(days=30)
WORDS = "words that only the members read"


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.BREAK_GLASS = True


def reader_named(username):
    """A moderator with the permission for break-glass."""
    user = moderator_named(username)
    user.user_permissions.add(Permission.objects.get(codename="break_glass"))
    return user


@pytest.fixture
def mona(db):
    return reader_named("mona")


@pytest.fixture
def nick(db):
    return reader_named("nick")


@pytest.fixture
def moderator(db):
    """Without the permission for break-glass."""
    return moderator_named("milo")


def by(user):
    return By(user.id, Door.API)


def ask(user, chat, **more):
    given = {"since": LONG_AGO, "reason": "abuse", "text": "Threats", "hours": 2, **more}
    return break_glass.ask(by(user), Asked(chat=chat, **given))


def approved(asker, approver, chat, **more):
    return break_glass.approve(by(approver), ask(asker, chat, **more).id)


def texts(page):
    return [entry.text for entry in page.entries if entry.kind == "text"]


def actions():
    return [*AuditRecord.objects.order_by("number").values_list("action", flat=True)]


def expire(row, hours=0):
    """As if it had expired this many hours ago."""
    at = timezone.now() - timedelta(hours=hours)
    ReadRequest.objects.filter(id=row.id).update(over_at=at)


def told_in(chat):
    return [*Message.objects.filter(chat_id=chat, kind="moderator_read")]


def test_each_page_is_read_after_an_approval_and_recorded(crew, alice, mona, nick):
    write_many(alice, crew, 60)
    row = ask(mona, crew)
    assert row.entries == 62
    for user in (mona, nick):
        with pytest.raises((NotPossible, OutOfReach)):
            break_glass.read(by(user), row.id)
    break_glass.approve(by(nick), row.id)
    with pytest.raises(OutOfReach):
        break_glass.read(by(nick), row.id)
    page = break_glass.read(by(mona), row.id)
    rest = break_glass.read(by(mona), row.id, after=page.following)
    assert texts(page) + texts(rest) == [str(number) for number in range(1, 61)]
    assert (page.following, rest.following) == (50, None)
    assert actions() == ["ask_to_read", "approve_reading", "read_chat", "read_chat"]
    views = AuditRecord.objects.filter(action="read_chat").order_by("number")
    assert {(view.by, view.chat) for view in views} == {(mona.id, crew)}
    shown = [json.loads(view.details) for view in views]
    assert [(each["first"], each["last"]) for each in shown] == [(1, 50), (51, 62)]
    assert {each["request"] for each in shown} == {str(row.id)}
    assert audit.verify().intact
    row.refresh_from_db()
    assert (row.first_read, row.last_read) == (1, 62)


def test_only_the_part_that_was_asked_for_is_read(crew, alice, bob, mona, nick):
    write(alice, crew, "before")
    middle = write(bob, crew, "inside")
    write(alice, crew, "after")
    for seq, days in ((middle.seq - 1, 20), (middle.seq, 10), (middle.seq + 1, 5)):
        at = timezone.now() - timedelta(days=days)
        Message.objects.filter(chat_id=crew, seq__lte=seq, created_at__gt=at).update(created_at=at)
    Chat.objects.filter(id=crew).update(created_at=LONG_AGO)
    now = timezone.now()
    row = approved(mona, nick, crew, since=now - timedelta(days=15), until=now - timedelta(days=7))
    write(alice, crew, "later")
    for after in (0, middle.seq - 2, middle.seq, middle.seq + 100):
        assert set(texts(break_glass.read(by(mona), row.id, after=after))) <= {"inside"}
    assert texts(break_glass.read(by(mona), row.id)) == ["inside"]
    with pytest.raises(NotPossible):
        ask(mona, crew, since=now - timedelta(days=8), until=now - timedelta(days=7))


def test_messages_are_shown_as_to_members(crew, alice, bob, mona, nick):
    file = stored_file(bob, "plan.txt", b"the plan").id
    seqs = [write(bob, crew, text).seq for text in ("first", "rude", "gone")]
    write(bob, crew, "with a file", files=[file])
    edits.edit_message(bob.id, crew, seq=seqs[0], text="changed")
    hiding.hide_message(crew, seqs[1])
    edits.delete_message(bob.id, crew, seq=seqs[2])
    row = approved(mona, nick, crew)
    shown = [each for each in break_glass.read(by(mona), row.id).entries if each.kind == "text"]
    assert [each.text for each in shown] == ["changed", "", "", "with a file"]
    assert [(each.edited, each.hidden, each.deleted) for each in shown] == [
        (True, False, False),
        (False, True, True),
        (False, False, True),
        (False, False, False),
    ]
    assert {each.name for each in shown} == {"Bob"}
    assert shown[-1].files == ["plan.txt"]


ROLES = {
    "member": NoModerator,
    "moderator": NoBreakGlass,
    "operator": NoModerator,
    "reader": None,
    "administrator": None,
}


@pytest.mark.parametrize("role", ROLES)
def test_each_role_asks_decides_and_reads_only_if_it_may(
    crew, charlie, moderator, root, mona, nick, role
):
    users = {"member": charlie, "moderator": moderator, "reader": nick, "administrator": root}
    who = by(users[role]) if role in users else OPERATOR
    waiting = ask(mona, crew)
    tried = {
        "ask": lambda: break_glass.ask(who, Asked(crew, LONG_AGO, "abuse", "Threats", 1)),
        "refuse": lambda: break_glass.refuse(who, waiting.id, reason="No"),
        "approve": lambda: break_glass.approve(who, approvable.id),
    }
    before = AuditRecord.objects.count()
    for number, (name, action) in enumerate(tried.items()):
        approvable = ask(reader_named("olga"), crew) if name == "approve" else waiting
        before = AuditRecord.objects.count()
        if ROLES[role]:
            with pytest.raises(ROLES[role]):
                action()
        else:
            action()
        assert (AuditRecord.objects.count() > before) == (ROLES[role] is None), (number, name)
    if ROLES[role]:
        # An operator ends requests, and nobody reads those of others.
        with pytest.raises((Forbidden, NotFound)):
            break_glass.read(who, waiting.id)
        if role != "operator":
            with pytest.raises(ROLES[role]):
                break_glass.end(who, waiting.id)


def test_nobody_decides_on_their_own_request(crew, mona, root):
    for user in (mona, root):
        row = ask(user, crew)
        for decide in (break_glass.approve, partial(break_glass.refuse, reason="No")):
            with pytest.raises(OutOfReach):
                decide(by(user), row.id)
        with pytest.raises(NotPossible):
            ask(user, crew)
        with pytest.raises(NotPossible):
            break_glass.read(by(user), row.id)


def test_members_of_the_chat_neither_ask_nor_see_the_request(crew, alice, bob, mona, nick):
    in_touch(alice, nick)
    groups.add_members(alice.id, crew, [nick.id])
    with pytest.raises(OutOfReach):
        ask(nick, crew)
    row = ask(mona, crew)
    for action in (
        break_glass.approve,
        break_glass.end,
        break_glass.read,
        partial(break_glass.refuse, reason="No"),
    ):
        with pytest.raises(NotFound):
            action(by(nick), row.id)
    assert signed_in(nick).get(API).json()["items"] == []
    assert "Crew" not in signed_in(nick).get(LIST).content.decode()
    assert signed_in(nick).get(page_of(row)).status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"reason": "curiosity"},
        {"text": "  "},
        {"text": "x" * 2_001},
        {"hours": 0},
        {"hours": 25},
    ],
    ids=str,
)
def test_an_invalid_request_is_refused(crew, mona, more):
    with pytest.raises(Invalid):
        ask(mona, crew, **more)
    assert not ReadRequest.objects.exists()


def test_a_chat_that_does_not_exist_cannot_be_asked_for(mona):
    with pytest.raises(NotFound):
        ask(mona, new_id())


def test_switched_off_nothing_is_asked_approved_or_read(crew, alice, bob, mona, nick, settings):
    write(bob, crew, WORDS)
    row, waiting = approved(mona, nick, crew), ask(nick, crew)
    break_glass.read(by(mona), row.id)
    settings.BREAK_GLASS = False
    for action in (
        lambda: ask(mona, crew),
        lambda: break_glass.approve(by(mona), waiting.id),
        lambda: break_glass.read(by(mona), row.id),
    ):
        with pytest.raises(NotPossible):
            action()
    break_glass.refuse(by(mona), waiting.id, reason="It is off")
    break_glass.end(by(mona), row.id)
    settings.BREAK_GLASS_DELAY = 0
    break_glass.tell_members()
    assert len(told_in(crew)) == 1


def test_it_ends_when_it_expires_or_somebody_ends_it(crew, alice, mona, nick, settings):
    row = approved(mona, nick, crew, hours=2)
    assert row.over_at - row.decided_at == timedelta(hours=2)
    expire(row)
    with pytest.raises(NotPossible):
        break_glass.read(by(mona), row.id)
    with pytest.raises(NotPossible):
        break_glass.end(by(mona), row.id)
    for who in (by(mona), by(nick), OPERATOR):
        row = approved(mona, nick, crew)
        break_glass.read(by(mona), row.id)
        break_glass.end(who, row.id)
        with pytest.raises(NotPossible):
            break_glass.read(by(mona), row.id)
    row = ask(mona, crew, hours=20)
    settings.BREAK_GLASS_MAX_HOURS = 5
    row = break_glass.approve(by(nick), row.id)
    assert row.over_at - row.decided_at == timedelta(hours=5)


def test_a_waiting_request_can_be_taken_back_and_a_refused_one_is_over(crew, mona, nick):
    row = ask(mona, crew)
    break_glass.end(by(mona), row.id)
    again = ask(mona, crew)
    break_glass.refuse(by(nick), again.id, reason="Too long a time")
    for request in (row, again):
        for action in (break_glass.approve, break_glass.end):
            with pytest.raises(NotPossible):
                action(by(nick), request.id)
        with pytest.raises(NotPossible):
            break_glass.read(by(mona), request.id)
    assert AuditRecord.objects.latest("number").reason == "Too long a time"


def test_one_who_lost_the_permission_reads_no_more(crew, mona, nick):
    row = approved(mona, nick, crew)
    waiting = ask(mona, crew)
    mona.user_permissions.clear()
    with pytest.raises(NoModerator):
        break_glass.read(by(mona), row.id)
    with pytest.raises(NotPossible):
        break_glass.approve(by(nick), waiting.id)


def test_a_deleted_chat_is_not_read_and_nobody_is_told(crew, mona, nick, settings):
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    Chat.objects.filter(id=crew).delete()
    with pytest.raises(NotFound):
        break_glass.read(by(mona), row.id)
    expire(row, hours=25)
    break_glass.tell_members()
    row.refresh_from_db()
    assert row.told_at is not None
    assert "deleted chat" in signed_in(nick).get(LIST).content.decode()


def test_members_are_told_once_after_the_delay(
    crew, alice, bob, mona, nick, settings, captured_events
):
    seq = write(bob, crew, WORDS).seq
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    settings.BREAK_GLASS_DELAY = 24
    for hours in (0, 23):
        expire(row, hours=hours)
        break_glass.tell_members()
        assert told_in(crew) == []
    expire(row, hours=24)
    rev = Chat.objects.get(id=crew).rev
    with captured_events() as published:
        break_glass.tell_members()
        break_glass.tell_members()
    [entry] = told_in(crew)
    told = json.loads(entry.text)
    first, last = history.newest(crew, limit=100)[0], Message.objects.get(chat_id=crew, seq=seq)
    assert told == {
        "from": first.at.isoformat(),
        "to": last.created_at.isoformat(),
        "reason": "abuse",
    }
    assert [event.event.message.kind for event in published] == ["moderator_read"]
    # For devices that were away, in history, and in the list of chats, unread.
    assert [item.seq for item in changes_of(crew, rev)] == [entry.seq]
    assert history.newest(crew, limit=1)[0].kind == "moderator_read"
    for user in (alice, bob):
        [chat] = [each for each in chat_list.by_ids(user.id, [crew])]
        assert (chat.last.kind, chat.last_seq) == ("moderator_read", entry.seq)
        assert chat.read_seq < entry.seq
        assert chat.sender is None
    # Neither who read nor what they wrote about it.
    everything = json.dumps(signed_in(alice).get(f"/api/v1/chats/{crew}/messages").json())
    assert str(mona.id) not in everything
    assert "Threats" not in everything
    assert actions()[-1] == "tell_members"
    write(alice, crew, "Why?")


def changes_of(chat, rev):
    return [each.event.message for each in changes.since({chat: rev})[chat].publications]


def test_nothing_is_told_when_nothing_was_read(crew, mona, nick, settings):
    settings.BREAK_GLASS_DELAY = 0
    expire(approved(mona, nick, crew))
    break_glass.tell_members()
    assert told_in(crew) == []


def test_one_chat_that_cannot_be_told_does_not_stop_the_others(
    crew, chat, bob, mona, nick, settings, monkeypatch
):
    write(bob, chat, WORDS)
    for each in (crew, chat):
        row = approved(mona, nick, each)
        break_glass.read(by(mona), row.id)
        expire(row, hours=25)
    real = break_glass.moderating.tell_of_reading

    def fails_once(chat_id, **more):
        if chat_id == crew:
            raise RuntimeError("broken")
        real(chat_id, **more)

    monkeypatch.setattr(break_glass.moderating, "tell_of_reading", fails_once)
    break_glass.tell_members()
    assert (len(told_in(crew)), len(told_in(chat))) == (0, 1)
    monkeypatch.setattr(break_glass.moderating, "tell_of_reading", real)
    break_glass.tell_members()
    assert (len(told_in(crew)), len(told_in(chat))) == (1, 1)


def test_each_step_locks_in_the_documented_order(crew, mona, nick):
    row = approved(mona, nick, crew)
    with order_of_locks() as tables:
        break_glass.read(by(mona), row.id)
    assert tables == ["moderation_readrequest", "moderation_auditrecord"]
    expire(row, hours=25)
    with order_of_locks() as tables:
        break_glass.tell_members()
    assert tables[:2] == ["chats_chat", "moderation_readrequest"]
    assert in_order(tables), tables


LIST = reverse("admin:moderation_readrequest_changelist")
ADD = reverse("admin:moderation_readrequest_add")


def page_of(row):
    return reverse("admin:moderation_readrequest_change", args=[row.id])


def reading_of(row):
    return reverse("admin:moderation_readrequest_read", args=[row.id])


def form(chat, **more):
    return {
        "chat": chat,
        "since": "2026-01-01T00:00",
        "until": "",
        "reason": "abuse",
        "text": "Threats",
        "hours": "2",
        **more,
    }


def test_the_pages_of_the_admin(chat, alice, bob, mona, nick):
    write(bob, chat, WORDS)
    asker, decider = signed_in(mona), signed_in(nick)
    assert "Another moderator" in asker.get(f"{ADD}?chat={chat}").content.decode()
    refused = asker.post(ADD, form(chat, hours="30"))
    assert "Choose 1 to 24 hours." in refused.content.decode()
    assert asker.post(ADD, form(chat)).status_code == 302
    row = ReadRequest.objects.get()
    for client, button in ((asker, "_end"), (decider, "_approve")):
        listed = client.get(LIST).content.decode()
        assert "Alice Ärmel and Bob" in listed
        page = client.get(page_of(row)).content.decode()
        assert f'name="{button}"' in page
        assert "Threats" in page
        assert WORDS not in listed + page
    assert 'name="_approve"' not in asker.get(page_of(row)).content.decode()
    asker.post(page_of(row), {"_approve": "1"})
    assert WORDS not in asker.get(reading_of(row), follow=True).content.decode()
    decider.post(page_of(row), {"_approve": "1"})
    assert WORDS not in decider.get(reading_of(row), follow=True).content.decode()
    page = asker.get(reading_of(row))
    assert WORDS in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert asker.get(f"{reading_of(row)}?after=x").status_code == 404
    decider.post(page_of(row), {"_end": "1"})
    assert WORDS not in asker.get(reading_of(row), follow=True).content.decode()
    assert actions() == ["ask_to_read", "approve_reading", "read_chat", "end_reading"]


def test_refusing_in_the_admin_takes_a_reason(crew, mona, nick):
    row = ask(mona, crew)
    client = signed_in(nick)
    page = client.post(page_of(row), {"_refuse": "1"}, follow=True).content.decode()
    assert "Write a reason" in page
    client.post(page_of(row), {"_refuse": "1", "reason": "Ask for less"})
    row.refresh_from_db()
    assert row.state == "refused"


def test_the_pages_are_for_moderators_with_the_permission(crew, charlie, moderator, mona):
    row = ask(mona, crew)
    for user in (charlie, moderator):
        client = signed_in(user)
        for page in (LIST, ADD, page_of(row), reading_of(row)):
            answer = client.get(page)
            assert answer.status_code in (302, 403, 404), page
            assert "Crew" not in answer.content.decode()
    assert LIST not in signed_in(moderator).get(reverse("admin:index")).content.decode()
    assert LIST in signed_in(mona).get(reverse("admin:index")).content.decode()


def test_reading_needs_what_the_admin_asks_of_staff(crew, mona, nick, settings):
    row = approved(mona, nick, crew)
    settings.STAFF_SECOND_FACTOR = True
    assert signed_in(mona).get(reading_of(row)).status_code != 200
    answer = signed_in(mona).get(f"{API}/{row.id}/messages")
    assert (answer.status_code, answer.json()["code"]) == (403, "fresh_sign_in_required")
    assert "read_chat" not in actions()


def test_the_list_asks_as_often_for_many_requests(crew, mona, nick):
    def queries():
        client = signed_in(nick)
        with traffic() as sent:
            assert client.get(LIST).status_code == 200
        return sent.statements

    ask(mona, crew)
    queries()
    one = queries()
    for number in range(8):
        ask(reader_named(f"reader{number}"), crew)
    assert queries() == one


def test_the_api(crew, bob, moderator, mona, nick):
    write(bob, crew, WORDS)
    asker, decider = signed_in(mona), signed_in(nick)
    body = {"chat": str(crew), "since": "2026-01-01T00:00:00Z", "hours": 2}
    body |= {"reason": "safety", "text": "He may hurt himself"}

    def post(client, path="", given=None):
        return client.post(API + path, given, content_type="application/json")

    assert post(signed_in(moderator), given=body).status_code == 403
    assert post(asker, given=body | {"hours": 0}).status_code == 400
    made = post(asker, given=body)
    assert made.status_code == 201
    row = made.json()["id"]
    assert post(asker, f"/{row}/approve").status_code == 403
    assert asker.get(f"{API}/{row}/messages").status_code == 409
    assert post(decider, f"/{row}/approve").json()["state"] == "approved"
    assert decider.get(f"{API}/{row}/messages").status_code == 403
    page = asker.get(f"{API}/{row}/messages?limit=3").json()
    assert [entry["text"] for entry in page["items"]][-1] == WORDS
    assert page["next"] is None
    assert post(decider, f"/{row}/end").json()["state"] == "ended"
    assert asker.get(f"{API}/{row}/messages").status_code == 409
    again = post(asker, given=body).json()["id"]
    assert post(decider, f"/{again}/refuse", {"reason": "No"}).json()["state"] == "refused"
    listed = decider.get(f"{API}?limit=1").json()
    assert [each["id"] for each in listed["items"]] == [again]
    more = decider.get(f"{API}?cursor={listed['next']}").json()
    assert [each["id"] for each in more["items"]] == [row]
    assert signed_in(moderator).get(API).status_code == 403


def test_the_command_ends_reading(crew, mona, nick):
    row = approved(mona, nick, crew)
    call_command("moderate", "end-reading", str(row.id), stdout=StringIO())
    row.refresh_from_db()
    assert row.state == "ended"
    assert AuditRecord.objects.latest("number").door == "command"


def test_the_overview_counts_what_one_can_approve(crew, mona, nick, settings):
    ask(mona, crew)
    line = "Requests that you can approve"
    for user, number in ((mona, 0), (nick, 1)):
        page = signed_in(user).get(reverse("admin:index")).content.decode()
        assert line in page
        shown = page.split(line)[1][:400]
        assert f">{number}<" in shown.replace("\n", "").replace(" ", ""), shown
    settings.BREAK_GLASS = False
    assert line not in signed_in(nick).get(reverse("admin:index")).content.decode()


def test_nobody_reports_deletes_or_hides_what_the_members_are_told(crew, alice, bob, mona, nick):
    write(bob, crew, WORDS)
    row = approved(mona, nick, crew)
    break_glass.read(by(mona), row.id)
    expire(row, hours=25)
    break_glass.tell_members()
    [entry] = told_in(crew)
    seq = entry.seq
    for attempt in (
        partial(reports.create_report, alice.id, Reported("entry", "other", chat=crew, seq=seq)),
        partial(edits.delete_message, alice.id, crew, seq=seq),
        partial(entries.hide, OPERATOR, crew, seq, reason="No"),
        partial(entries.delete, OPERATOR, crew, seq, reason="No"),
    ):
        with pytest.raises(NotFound):
            attempt()
    # As context, it goes along.
    asked = Reported("entry", "other", chat=crew, seq=write(bob, crew, "more").seq, context=3)
    copied = reports.create_report(alice.id, asked).report.evidence.order_by("seq")
    assert [each.kind for each in copied][-2:] == ["moderator_read", "text"]
