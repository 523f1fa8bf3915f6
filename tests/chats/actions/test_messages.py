"""Sending: seqs without gaps, one message per client id, and independent refusals."""

from datetime import timedelta

import msgspec
import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.actions.send_writer import SendRequest
from apps.chats.models import Chat, Member, Message
from apps.contacts.actions import contacts
from apps.core.errors import Empty, Invalid, NotContacts, NotFound, TooLong
from apps.core.identifiers import new_id
from apps.wire.codec import decode
from tests.chats.factories import a_send, heads, timeline, write
from tests.support.events import sink
from tests.support.people import direct_chat, in_touch


def test_seqs_and_revs_have_no_gaps(alice, bob, chat):
    for sender, text in ((alice, "one"), (bob, "two"), (alice, "three")):
        write(sender, chat, text)
    assert timeline(chat) == [(1, 1, "one"), (2, 2, "two"), (3, 3, "three")]
    assert heads(chat) == (3, 3)


def test_the_outcome_matches_the_stored_message(alice, chat):
    answer = write(alice, chat, "hello")
    row = Message.objects.get(chat_id=chat, seq=answer.seq)
    assert (row.seq, row.rev, row.id, row.created_at) == (1, 1, answer.id, answer.at)
    assert (row.sender_id, row.kind, row.text) == (alice.id, "text", "hello")
    assert answer.repeated is False


def test_a_message_is_published_once_to_the_chat(alice, chat, captured_events):
    with captured_events() as events:
        answer = write(alice, chat, "hello")
    [told] = events
    assert (told.stream, told.to, told.rev, told.follows) == ("chat", chat, 1, 0)
    assert told.event.message.id == answer.id
    assert told.event.message.sender == alice.id


def test_a_repeated_client_id_returns_the_first_message(alice, bob, chat, captured_events):
    first = write(alice, chat, "hello", client_id=(mine := new_id()))
    write(bob, chat, "in between")
    with captured_events() as events:
        again = write(alice, chat, "another text", client_id=mine)
    assert msgspec.structs.replace(again, repeated=False) == first
    assert again.repeated
    assert events == []
    assert [text for _, _, text in timeline(chat)] == ["hello", "in between"]


def test_the_same_client_id_of_another_sender_is_another_message(alice, bob, chat):
    shared = new_id()
    hers, his = write(alice, chat, "hers", shared), write(bob, chat, "his", shared)
    assert (hers.seq, his.seq) == (1, 2)
    assert write(bob, chat, "x", shared).id == his.id != hers.id


def test_the_same_client_id_in_another_chat_is_another_message(alice, bob, charlie, chat):
    other, shared = direct_chat(alice, charlie), new_id()
    assert write(alice, chat, "here", shared).id != write(alice, other, "there", shared).id
    assert timeline(other) == [(1, 1, "there")]


def test_a_repeat_returns_the_message_even_after_the_contact_has_ended(alice, bob, chat):
    first = write(alice, chat, "hello", client_id=(mine := new_id()))
    contacts.remove(bob.id, alice.id)
    assert write(alice, chat, "hello", client_id=mine).id == first.id


@pytest.mark.parametrize("letter", ["x", "é", "\U0001f600", "\u0301"])
def test_the_longest_text_has_99_999_characters_of_any_size(alice, chat, letter):
    write(alice, chat, letter * 99_999)
    assert Message.objects.get(chat_id=chat).text == letter * 99_999
    with pytest.raises(TooLong):
        a_send(alice, chat, letter * 100_000)


@pytest.mark.parametrize(
    "text", ["", " ", "\n\t \u00a0\u2003\u3000", "\u200b\u2800\u3164\ufeff\u2060\u00ad"]
)
def test_a_text_without_a_visible_character_is_empty(alice, chat, text):
    with pytest.raises(Empty):
        validated_send(sender=alice.id, chat=chat, client_id=new_id(), text=text)


def test_space_and_line_breaks_around_a_text_are_kept(alice, chat):
    write(alice, chat, "\n  code\n")
    assert timeline(chat)[0][2] == "\n  code\n"


def test_a_nul_character_is_refused(alice, chat):
    with pytest.raises(Invalid):
        a_send(alice, chat, "a\x00b")


@pytest.mark.parametrize("escape", [r"\ud800", r"\udfff\ud800", r"\udc00x"])
def test_a_lone_surrogate_is_refused_by_the_decoder(escape):
    frame = f'{{"type":"send","ref":"1","chat":"{new_id()}","client_id":"{new_id()}","text":"'
    assert decode(frame + 'ok"}').text == "ok"
    with pytest.raises(Invalid):
        decode(frame + escape + '"}')


def test_a_surrogate_pair_is_decoded_to_one_character(alice, chat):
    frame = f'{{"type":"send","ref":"1","chat":"{chat}","client_id":"{new_id()}","text":'
    assert decode(frame + r'"\ud83d\ude00"}').text == "\U0001f600"


