"""`python -m bench.reference.stock.people PAIRS CROWD`: create people in the stock database."""

import sys

import django

from bench.people import Person, print_people
from chatproject.load.sessions import sign_in


def main() -> None:
    """Create `PAIRS` chats of two, and one chat of `CROWD`."""
    pairs, crowd = map(int, sys.argv[1:])
    django.setup()
    from django.contrib.auth.models import User

    from bench.reference.stock.models import Chat

    users = User.objects.bulk_create(
        User(username=f"user{n}", password="!") for n in range(2 * pairs + crowd)
    )
    chats = Chat.objects.bulk_create(Chat() for _ in range(pairs + 1))
    chat_of = [chats[n // 2] if n < 2 * pairs else chats[-1] for n in range(len(users))]
    places = Chat.people.through
    places.objects.bulk_create(
        places(chat_id=chat.pk, user_id=user.pk) for user, chat in zip(users, chat_of, strict=True)
    )
    print_people(
        Person(cookie, str(chat.pk)) for cookie, chat in zip(sign_in(users), chat_of, strict=True)
    )


if __name__ == "__main__":
    main()
