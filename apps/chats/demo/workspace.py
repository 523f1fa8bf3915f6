"""Creates the demo workspace through the product's own actions, and removes it."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.chats.actions.direct import open_direct
from apps.chats.actions.messages import send_batch, validated_send
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.demo import script
from apps.chats.models import Chat, Member, Message
from apps.contacts.actions import contacts
from apps.core.identifiers import new_id

DEMO = Q(email__endswith=f"@{script.MAIL}")


def exists() -> bool:
    """Whether the demo workspace exists."""
    return User.objects.filter(DEMO).exists()


@transaction.atomic
def fill(password: str) -> None:
    """Create the people (all with `password`), their contacts, chats and a week of messages."""
    people = {
        username: User.objects.create_user(
            username, f"{username}@{script.MAIL}", password, name=name, about=about
        ).id
        for username, (name, about) in script.PEOPLE.items()
    }
    hero = people[script.HERO]
    for other in script.CONTACTS:
        contacts.invite(people[other], hero)
        contacts.accept(hero, people[other])
    for other in script.INVITED_BY_HERO:
        contacts.invite(hero, people[other])
    for other in script.INVITE_HERO:
        contacts.invite(people[other], hero)
    for other, (messages, unread) in script.CHATS.items():
        _write_chat(people, other, messages, unread)


@transaction.atomic
def remove() -> int:
    """Delete the demo people with all their chats. Returns the number of people."""
    people = list(User.objects.filter(DEMO).values_list("id", flat=True))
    chats = list(Member.objects.filter(user_id__in=people).values_list("chat_id", flat=True))
    Message.objects.filter(chat_id__in=chats).delete()
    Chat.objects.filter(id__in=chats).delete()
    User.objects.filter(id__in=people).delete()
    return len(people)


def _write_chat(
    people: dict[str, UUID], other: str, messages: list[script.Utterance], unread: int
) -> None:
    hero = people[script.HERO]
    chat = open_direct(hero, people[other])
    now = timezone.now()
    send_batch(
        [
            validated_send(sender=people[who], chat=chat, client_id=new_id(), text=text)
            for _, who, text in messages
        ]
    )
    # Backdate the messages, and the entry before them: that the invitation was accepted. No other
    # code changes times of messages.
    for seq, message in enumerate([messages[0], *messages], start=1):
        said = now - timedelta(hours=message.hours)
        Message.objects.filter(chat_id=chat, seq=seq).update(created_at=said)
    Chat.objects.filter(id=chat).update(active_at=now - timedelta(hours=messages[-1].hours))
    Member.objects.filter(chat_id=chat).update(read_seq=0)
    last = len(messages) + 1
    move_positions(hero, [Receipt(chat, read=last - unread, delivered=last)])
    move_positions(people[other], [Receipt(chat, read=last)])
