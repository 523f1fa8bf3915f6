"""People of a run, spread over load processes with an address each."""

from collections.abc import Sequence
from dataclasses import asdict, replace

from bench.people import Person
from chatproject.load.endpoint import Endpoint, source_address
from chatproject.load.fleet import Fleet, shares


async def prepare(
    load: Fleet, endpoint: Endpoint, people: Sequence[Person], *, count: int, together: int
) -> None:
    """Tell each of the `count` load processes its people. Each `together` in succession, the
    members of a chat, stay in one."""
    await load.ask_each(
        [
            {
                "do": "prepare",
                "endpoint": asdict(replace(endpoint, source=source_address(number))),
                "people": [asdict(person) for person in part],
            }
            for number, part in enumerate(shares(people, count, together=together))
        ]
    )