def test_sending_marks_the_chat_as_read(alice, bob, chat):
    write(bob, chat)
    Member.objects.filter(pk=(chat, alice.id)).update(marked_unread=True)
    write(alice, chat)
    member = Member.objects.get(pk=(chat, alice.id))
    assert (member.read_seq, member.delivered_seq, member.marked_unread) == (2, 2, False)
    assert Member.objects.get(pk=(chat, bob.id)).read_seq == 1


# -- access --------------------------------------------------------------------------------------


def test_an_outsider_gets_not_found(alice, bob, charlie, chat, captured_events):
    write(bob, chat, "Bob may")
    with captured_events() as events, pytest.raises(NotFound):
        write(charlie, chat)
    assert events == []
    assert heads(chat) == (1, 1)


def test_an_unknown_chat_is_refused_like_a_foreign_one(charlie, chat):
    refusals = []
    for place in (chat, new_id()):
        [refusal] = send_batch([a_send(charlie, place)])
        refusals.append((type(refusal), refusal.code, refusal.detail, refusal.status))
    assert refusals[0] == refusals[1] == (NotFound, "not_found", NotFound.detail, 404)


def test_a_contact_of_a_member_is_an_outsider_in_the_chat(alice, charlie, chat):
    in_touch(alice, charlie)
    with pytest.raises(NotFound):
        write(charlie, chat)


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_neither_side_may_send_after_the_contact_has_ended(alice, bob, chat, who):
    write(bob, chat, "before")
    contacts.remove(alice.id, bob.id)
    with pytest.raises(NotContacts):
        write({"alice": alice, "bob": bob}[who], chat)
    assert heads(chat) == (1, 1)


def test_neither_side_of_a_block_may_send(alice, dana):
    chat = direct_chat(alice, dana)
    write(dana, chat, "before")
    contacts.block(alice.id, dana.id)
    for sender in (dana, alice):
        with pytest.raises(NotContacts):
            write(sender, chat)
    assert heads(chat) == (1, 1)


def test_renewed_contacts_may_send_again(alice, bob, chat):
    contacts.remove(alice.id, bob.id)
    in_touch(bob, alice)
    assert write(alice, chat).seq == 1


# -- batches -------------------------------------------------------------------------------------


def test_each_send_of_a_batch_has_its_own_outcome(alice, bob, charlie, chat, captured_events):
    known = write(alice, chat, "known", client_id=(mine := new_id()))
    batch = [
        a_send(alice, chat, "fresh"),
        a_send(charlie, chat, "no member"),
        a_send(alice, chat, "again", client_id=mine),
        a_send(bob, chat, "fresh, too"),
        a_send(bob, new_id(), "nowhere"),
    ]
    with captured_events() as events:
        answers = send_batch(batch)
    kinds = [type(a).__name__ if not isinstance(a, Sent) else (a.seq, a.repeated) for a in answers]
    assert kinds == [(2, False), "NotFound", (1, True), (3, False), "NotFound"]
    assert answers[2].id == known.id
    assert [told.event.message.text for told in events] == ["fresh", "fresh, too"]
    assert timeline(chat) == [(1, 1, "known"), (2, 2, "fresh"), (3, 3, "fresh, too")]


def test_repeats_within_a_batch_are_one_message_at_the_first_position(alice, chat):
    one, two = a_send(alice, chat, "one"), a_send(alice, chat, "two")
    retry = a_send(alice, chat, "one, again", client_id=one.client_id)
    answers = send_batch([one, two, retry])
    assert [answer.seq for answer in answers] == [1, 2, 1]
    assert timeline(chat) == [(1, 1, "one"), (2, 2, "two")]


def test_chats_of_a_batch_are_numbered_separately(alice, bob, charlie, chat):
    other = direct_chat(alice, charlie)
    batch = [a_send(alice, place) for place in (chat, other, chat, other, other)]
    assert [answer.seq for answer in send_batch(batch)] == [1, 1, 2, 2, 3]
    assert (heads(chat), heads(other)) == ((2, 2), (3, 3))


def test_times_never_go_back_within_a_chat(alice, chat):
    ahead = timezone.now() + timedelta(hours=1)
    Chat.objects.filter(id=chat).update(active_at=ahead)
    answers = [write(alice, chat) for _ in range(3)]
    assert [answer.at for answer in answers] == [ahead] * 3
    times = Message.objects.order_by("seq").values_list("created_at", flat=True)
    assert list(times) == [ahead] * 3


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_send_is_not_published_and_leaves_no_gap(alice, chat):
    @transaction.atomic
    def write_and_break_off():
        assert write(alice, chat, "never").seq == 1
        raise RuntimeError

    with sink() as events:
        with pytest.raises(RuntimeError):
            write_and_break_off()
        assert events == []
        assert write(alice, chat, "now").seq == 1
        assert [told.event.message.text for told in events] == ["now"]
    assert timeline(chat) == [(1, 1, "now")]


def test_an_unstorable_text_fails_the_whole_batch(alice, chat):
    """So group commit retries the sends of a failed batch one by one."""
    poison = SendRequest(alice.id, chat, new_id(), "a\x00b")
    with pytest.raises((DatabaseError, ValueError)), transaction.atomic():
        send_batch([a_send(alice, chat), poison])
    assert heads(chat) == (0, 0)
