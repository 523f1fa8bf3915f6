"""People of a run, inserted into the database by another process.

The load generator does not import Django, which would make it larger and slower.
"""

import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import msgspec

PAIR_COUNT = 200
CROWD_SIZE = 1000
# One chat of each size, to measure the cost of a message as a chat grows.
CHAT_SIZES = (2, 5, 10, 25, 50, 100)
# As many groups as members of each.
TEAM_SIZE = 20


@dataclass(frozen=True)
class Person:
    """A session cookie, and the chat to write in. `username`: of those who sign in."""

    cookie: str
    chat: str
    username: str = ""


@dataclass(frozen=True)
class People:
    """People in chats of two, in one large chat, in a chat of each size, and in groups of
    `TEAM_SIZE`."""

    pairs: Sequence[Person] = ()
    crowd: Sequence[Person] = ()
    sizes: Sequence[Person] = ()
    teams: Sequence[Person] = ()


def create_people(module: str, environment: Mapping[str, str]) -> People:
    """Run `module`, which creates the people. Raises CalledProcessError."""
    done = subprocess.run(
        [sys.executable, "-m", module, str(PAIR_COUNT), str(CROWD_SIZE)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    everybody = msgspec.json.decode(done.stdout, type=list[Person])
    rest = iter(everybody)
    counts = (2 * PAIR_COUNT, CROWD_SIZE, sum(CHAT_SIZES), TEAM_SIZE**2)
    return People(*(list(islice(rest, count)) for count in counts))


def print_people(people: Iterable[Person]) -> None:
    """Print the people for `create_people`. Called at the end of such a module."""
    sys.stdout.buffer.write(msgspec.json.encode(list(people)))
