"""Reads of many or long rows are limited, and show that there is more."""

import pytest
from django.db import connection

from apps.chats.actions import groups
from apps.chats.models import Chat, Member, Message
from apps.chats.queries import changes, chat_list, history, members, message_rows, saved
from apps.core.reads import read
from apps.realtime import change_feed
from tests.chats.factories import write_many
from tests.support.fill import fill_all, many_groups
from tests.support.people import person, signed_in
from tests.support.reading import missed_by

API = "/api/v1"


@pytest.fixture
def crew(alice, bob, in_touch_with_bob):
    return groups.create_group(alice.id, "Crew", [bob.id])


@pytest.fixture
def in_touch_with_bob(alice, bob):
    from tests.support.people import in_touch

    in_touch(alice, bob)


def moved_members(chat, count):
    """Change many members of a chat, each at its own revision."""
    for number in range(1, count + 1):
        someone = person(f"m{number}-{str(chat)[-6:]}")
        Member.objects.create(chat_id=chat, user=someone, rev=number, person_rev=1)


def test_the_limit_of_changed_members_is_per_chat(alice):
    first, second = sorted(many_groups(alice.id, 2))
    moved_members(first, 9)
    moved_members(second, 2)
    changed = members.changes_reading([first, second], [0, 0], limit=3)
    read(changed)
    assert [[rev for rev, _ in changed.of(place)] for place in (1, 2)] == [[1, 2, 3], [1, 2]]


def test_a_change_between_the_reads_is_left_to_the_next_response(alice, bob, crew, monkeypatch):
    """Entries are read before members: a member's change read later must not skip an entry that
    was committed in between."""
    since = Chat.objects.get(id=crew).rev
    write_many(alice, crew, 1)
    head = since + 1

    def one_by_one(*reads):
        for each in reads:
            if each.sql == members.CHANGED:
                monkeypatch.undo()
                write_many(alice, crew, 1)
                groups.remove_member(alice.id, crew, person=bob.id)
            read(each)

    monkeypatch.setattr(changes, "read", one_by_one)
    client = signed_in(alice)
    answer = client.get(f"{API}/chats/{crew}/changes?since={since}").json()
    assert ([entry["rev"] for entry in answer["items"]], answer["rev"]) == ([head], head)
    rest = client.get(f"{API}/chats/{crew}/changes?since={head}").json()
    assert next(entry["rev"] for entry in rest["items"]) == head + 1


def test_more_than_a_megabyte_of_changes_is_a_gap(alice, crew):
    fill_all([crew], alice.id, amount=0, length=1)
    Message.objects.filter(chat_id=crew).delete()
    fill_all([crew], alice.id, amount=12, length=90_000)
    assert changes.since({crew: 0})[crew].complete is False
    assert changes.since({crew: 2})[crew].complete is True
    assert signed_in(alice).get(f"{API}/chats/{crew}/changes?since=0").status_code == 410


@pytest.mark.django_db(transaction=True)
def test_healing_reads_up_to_a_budget_and_tells_of_the_rest(alice):
    chats = many_groups(alice.id, 8)
    fill_all(chats, alice.id, amount=10, length=90_000)
    found, _ = change_feed.behind(chat_cursors=dict.fromkeys(chats, 0), person_cursors={})
    assert {delivery.to for delivery in found} == set(chats)
    assert (
        sum(len(delivery.event or "") for delivery in found) < 1.1 * change_feed.MAX_BYTES_AT_ONCE
    )


@pytest.mark.parametrize(
    ("page", "seqs"),
    [
        (lambda chat: history.newest(chat, limit=50), range(20, 31)),
        (lambda chat: history.before(chat, seq=21, limit=50), range(10, 21)),
        (lambda chat: history.after(chat, seq=5, limit=50), range(6, 17)),
        (lambda chat: history.around(chat, seq=15, limit=50), range(10, 21)),
        (lambda chat: history.newest(chat, limit=2), range(29, 31)),
        (lambda chat: history.newest(chat, limit=2, max_bytes=1), range(30, 31)),
    ],
)
def test_a_page_of_long_texts_ends_early_without_a_gap(alice, page, seqs):
    [chat] = many_groups(alice.id, 1)
    fill_all([chat], alice.id, amount=30, length=95_000)
    assert [entry.seq for entry in page(chat)] == list(seqs)


def test_the_chat_list_has_a_summary_of_the_last_entry(alice, crew):
    write_many(alice, crew, 1)
    last = Message.objects.filter(chat_id=crew).order_by("-seq")[0]
    for text, whole in (("ä" * 300, True), ("ä" * 301, False), ("x" * 90_000, False)):
        Message.objects.filter(chat_id=crew, seq=last.seq).update(text=text)
        [chat] = chat_list.by_ids(alice.id, [crew])
        assert (chat.last.text, chat.last.truncated) == (text[:300], not whole)
    Message.objects.filter(chat_id=crew, seq=last.seq).update(text="short", reacted=True)
    assert chat_list.by_ids(alice.id, [crew])[0].last.truncated
    assert not message_rows.one(crew, last.seq).truncated


def test_an_undecodable_part_is_left_out_and_logged_once(alice, crew, caplog):
    write_many(alice, crew, 1)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chats_message SET previews = '[1]' WHERE chat_id = %s", [crew])
    found = history.newest(crew, limit=10)
    assert all(entry.previews == [] for entry in found)
    history.newest(crew, limit=10)
    assert len(caplog.records) == len(found)


def test_saved_messages_with_long_texts_end_early(alice):
    [chat] = many_groups(alice.id, 1)
    fill_all([chat], alice.id, amount=30, length=95_000)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chats_saved (user_id, chat_id, seq, at, gone, person_rev)"
            " SELECT %s, %s, n, now() + n * interval '1 s', false, n FROM generate_series(1, 30) n",
            [alice.id, chat],
        )
    assert [entry.seq for _, entry in saved.messages_of(alice.id)[0]] == [*range(30, 8, -1)]


def test_a_long_personal_stream_is_read_in_parts(alice):
    many_groups(alice.id, 450)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE chats_member m SET person_rev = n.place FROM (SELECT chat_id, row_number()"
            " OVER () AS place FROM chats_member WHERE user_id = %s) n"
            " WHERE m.chat_id = n.chat_id AND m.user_id = %s",
            [alice.id, alice.id],
        )
    reached, revs = 0, []
    for _ in range(3):
        found, end = missed_by(alice.id, reached)
        revs += [item.rev for item in found]
        reached = end
    assert revs == list(range(1, 451))
    assert reached is None
