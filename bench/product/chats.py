"""`python -m bench.product.chats < CROWD`: create people, each in one chat, as a `Crowd` says.

Prints the people chat by chat.
"""

import sys

import django
import msgspec

from bench.crowd import Crowd
from bench.people import Person, print_people
from chatproject.load.sessions import sign_in


def main() -> None:
    """Create the people, their chats and their contacts."""
    crowd = msgspec.json.decode(sys.stdin.buffer.read(), type=Crowd)
    django.setup()
    from django.contrib.auth.hashers import make_password

    from apps.accounts.models import User
    from apps.chats import made_up

    people = made_up.make(
        chats=crowd.chats,
        size=crowd.size,
        password=make_password(crowd.password) if crowd.password else made_up.NOBODY,
        messages=crowd.messages,
        chats_each=crowd.chats_each,
    )
    users = User.objects.in_bulk([person.id for person in people])
    cookies = sign_in(users[person.id] for person in people)
    print_people(
        Person(cookie, str(person.chat), person.username)
        for cookie, person in zip(cookies, people, strict=True)
    )


if __name__ == "__main__":
    main()
