"""`python -m bench.product.people PAIRS CROWD`: create people in the product's database.

Inserts the same rows as the product's actions: contacts in both directions, a direct chat for each
pair. The chat of a thousand exceeds the limit for groups, which only the action enforces.
"""

import sys
from uuid import UUID

import django

from bench.people import CHAT_SIZES, TEAM_SIZE, Person, print_people
from chatproject.load.sessions import sign_in


def main() -> None:
    """Create `PAIRS` chats of two contacts, a chat of `CROWD`, a group of each size, and teams."""
    pairs, crowd = map(int, sys.argv[1:])
    django.setup()
    from apps.accounts.models import Stream, User

    sizes = (crowd, *CHAT_SIZES, *[TEAM_SIZE] * TEAM_SIZE)
    users = User.objects.bulk_create(
        User(username=f"user{n}", name=f"User {n}", password="!")
        for n in range(2 * pairs + sum(sizes))
    )
    ids = [user.pk for user in users]
    couples = [(ids[n], ids[n + 1]) for n in range(0, 2 * pairs, 2)]
    chats = [chat for couple in couples for chat in [_direct(couple)] * 2]
    others = iter(ids[2 * pairs :])
    for size in sizes:
        chats += [_group([next(others) for _ in range(size)])] * size
    make_contacts(couples)
    Stream.objects.bulk_create(
        Stream(user_id=person, rev=2 if n < 2 * pairs else 1) for n, person in enumerate(ids)
    )
    print_people(
        Person(cookie, str(chat)) for cookie, chat in zip(sign_in(users), chats, strict=True)
    )


def make_contacts(couples: list[tuple[UUID, UUID]]) -> None:
    """Make contacts of these pairs of people, at the first revision of their streams."""
    from django.utils import timezone

    from apps.contacts.models import Contact

    Contact.objects.bulk_create(
        Contact(owner_id=one, other_id=other, state="contact", since=timezone.now(), owner_rev=1)
        for couple in couples
        for one, other in (couple, reversed(couple))
    )


def _direct(couple: tuple[UUID, UUID]) -> UUID:
    low, high = sorted(couple)
    return _chat(couple, person_rev=2, kind="direct", low=low, high=high)


def _group(people: list[UUID]) -> UUID:
    return _chat(people, person_rev=1, kind="group", title=f"{len(people)} people")


def _chat(people: tuple[UUID, ...] | list[UUID], *, person_rev: int, **fields: object) -> UUID:
    from django.utils import timezone

    from apps.chats.models import Chat, Member

    now = timezone.now()
    chat = Chat.objects.create(active_at=now, created_at=now, **fields)
    Member.objects.bulk_create(
        Member(chat_id=chat.pk, user_id=person, person_rev=person_rev) for person in people
    )
    return chat.pk


if __name__ == "__main__":
    main()
