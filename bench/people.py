"""The people of a run: made straight in the database, by a process of their own.

The load program itself stays without Django: it would only make it larger and slower.
"""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

PAIR_COUNT = 200
CROWD_SIZE = 1000
# One chat of each size, for what a message costs as a chat grows.
CHAT_SIZES = (2, 5, 10, 25, 50, 100)


@dataclass(frozen=True)
class Person:
    """Who signs in with which cookie, and the chat they talk in."""

    cookie: str
    chat: str


@dataclass(frozen=True)
class People:
    """Those who talk in pairs, those in one chat, and those in a chat of each size."""

    pairs: Sequence[Person] = ()
    crowd: Sequence[Person] = ()
    sizes: Sequence[Person] = ()


def create_people(module: str, environment: Mapping[str, str]) -> People:
    """Let `module` make everybody. Raises CalledProcessError; its words are on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", module, str(PAIR_COUNT), str(CROWD_SIZE)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    everybody = msgspec.json.decode(done.stdout, type=list[Person])
    grown = 2 * PAIR_COUNT + CROWD_SIZE
    return People(everybody[: 2 * PAIR_COUNT], everybody[2 * PAIR_COUNT : grown], everybody[grown:])


def print_people(people: Iterable[Person]) -> None:
    """What `make` reads, at the end of such a module."""
    sys.stdout.buffer.write(msgspec.json.encode(list(people)))


def sign_in(users: "Iterable[AbstractBaseUser]") -> list[str]:
    """A session each, as Django's sign-in leaves it; the cookies, in order."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    store = import_module(settings.SESSION_ENGINE).SessionStore
    sessions = [
        store().create_model_instance(
            {
                SESSION_KEY: str(user.pk),
                BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                HASH_SESSION_KEY: user.get_session_auth_hash(),
            }
        )
        for user in users
    ]
    store.get_model_class().objects.bulk_create(sessions)
    return [f"{settings.SESSION_COOKIE_NAME}={session.session_key}" for session in sessions]
