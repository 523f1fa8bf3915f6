"""Concurrent changes. Each test prints the number of tries and of wrong results."""

from datetime import timedelta
from functools import partial

import pytest

from apps.chats.actions import edits, groups, invite_links, reactions
from apps.chats.actions.messages import Sent, send_batch
from apps.chats.models import Chat, Member, MessageEdit, Reaction
from apps.chats.queries import changes, message_rows
from apps.core.errors import Full, NotFound
from tests.chats.factories import a_send, timeline, write
from tests.support.people import direct_chat, in_touch, person
from tests.support.threads import together

pytestmark = pytest.mark.django_db(transaction=True)
TRIES = 60


def test_concurrent_reactions_are_counted_exactly():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    seq = write(alice, chat).seq
    wrong = 0
    for _ in range(TRIES):
        together(
            *(
                partial(act, who.id, chat, seq=seq, emoji=emoji)
                for act in (reactions.add_reaction, reactions.remove_reaction)
                for who in (alice, bob)
                for emoji in ("🎉", "👍")
            )
        )
        message = message_rows.one(chat, seq)
        stored = Reaction.objects.filter(chat_id=chat, seq=seq)
        told = {(who, one.emoji) for one in message.reactions for who in one.people}
        wrong += told != set(stored.values_list("user_id", "emoji"))
        wrong += sum(one.count for one in message.reactions) != len(told)
        wrong += message.rev != Chat.objects.get(id=chat).rev
    print(f"race=react-against-unreact tries={TRIES} wrong={wrong}")
    assert wrong == 0


def test_a_concurrent_edit_never_restores_a_deleted_message():
    alice, bob = person("alice"), person("bob")
    chat = direct_chat(alice, bob)
    back = too_late = 0
    for _ in range(TRIES):
        seq = write(alice, chat).seq
        edited, _ = together(
            partial(edits.edit_message, alice.id, chat, seq=seq, text="edited"),
            partial(edits.delete_message, alice.id, chat, seq=seq),
        )
        too_late += isinstance(edited, NotFound)
        back += message_rows.one(chat, seq).text != ""
        back += MessageEdit.objects.filter(chat_id=chat, seq=seq).exists()
    print(f"race=edit-against-delete tries={TRIES} edit_too_late={too_late} back={back}")
    assert back == 0


@pytest.mark.parametrize(("most_uses", "size", "let_in"), [(None, 12, 10), (5, 100, 5)])
def test_fifty_concurrent_joins_never_exceed_a_limit(settings, most_uses, size, let_in):
    settings.GROUP_SIZE = size
    alice, bob = person("alice"), person("bob")
    in_touch(alice, bob)
    crew = groups.create_group(alice.id, "Crew", [bob.id])
    link = invite_links.create_link(
        alice.id, crew, lifetime=timedelta(hours=1), most_uses=most_uses
    )
    guests = [person(f"guest{number}") for number in range(50)]
    answers = together(*(partial(invite_links.join_by_link, g.id, link.secret) for g in guests))
    joined = answers.count(crew)
    print(f"race=join-against-limit tries={len(guests)} limit={let_in} joined={joined}")
    assert joined == let_in
    assert sum(isinstance(answer, Full | NotFound) for answer in answers) == 50 - let_in
    assert Member.objects.filter(chat=crew, left_rev=None).count() == 2 + let_in
    assert changes.since({crew: 0})[crew].rev == Chat.objects.get(id=crew).rev
    assert [seq for seq, _, _ in timeline(crew)] == list(range(1, len(timeline(crew)) + 1))


def test_no_message_is_sent_after_a_concurrent_removal():
    alice, bob = person("alice"), person("bob")
    in_touch(alice, bob)
    late = refused = 0
    for _ in range(TRIES):
        crew = groups.create_group(alice.id, "Crew", [bob.id])
        [sent], _ = together(
            partial(send_batch, [a_send(bob, crew)]),
            partial(groups.remove_member, alice.id, crew, person=bob.id),
        )
        left_rev = Member.objects.get(chat=crew, user_id=bob.id).left_rev
        refused += isinstance(sent, NotFound)
        late += isinstance(sent, Sent) and sent.rev > left_rev
    print(f"race=send-against-removal tries={TRIES} refused={refused} late={late}")
    assert late == 0
