"""What to call a device whose person has not named it, from its User-Agent header."""

from functools import lru_cache
from typing import NamedTuple

from django.utils.translation import gettext
from ua_parser import parse_os, parse_user_agent

MAX_AGENT_LENGTH = 300
# Names that are no longer in use.
SYSTEMS = {"Mac OS X": "macOS"}


class Kind(NamedTuple):
    """The program and the system, as `Firefox` and `Linux`; empty where unknown."""

    program: str
    system: str


def label(agent: str) -> str:
    """ "Firefox on Linux" in the active language."""
    found = kind(agent)
    if found.program and found.system:
        return gettext("{program} on {system}").format(**found._asdict())
    return found.program or found.system or gettext("Unknown device")


@lru_cache(maxsize=1024)
def kind(agent: str) -> Kind:
    """The program and the system that a User-Agent header names."""
    agent = agent[:MAX_AGENT_LENGTH]
    program, system = parse_user_agent(agent), parse_os(agent)
    named = program.family if program else _first_product(agent)
    return Kind(
        named.replace("Mobile", "").strip()[:40],
        SYSTEMS.get(system.family, system.family)[:40] if system else "",
    )


def _first_product(agent: str) -> str:
    """`Notes` of "Notes/1.2 (…)" (RFC 9110, section 10.1.5), if it is a plain word."""
    name = agent.split("/", 1)[0].strip()
    return name if name.isascii() and name.replace("-", "").replace(" ", "").isalnum() else ""
