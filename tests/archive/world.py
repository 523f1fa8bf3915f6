"""Chats that have everything that an archive can have."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from apps.accounts.actions import erasure
from apps.accounts.actions.placeholders import PastPerson, make_placeholder
from apps.accounts.models import User
from apps.chats.actions import edits, groups, hiding, reactions
from apps.chats.actions.expiry import delete_part, enter_indexes
from apps.chats.actions.imported import (
    PastChat,
    PastMember,
    add_entries,
    begin_chat,
    open_chat,
)
from apps.chats.actions.imported_entries import PastEntry
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Chat, Message
from apps.core.identifiers import new_id
from apps.files.gateways import objects
from apps.files.models import File
from apps.retention.actions.settings import set_keep_days
from apps.sso.models import Identity
from apps.wire.bodies import Card, CardHeader, Layout
from tests.chats.factories import write
from tests.files.samples import encoded, photo
from tests.support.people import direct_chat, in_touch, person
from tests.support.uploads import ready


class World(NamedTuple):
    """Alice's group with everything, and her direct chat with Bob. She has a third chat, with a
    placeholder, and groups whose beginning or all was deleted for good."""

    alice: User
    bob: User
    group: UUID
    direct: UUID
    hidden: int
    cut: UUID


def reply(sender: User, chat: UUID, text: str, to: int) -> int:
    """Send a reply. Returns its seq."""
    given = {"sender": sender.id, "chat": chat, "client_id": new_id()}
    [sent] = send_batch([validated_send(text=text, reply_to=to, **given)])
    assert isinstance(sent, Sent)
    return sent.seq


def build() -> World:
    """Make the world with the actions that people use."""
    alice = person("alice", name="Alice Ärmel", about="Here", email="alice@example.org")
    bob, dana, olga = person("bob", name="Bob"), person("dana"), person("olga", name="Olga")
    Identity.objects.create(user=bob, issuer="https://id.example.org", subject="b-1")
    for other in (bob, dana, olga):
        in_touch(alice, other)
    group = groups.create_group(alice.id, "Crew", [bob.id, dana.id, olga.id])
    picture = ready(alice, encoded(photo(64, 48), "PNG"), "photo.png")
    alice.picture = picture
    User.objects.filter(id=alice.id).update(picture=picture)
    File.objects.filter(id=picture).update(uses=1)
    groups.set_picture(alice.id, group, picture)
    _talk(alice, bob, group, picture)
    hidden = write(dana, group, "rude words", files=[ready(dana, b"secret", "s.txt")]).seq
    hiding.hide_message(group, hidden)
    by_moderator = write(dana, group, "worse words").seq
    hiding.delete_for_all(group, by_moderator)
    groups.leave_group(dana.id, group)
    groups.remove_member(alice.id, group, person=olga.id)
    _say_as_program(bob, group)
    write(bob, group, "one more")
    _erase(olga)
    direct = _direct(alice, bob)
    _import(alice)
    cut = _cut(alice, bob)
    _delete_before(empty := groups.create_group(alice.id, "Empty", [bob.id]), 99, days=0)
    assert not Message.objects.filter(chat_id=empty).exists()
    User.objects.filter(id=bob.id).update(locale="de", time_zone="Europe/Berlin")
    Chat.objects.filter(id=group).update(closed_reason="Too loud")
    return World(alice, bob, group, direct, hidden, cut)


def _say_as_program(sender: User, chat: UUID) -> None:
    """A message with cards."""
    layout = Layout(name="Alarms", cards=[Card(color="#a8321f", parts=[CardHeader(text="Full")])])
    given = {"sender": sender.id, "chat": chat, "client_id": new_id()}
    [sent] = send_batch([validated_send(text="Full", layout=layout, **given)])
    assert isinstance(sent, Sent)


def _talk(alice: User, bob: User, group: UUID, picture: UUID) -> None:
    first = write(alice, group, "Hello @bob, <b>look</b> https://example.org/a").seq
    Message.objects.filter(chat_id=group, seq=first).update(
        previews=[{"url": "https://example.org/a", "title": "A", "description": "", "site": "X"}]
    )
    second = reply(bob, group, "Hi 👋\nthere", first)
    reply(alice, group, "And you?", second)
    gone = reply(bob, group, "a typo", first)
    edits.delete_message(bob.id, group, seq=gone)
    edits.edit_message(bob.id, group, seq=second, text="Hi 👋 there")
    edits.edit_message(bob.id, group, seq=second, text="Hi 👋 all")
    for user, emoji in ((alice, "👍"), (bob, "👍"), (bob, "❤️")):
        reactions.add_reaction(user.id, group, seq=first, emoji=emoji)
    edits.pin_message(alice.id, group, seq=first, pinned=True)
    note = ready(alice, b"the plan", "plan.txt")
    write(alice, group, "", files=[note, picture])
    write(alice, group, "@all again", files=[note])
    lost = ready(bob, b"lost words", "lost.txt")
    write(bob, group, "", files=[lost])
    row = File.objects.select_related("blob").get(id=lost)
    assert row.blob is not None
    objects.delete([row.blob.key("original")])
    groups.rename_group(alice.id, group, "The crew")
    move_positions(alice.id, [Receipt(group, read=first, delivered=first)])


def _erase(user: User) -> None:
    erasure.forget_profile(user.id)
    User.objects.filter(id=user.id).update(is_active=False)


def _direct(alice: User, bob: User) -> UUID:
    chat = direct_chat(alice, bob)
    write(alice, chat, "Just us")
    return chat


def _cut(alice: User, bob: User) -> UUID:
    """A group in which replies are all that is left of a thread."""
    chat = groups.create_group(alice.id, "Brief", [bob.id])
    set_keep_days(alice.id, chat, 90)
    first = write(alice, chat, "soon gone").seq
    kept = reply(bob, chat, "stays", first)
    _delete_before(chat, kept, days=90)
    reply(bob, chat, "to one that is gone", first)
    reply(bob, chat, "another thread", kept)
    set_keep_days(alice.id, chat, 30)
    return chat


def _delete_before(chat: UUID, seq: int, *, days: int) -> None:
    enter_indexes(chat)
    assert delete_part(chat, before=seq, days=days).done


def _import(alice: User) -> None:
    """A chat that was imported before, with somebody who has not come yet."""
    subjects = [("https://id.example.org", "i-7")]
    past = PastPerson(
        id=new_id(),
        username="Ivan the",
        name="Ivan",
        email="i@example.org",
        subjects=subjects,
        bot=True,
    )
    ivan = make_placeholder(past, source="slack")
    then = timezone.now() - timedelta(days=900)
    chat = PastChat(id=new_id(), created_at=then, title="Old", pair=(alice.id, ivan.id))
    begin_chat(chat)
    entries = [
        PastEntry(seq=seq, id=new_id(), by=by, at=then, client_id=new_id(), kind=kind, text=kind)
        for seq, (by, kind) in enumerate(((ivan.id, "text"), (alice.id, "accepted")), start=1)
    ]
    add_entries(chat.id, entries)
    open_chat(chat.id, [PastMember(person=one, read=2) for one in sorted((alice.id, ivan.id))])
