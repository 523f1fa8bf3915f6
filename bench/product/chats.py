"""`python -m bench.product.chats CHATS SIZE`: create people, each in one chat of `SIZE` people.

Inserts the same rows as the product's actions. Chats of two are direct chats. In every chat each
two neighbours are contacts. Prints the people chat by chat.
"""

import sys
from uuid import UUID

import django

from bench.people import Person, print_people, sign_in
from bench.product.people import make_contacts


def main() -> None:
    """Create the people, their chats and their contacts."""
    count, size = map(int, sys.argv[1:])
    django.setup()
    from apps.accounts.models import Stream, User

    users = User.objects.bulk_create(
        (User(username=f"user{n}", name=f"User {n}", password="!") for n in range(count * size)),
        batch_size=1_000,
    )
    ids = [user.pk for user in users]
    crews = [ids[start : start + size] for start in range(0, len(ids), size)]
    chats = _chats(crews)
    make_contacts([(crew[n], crew[n + 1]) for crew in crews for n in range(0, size - 1, 2)])
    Stream.objects.bulk_create(Stream(user_id=person, rev=2) for person in ids)
    print_people(Person(cookie, str(chats[n // size])) for n, cookie in enumerate(sign_in(users)))


def _chats(crews: list[list[UUID]]) -> list[UUID]:
    from django.utils import timezone

    from apps.chats.models import Chat, Member

    now = timezone.now()
    chats = Chat.objects.bulk_create(
        Chat(active_at=now, created_at=now, **_kind(crew)) for crew in crews
    )
    Member.objects.bulk_create(
        (
            Member(chat_id=chat.pk, user_id=person, person_rev=2)
            for chat, crew in zip(chats, crews, strict=True)
            for person in crew
        ),
        batch_size=1_000,
    )
    return [chat.pk for chat in chats]


def _kind(crew: list[UUID]) -> dict[str, object]:
    if len(crew) > 2:
        return {"kind": "group", "title": f"{len(crew)} people"}
    low, high = sorted(crew)
    return {"kind": "direct", "low": low, "high": high}


if __name__ == "__main__":
    main()
