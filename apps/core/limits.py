"""Rate limits per person or address. `limit_counts` counts the uses.

An action declares its limits with `@limited`, so that uses over the live connection and over the
API count together. Administrators may adjust them while the server runs: code passes the declared
limit, and `current` has the amount of now.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar
from uuid import UUID

from apps.core.errors import RateLimited
from apps.core.limit_counts import Count, Limit, acquire_shared, in_process, noting
from apps.core.runtime import LIMIT_PREFIX, after_change, runtime

__all__ = ["Count", "Limit", "noting"]

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
# What an administrator may set an amount to, as parts of the declared one: clients need some room,
# and Redis stores every use.
LEAST_PART, MOST_TIMES = 10, 100


class Declared(NamedTuple):
    """How a limit is made of the settings in effect. `setting`: the one that has its amount;
    without one, administrators may adjust the limit itself, from `least` to `most`."""

    make: Callable[[], Limit]
    least: int = 0
    most: int = 0
    setting: str = ""


DECLARED: dict[str, Declared] = {}
# By name, as they are now.
_current: dict[str, Limit] = {}


def _declare(declared: Declared) -> Limit:
    limit = declared.make()
    if limit.name in DECLARED:
        raise ValueError(f"two limits are named {limit.name}")
    DECLARED[limit.name] = declared
    return limit


def _limit(
    name: str,
    amount: int,
    seconds: float,
    reason: str,
    *,
    in_process: bool = False,
    at_least: Callable[[], int] = int,
    times: Callable[[], int] = lambda: runtime.LIMITS_TIMES,
) -> Limit:
    def make() -> Limit:
        return Limit(name, max(amount, at_least()) * times(), seconds, reason, in_process)

    return _declare(Declared(make, max(1, amount // LEAST_PART), amount * MOST_TIMES))


def _limit_of(
    setting: str,
    name: str,
    seconds: Callable[[], float],
    reason: str,
    *,
    times: int = 1,
    in_process: bool = False,
) -> Limit:
    def make() -> Limit:
        return Limit(name, getattr(runtime, setting) * times, seconds(), reason, in_process)

    return _declare(Declared(make, setting=setting))


def current(limit: Limit) -> Limit:
    """The limit as it is now."""
    return _current.get(limit.name, limit)


# Per person unless stated otherwise. docs/operate.md has the same table; a test compares them.
# Sends have a setting of their own.
SENDS = _limit_of(
    "SENDS_PER_SECOND",
    "sends",
    lambda: 3,
    "a burst by hand; SENDS_PER_SECOND on average",
    times=3,
    in_process=True,
)
CONNECTS_OF_SESSION = _limit_of(
    "CONNECTS_PER_SESSION",
    "connects-of-session",
    lambda: MINUTE_S,
    "of one session; CONNECTS_PER_SESSION",
    in_process=True,
)
CONNECTS_OF_ADDRESS = _limit_of(
    "CONNECTS_PER_ADDRESS",
    "connects-of-address",
    lambda: MINUTE_S,
    "of one address: an office of 500; CONNECTS_PER_ADDRESS",
    in_process=True,
)
RESUMES = _limit(
    "resumes", 120, 12, "as many connections as a person may have, often", in_process=True
)
COMMANDS = _limit(
    "commands", 400, 10, "several devices that catch up; database threads", in_process=True
)
READS = _limit(
    "reads", 400, 10, "GET requests of the API, and repeats; database threads", in_process=True
)
RECEIPTS = _limit("receipts", 200, 10, "several devices in busy groups", in_process=True)
TYPING = _limit(
    "typing",
    1,
    2,
    "in one chat; each is shown for 6 s, more are dropped",
    in_process=True,
    times=lambda: 1,
)
EDITS = _limit("edits", 60, MINUTE_S, "each is kept, and sent to all members")
DELETES = _limit("deletes", 120, MINUTE_S, "messages and files; tidying up by hand")
REACTIONS = _limit("reactions", 120, MINUTE_S, "fast clicking; each is sent to all members")
PINS = _limit("pins", 60, MINUTE_S, "each is sent to all members")
SAVED = _limit("saved", 120, MINUTE_S, "tidying up by hand")
DRAFTS = _limit("drafts", 300, MINUTE_S, "one a second on five devices")
CHAT_SETTINGS = _limit("marks", 240, MINUTE_S, "archiving a long list of chats")
DIRECT_CHATS = _limit("direct-chats", 120, MINUTE_S, "opening one contact after another")
GROUPS_AN_HOUR = _limit("groups-an-hour", 30, HOUR_S, "setting up a team")
GROUPS_A_DAY = _limit("groups-a-day", 100, DAY_S, "each is in the list of all its members")
GROUP_CHANGES = _limit("group-changes", 120, MINUTE_S, "titles, roles, removals, leaving")
MEMBERS_ADDED = _limit(
    "members-added",
    1_000,
    HOUR_S,
    "people added; a full group at once",
    at_least=lambda: runtime.GROUP_SIZE,
)
ADDED_BY_SAME_PERSON = _limit(
    "added-by-one", 30, DAY_S, "groups into which one person puts the same other person"
)
LINKS = _limit("links", 60, HOUR_S, "invite links made or revoked")
LINK_VIEWS = _limit("link-views", 300, MINUTE_S, "of one address: an office of 500, not signed in")
LINK_TRIES = _limit("link-tries", 30, MINUTE_S, "looking up and joining; guesses stay hopeless")
SCHEDULED = _limit("scheduled", 120, MINUTE_S, "writing, moving and cancelling by hand")
CONTACTS = _limit("contacts", 120, MINUTE_S, "answering many invitations")
INVITATIONS = _limit("invitations", 100, HOUR_S, "a newcomer who knows everybody; no pestering")
PROFILE = _limit("profile", 60, MINUTE_S, "each is sent to all contacts")
EMAIL_CHANGES = _limit("email", 10, HOUR_S, "each sends a mail to an address somebody typed")
PREFERENCES = _limit("preferences", 60, MINUTE_S, "switching in the settings")
DIGESTS = _limit("digests", 5, HOUR_S, "asking for a digest now; each sends a mail")
DEVICES = _limit("devices", 60, MINUTE_S, "naming them by hand, and signing in apps")
SLASH_COMMANDS = _limit(
    "slash-commands", 60, MINUTE_S, "by hand; some ask another server, or write a message"
)
BOTS = _limit("bots", 60, HOUR_S, "making bots and their tokens by hand")
EMOJI = _limit("emoji", 60, HOUR_S, "adding and removing by hand; each is sent to everybody")
WEBHOOK_POSTS = _limit(
    "webhook-posts", 60, MINUTE_S, "of one incoming webhook, as many as Slack takes"
)
COMMAND_ANSWERS = _limit(
    "command-answers", 60, MINUTE_S, "of one command in one group, later ones; each is parsed"
)
WEBHOOK_FAILURES = _limit(
    "webhook-failures", 120, MINUTE_S, "of one address, at no webhook or without its secret"
)
OUTGOING_WEBHOOKS = _limit(
    "outgoing-webhooks", 120, HOUR_S, "by hand; each test is a request to another server"
)
PLUGIN_ACTS = _limit("plugin-acts", 120, MINUTE_S, "voting in polls, and the like")
REFRESHES = _limit("refreshes", 30, MINUTE_S, "of one app; its tokens last 10 minutes")
TICKETS = _limit("tickets", 120, MINUTE_S, "several windows of several apps that reconnect")
UPLOADS = _limit("uploads", 300, HOUR_S, "a holiday's photos at once")
CHUNKS = _limit("chunks", 600, MINUTE_S, "several fast uploads; each is a write to the storage")
FILE_CHANGES = _limit("file-changes", 120, MINUTE_S, "keeping and renaming; tidying up by hand")
BYTES_SAVED = _limit("bytes-saved", 60, MINUTE_S, "each device reports now and then")
DOWNLOADS = _limit(
    "downloads", 1_200, MINUTE_S, "scrolling through photos; database threads", in_process=True
)
EXPORTS = _limit("exports", 3, DAY_S, "each reads all that is stored about a person")
SECOND_FACTOR = _limit(
    "second-factor", 60, HOUR_S, "setting it up by hand, some attempts; most send a mail"
)
PASSWORD_CHANGES = _limit("passwords", 10, HOUR_S, "by hand; each sends a mail")
DELETIONS = _limit("deletions", 5, DAY_S, "asking to delete the account; each sends a mail")
IDENTITY_CHANGES = _limit("identities", 10, HOUR_S, "by hand; each sends a mail")
SSO_SIGN_INS = _limit(
    "sso-sign-ins", 300, MINUTE_S, "of one address: an office of 500; each asks the provider"
)
SSO_LOGOUTS = _limit(
    "sso-logouts", 1_200, MINUTE_S, "of one address: the provider logs out everybody of a company"
)
SSO_FRONT_LOGOUTS = _limit("sso-front-logouts", 300, MINUTE_S, "of one address: an office of 500")
GRAPH_NOTIFICATIONS = _limit(
    "graph-notifications", 1_200, MINUTE_S, "of one address: Graph tells of everybody's presence"
)
SCIM = _limit("scim", 3_000, MINUTE_S, "of one address: a directory that sends everybody")
SCIM_FAILURES = _limit("scim-failures", 30, MINUTE_S, "of one address, without the right token")
PUSH_DEVICES = _limit("push-devices", 60, HOUR_S, "browsers that subscribe again")
REHEARSALS = _limit("rehearsals", 10, MINUTE_S, "each decides on 200 messages")
WARNINGS = _limit("warnings", 60, MINUTE_S, "acknowledged one by one, by hand")
PEOPLE_SEARCHES = _limit("people", 60, MINUTE_S, "quick typing; nobody collects names")
MODERATION = _limit("moderation", 300, MINUTE_S, "of one moderator; clearing up after a flood")
REPORTS = _limit("reports", 30, HOUR_S, "by hand; moderators read each")


# Of accounts younger than NEWCOMER_HOURS: accounts.newcomers.
def _newcomer_s() -> float:
    return (runtime.NEWCOMER_HOURS or 24) * HOUR_S


NEWCOMER_INVITATIONS = _limit_of(
    "NEWCOMER_INVITATIONS",
    "newcomer-invitations",
    _newcomer_s,
    "of a new account, and invite links; NEWCOMER_INVITATIONS",
)
NEWCOMER_GROUPS = _limit_of(
    "NEWCOMER_GROUPS", "newcomer-groups", _newcomer_s, "of a new account; NEWCOMER_GROUPS"
)
NEWCOMER_LINK_MESSAGES = _limit_of(
    "NEWCOMER_LINK_MESSAGES",
    "newcomer-link-messages",
    _newcomer_s,
    "of a new account; NEWCOMER_LINK_MESSAGES",
    in_process=True,
)
SEARCHES = _limit("searches", 180, MINUTE_S, "quick typing, all three kinds after each pause")


def check(limit: Limit, key: object, *, uses: int = 1) -> None:
    """Count `uses` of `limit` for `key` (a person, an address).

    Raises RateLimited with the seconds until the uses fit; refused uses do not count.
    """
    limit = _current.get(limit.name, limit)
    if not limit.in_process:
        check_all(limit, [key], uses=uses)
    elif wait := in_process.acquire(limit, key, uses):
        raise RateLimited(retry_after=wait)


def check_all(limit: Limit, keys: Iterable[object], *, uses: int = 1) -> None:
    """As `check`, for several keys of a shared limit, in one round trip. When one key has no room,
    none is counted."""
    names = [str(key) for key in keys]
    limit = _current.get(limit.name, limit)
    if names and uses and (wait := acquire_shared(limit, names, uses)):
        raise RateLimited(retry_after=wait)


def limited(
    *limits: Limit,
) -> Callable[[Callable[Concatenate[UUID, P], R]], Callable[Concatenate[UUID, P], R]]:
    """Decorate an action: count each call for the person in its first argument, before it runs.

    The decorated action has the limits in its attribute `limits`.
    """

    def decorate(action: Callable[Concatenate[UUID, P], R]) -> Callable[Concatenate[UUID, P], R]:
        @wraps(action)
        def counted(person: UUID, /, *args: P.args, **kwargs: P.kwargs) -> R:
            for limit in limits:
                check(limit, person)
            return action(person, *args, **kwargs)

        counted.limits = limits  # type: ignore[attr-defined]
        return counted

    return decorate


def parsed_amount(name: str, text: str) -> int:
    """The amount that a text means for a limit. Raises ValueError."""
    declared = DECLARED[name]
    if declared.setting or not (text.isascii() and text.isdecimal()):
        raise ValueError("is no whole number")
    if not declared.least <= (amount := int(text)) <= declared.most:
        raise ValueError("is too small" if amount < declared.least else "is too large")
    return amount


def _adjust(overrides: Mapping[str, str]) -> None:
    """Let the limits follow the settings in effect, and what administrators set them to."""
    global _current
    found = {}
    for name, declared in DECLARED.items():
        limit = declared.make()
        if (text := overrides.get(LIMIT_PREFIX + name)) is not None:
            try:
                limit = limit._replace(amount=parsed_amount(name, text))
            except (AttributeError, ValueError):  # not text, or of another release
                logger.warning("the limit %s has an amount that this release does not allow", name)
        found[name] = limit
    former, _current = _current, found
    for name, limit in found.items():
        if former.get(name) not in (None, limit):
            in_process.forget(name)


after_change(_adjust)
