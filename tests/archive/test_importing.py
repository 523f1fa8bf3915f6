"""Importing: whose accounts people get, lost contents, and imports that end in the middle."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from msgspec.structs import replace

from apps.accounts.actions import erasure
from apps.accounts.models import Placeholder, User
from apps.archive.actions import exporting, importing
from apps.archive.actions.importing import import_archive
from apps.archive.reading import open_source
from apps.archive.records import Chat, Edit, Membership, Person, Preview, Reaction
from apps.chats.actions import hiding
from apps.chats.actions.expiry import delete_part, enter_indexes
from apps.chats.models import Chat as StoredChat
from apps.chats.models import Member, Message
from apps.chats.queries import history
from apps.core.errors import Conflict
from apps.files.actions.deletion import delete_unused
from apps.files.models import File
from apps.sso.models import Identity
from tests.archive.archives import ANNA, BEN, GROUP, NOTE, THEN, an_entry, an_id, made
from tests.chats.factories import write
from tests.support.emptying import empty_tables
from tests.support.people import direct_chat, in_touch


class Killed(BaseException):
    """The process ends here."""


def run(path):
    """Import an archive. Returns what it did and said."""
    said = []
    with open_source(path) as source:
        return import_archive(source, say=said.append), said


@pytest.mark.django_db
def test_people_keep_their_accounts(tmp_path, folder, alice, bob):
    Identity.objects.create(user=alice, issuer="https://id.example.org", subject="a-1")
    User.objects.filter(id=bob.id).update(email="bob@example.org")
    ran = {"type": "run", "person": str(ANNA), "command": "/weather"}
    cards = {"cards": [{"parts": [ran, {"type": "text", "text": "dry"}]}]}
    archive = made(an_entry(1), an_entry(2, BEN, mentions=[ANNA], layout=cards))
    anna, ben = archive.people
    archive.people = [
        replace(anna, subjects=(("https://id.example.org", "a-1"),)),
        replace(ben, email="Bob@example.org"),
        Person(
            id=an_id(3), username="alice", name="Another Alice", email="al@example.org", bot=True
        ),
    ]
    done, said = run(archive.write(tmp_path / "a"))
    assert (done.matched, done.made) == (2, 1)
    assert said == ["alice is called alice-2 here."]
    assert list(Message.objects.order_by("seq").values_list("sender_id", "mentions")) == [
        (alice.id, None),
        (bob.id, [alice.id]),
    ]
    layout = Message.objects.get(seq=2).layout
    assert layout["cards"][0]["parts"][0] == ran | {"person": str(alice.id)}
    members = Member.objects.filter(chat_id=GROUP).values_list("user_id", flat=True)
    assert set(members) == {alice.id, bob.id}
    assert Placeholder.objects.get().email == "al@example.org"
    assert User.objects.get(id=an_id(3)).is_bot


@pytest.mark.django_db
def test_the_address_of_somebody_who_left_finds_no_account(tmp_path, folder, alice):
    User.objects.filter(id=alice.id).update(email="anna@example.org")
    archive = made()
    anna, ben = archive.people
    anna = replace(anna, email="anna@example.org", former=True)
    archive.people = [anna, replace(ben, email="anna@example.org")]
    run(archive.write(tmp_path / "a"))
    members = Member.objects.filter(chat_id=GROUP).values_list("user_id", flat=True)
    assert set(members) == {ANNA, alice.id}


@pytest.mark.django_db
def test_two_people_of_one_account_are_one_member_unless_both_are_present(tmp_path, folder, alice):
    User.objects.filter(id=alice.id).update(email="anna@example.org")
    archive = made()
    archive.people = [replace(one, email="anna@example.org") for one in archive.people]
    anna, ben = archive.chats[0].members
    archive.chats[0] = replace(archive.chats[0], members=(replace(anna, left=True), ben))
    done, _ = run(archive.write(tmp_path / "a"))
    assert done.chats == 1
    [member] = Member.objects.filter(chat_id=GROUP)
    assert (member.user_id, member.left_rev) == (alice.id, None)
    archive.chats[0] = replace(archive.chats[0], id=an_id(101), members=(anna, ben))
    archive.entries = {an_id(101): []}
    done, said = run(archive.write(tmp_path / "b"))
    assert (done.refused, "same account" in said[0]) == (1, True)


@pytest.mark.django_db
def test_only_placeholders_get_pictures(tmp_path, folder):
    archive = made()
    archive.people[0] = replace(archive.people[0], picture=NOTE)
    path = archive.write(tmp_path / "a")
    run(path)
    File.objects.filter(id=NOTE).update(body={"kind": "image"})
    Placeholder.objects.all().delete()
    run(path)
    assert User.objects.get(id=ANNA).picture is None
    Placeholder.objects.create(user_id=ANNA)
    run(path)
    assert User.objects.get(id=ANNA).picture == NOTE


@pytest.mark.django_db
def test_an_address_that_nobody_confirmed_is_nobodys(tmp_path, folder, alice):
    archive = made()
    archive.people[0] = replace(archive.people[0], email="anna@example.org")
    run(archive.write(tmp_path / "a"))
    assert User.objects.get(id=ANNA).email is None
    assert not User.objects.get(id=ANNA).is_active


@pytest.mark.django_db
def test_a_content_that_is_lost_says_so(tmp_path, folder):
    archive = made()
    archive.contents = []
    done, said = run(archive.write(tmp_path / "a"))
    assert (done.files, done.missing) == (1, 1)
    assert said == ["files.jsonl, line 1: The archive does not have the content."]
    [shown] = history.newest(GROUP, limit=1)[0].files
    assert (shown.name, shown.variants) == ("note.txt", [])
    assert shown.missing == "The archive does not have the content."


@pytest.mark.django_db
def test_another_content_is_not_taken(tmp_path, folder):
    archive = made()
    path = archive.write(tmp_path / "a")
    [content] = (path / "contents").iterdir()
    content.write_bytes(b"a lie!")
    done, _ = run(path)
    assert done.missing == 1
    assert File.objects.get(id=NOTE).blob is None


@pytest.mark.django_db
def test_a_chat_with_other_content_stays_as_it_is(tmp_path, folder, alice, bob):
    in_touch(alice, bob)
    chat = direct_chat(alice, bob)
    write(alice, chat, "of today")
    archive = made()
    archive.people = [Person(id=each) for each in sorted((ANNA, BEN, alice.id, bob.id))]
    members = tuple(Membership(person=each) for each in sorted((alice.id, bob.id)))
    archive.chats += [
        Chat(id=an_id(200), kind="direct", created_at=THEN, members=members),
        Chat(id=chat, kind="direct", created_at=THEN, members=members),
    ]
    archive.entries |= {an_id(200): [an_entry(1)], chat: [an_entry(1)]}
    done, said = run(archive.write(tmp_path / "a"))
    assert (done.chats, done.refused) == (1, 2)
    assert ["another direct chat" in line or "other content" in line for line in said] == [True] * 2
    assert [one.text for one in history.newest(chat, limit=9)] == ["of today"]


@pytest.mark.django_db
def test_a_chat_that_went_on_since_is_complete(tmp_path, folder, alice):
    archive = made()
    archive.people[0] = replace(archive.people[0], subjects=(("i", "s"),))
    Identity.objects.create(user=alice, issuer="i", subject="s")
    path = archive.write(tmp_path / "a")
    run(path)
    write(alice, GROUP, "Hello again")
    done, _ = run(path)
    assert (done.complete, done.refused, done.entries) == (1, 0, 0)
    archive.entries[GROUP] += [an_entry(4), an_entry(5)]
    done, said = run(archive.write(tmp_path / "b"))
    assert (done.refused, done.entries) == (1, 0)
    assert "other content" in said[0]
    assert StoredChat.objects.get(id=GROUP).last_seq == 4


@pytest.mark.django_db
def test_what_was_deleted_for_good_since_stays_deleted(tmp_path, folder, alice):
    path = made().write(tmp_path / "a")
    run(path)
    enter_indexes(GROUP)
    delete_part(GROUP, before=3, days=30)
    done, said = run(path)
    assert (done.complete, done.refused, said) == (1, 0, [])
    assert [one.seq for one in history.newest(GROUP, limit=9)] == [3]


@pytest.mark.django_db
def test_a_file_that_was_deleted_since_comes_back_with_a_new_chat_alone(tmp_path, folder):
    archive = made()
    path = archive.write(tmp_path / "a")
    run(path)
    hiding.delete_for_all(GROUP, 3)
    delete_unused()
    assert not File.objects.exists()
    done, said = run(path)
    assert (done.files, done.known, done.complete, said) == (0, 1, 1, [])
    assert not File.objects.exists()
    archive.chats.append(replace(archive.chats[0], id=an_id(101)))
    archive.entries[an_id(101)] = [replace(an_entry(1, files=[NOTE]), id=an_id(1_101))]
    done, _ = run(archive.write(tmp_path / "b"))
    assert (done.files, done.chats) == (1, 1)
    assert File.objects.get().id == NOTE


@pytest.mark.django_db
def test_an_account_that_was_erased_since_is_no_member_again(tmp_path, folder):
    archive = made()
    anna, ben = archive.chats[0].members
    archive.people.append(Person(id=an_id(3), username="bot", bot=True))
    archive.people.append(Person(id=an_id(4), username="cleo"))
    longer = [replace(ben, person=an_id(n), joined_at=THEN) for n in (3, 4)]
    ben = replace(ben, joined_at=THEN + timedelta(days=1))
    group = replace(archive.chats[0], members=(anna, ben, *longer))
    archive.chats, archive.entries = [], {}
    run(archive.write(tmp_path / "a"))
    erasure.forget_profile(ANNA)
    archive.chats = [group, replace(group, id=an_id(101), members=(anna,))]
    archive.entries = {GROUP: [an_entry(1)], an_id(101): []}
    run(archive.write(tmp_path / "b"))
    members = Member.objects.order_by("chat_id", "user_id").values_list("user_id", "role")
    assert list(members.filter(left_rev=None)) == [
        (BEN, "member"),
        (an_id(3), "member"),
        (an_id(4), "owner"),
    ]
    assert list(members.exclude(left_rev=None)) == [(ANNA, "member")] * 2


def exported(path):
    exporting.export_to(path, exporting.all_chats())
    return {each.relative_to(path): each.read_bytes() for each in path.rglob("*.*")}


@pytest.mark.django_db(transaction=True)
def test_an_import_that_dies_at_any_statement_is_finished_by_the_next(
    tmp_path, folder, monkeypatch
):
    """As after kill -9: what was not committed is gone, and nobody cleans up."""
    monkeypatch.setattr(importing, "BATCH", 2)
    archive = made(*(an_entry(seq, files=[NOTE] if seq == 3 else []) for seq in range(1, 8)))
    path = archive.write(tmp_path / "a")
    run(path)
    whole = exported(tmp_path / "whole")
    number = 0
    for last in count(3, 13):
        empty_tables()
        number = 0

        def die(execute, *arguments, last=last):
            nonlocal number
            number += 1
            if number > last:
                raise Killed
            return execute(*arguments)

        try:
            with connection.execute_wrapper(die):
                run(path)
        except Killed:
            assert not Member.objects.exists() or StoredChat.objects.get().last_seq == 7
            run(path)
        else:
            break
        assert exported(tmp_path / str(last)) == whole
    assert number > 30


numbers = count()
people = some.sampled_from([ANNA, BEN])
texts = some.text(
    some.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=20
).map("t{}".format)


@some.composite
def timelines(draw):
    """The entries of a chat, with anything in them."""
    entries = []
    for seq in range(1, draw(some.integers(1, 9)) + 1):
        fields = {}
        if seq > 1 and draw(some.booleans()):
            to = draw(some.integers(1, seq - 1))
            fields = {"reply_to": to, "thread": entries[to - 1].thread or to}
        if draw(some.booleans()):
            fields |= {"text": "", "deleted_at": THEN}
        else:
            fields |= draw(some.fixed_dictionaries({"text": texts}, optional=CONTENT))
        entries.append(an_entry(seq, draw(people), **fields))
    return entries


CONTENT = {
    "edits": some.lists(texts.map(lambda text: Edit(text, THEN)), max_size=2),
    "edited_at": some.just(THEN),
    "hidden_at": some.just(THEN),
    "mentions": some.lists(people, max_size=2, unique=True),
    "mentions_all": some.booleans(),
    "files": some.just([NOTE]),
    "client_id": some.uuids(version=4),
    "about": people,
    "previews": some.just([Preview("https://example.org", "A", "", "")]),
    "reactions": some.lists(
        some.builds(Reaction, some.sampled_from("👍🎉"), people, some.just(THEN)),
        max_size=3,
        unique_by=lambda one: (one.emoji, one.person),
    ),
}


@pytest.mark.django_db(transaction=True)
@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(entries=timelines())
def test_generated_archives_come_back(tmp_path, folder, entries):
    empty_tables()
    number = next(numbers)
    run(made(*entries).write(tmp_path / f"{number}-a"))
    first = exported(tmp_path / f"{number}-b")
    empty_tables()
    done, said = run(tmp_path / f"{number}-b")
    assert (done.entries, said) == (len(entries), [])
    assert exported(tmp_path / f"{number}-c") == first


@pytest.mark.django_db
def test_only_one_import_writes_a_chat(tmp_path, folder, monkeypatch):
    path = made().write(tmp_path / "a")
    real = importing.imported.add_entries

    def overtaken(chat_id, entries):
        real(chat_id, entries)
        with pytest.raises(Conflict):
            real(chat_id, entries)

    monkeypatch.setattr(importing.imported, "add_entries", overtaken)
    done, _ = run(path)
    assert done.chats == 1
    assert Message.objects.count() == 3
