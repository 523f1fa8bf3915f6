"""Rate limits per person or address, and how they are counted.

An action declares its limits with `@limited`, so that uses over the live connection and over the
API count together. A limit is shared by all processes: one Lua script on Redis counts and records
in one step, so that two processes never let one use too many through. An `in_process` limit is
counted by each process for itself, without any wait: for checks on the event loop and for the most
frequent ones. While Redis is unavailable every limit is counted in process: looser, but never
absent.
"""

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar
from uuid import UUID, uuid4

import redis
from django.conf import settings

from apps.core.errors import RateLimited
from apps.core.redis_script import redis_script
from apps.core.token_bucket import TokenBucket

P = ParamSpec("P")
R = TypeVar("R")
REDIS_TIMEOUT_S = 0.2
REDIS_PAUSE_S = 2.0
MAX_KEYS = 10_000

# Records ARGV[3] uses for each key of KEYS, or nothing at all if one key has no room. ARGV: amount,
# window in ms, uses, a unique name for this call. Uses Redis's clock, so that processes with
# different clocks share one window. Returns the milliseconds until the uses fit (or 0), how many
# uses are left of the key that has least, and the milliseconds until its oldest use leaves the
# window.
SLIDING_WINDOW = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local amount, window, uses = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local wait, left, reset = 0, amount, 0
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local over = redis.call('ZCARD', key) + uses - amount
  if over > 0 then
    local oldest = redis.call('ZRANGE', key, over - 1, over - 1, 'WITHSCORES')[2] or now
    wait = math.max(wait, 1, oldest + window - now)
  end
end
if wait > 0 then return {wait, 0, wait} end
for _, key in ipairs(KEYS) do
  for use = 1, uses do redis.call('ZADD', key, now, ARGV[4] .. use) end
  redis.call('PEXPIRE', key, window)
  local rest = amount - redis.call('ZCARD', key)
  if rest < left then
    left = rest
    reset = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] + window - now
  end
end
return {0, left, reset}
"""


class Limit(NamedTuple):
    """At most `amount` uses in any period of `seconds`; `name` identifies the limit in Redis.

    `reason` explains the amount. An `in_process` limit is counted without Redis, by a token
    bucket of each process: `amount` at once, refilled over `seconds`.
    """

    name: str
    amount: int
    seconds: float
    reason: str = ""
    in_process: bool = False


class Count(NamedTuple):
    """What is left of a limit after a use: how many uses, and the seconds until there are more."""

    limit: Limit
    left: int
    more_in: float


_noted: ContextVar[list[Count] | None] = ContextVar("noted_counts", default=None)


@contextmanager
def noting() -> Iterator[list[Count]]:
    """Note in a list what is left of each limit that the block counts, also in other threads that
    have its context."""
    counts: list[Count] = []
    token = _noted.set(counts)
    try:
        yield counts
    finally:
        _noted.reset(token)


def _note(limit: Limit, left: int, more_in: float) -> None:
    if (counts := _noted.get()) is not None:
        counts.append(Count(limit, left, more_in))


FACTOR = settings.LIMITS_TIMES
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


def _limit(
    name: str, amount: int, seconds: float, reason: str, *, in_process: bool = False
) -> Limit:
    return Limit(name, amount * FACTOR, seconds, reason, in_process)


# Per person unless stated otherwise. docs/operate.md has the same table; a test compares them.
# Sends have a setting of their own.
SENDS = Limit(
    "sends",
    settings.SENDS_PER_SECOND * 3,
    3,
    "a burst by hand; SENDS_PER_SECOND on average",
    in_process=True,
)
CONNECTS_OF_SESSION = Limit(
    "connects-of-session",
    settings.CONNECTS_PER_SESSION,
    MINUTE_S,
    "of one session; CONNECTS_PER_SESSION",
    in_process=True,
)
CONNECTS_OF_ADDRESS = Limit(
    "connects-of-address",
    settings.CONNECTS_PER_ADDRESS,
    MINUTE_S,
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
TYPING = Limit(
    "typing", 1, 2, "in one chat; each is shown for 6 s, more are dropped", in_process=True
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
    "members-added", max(1_000, settings.GROUP_SIZE), HOUR_S, "people added; a full group at once"
)
ADDED_BY_SAME_PERSON = _limit(
    "added-by-one", 30, DAY_S, "groups into which one person puts the same other person"
)
LINKS = _limit("links", 60, HOUR_S, "invite links made or revoked")
LINK_TRIES = _limit("link-tries", 30, MINUTE_S, "looking up and joining; guesses stay hopeless")
SCHEDULED = _limit("scheduled", 120, MINUTE_S, "writing, moving and cancelling by hand")
CONTACTS = _limit("contacts", 120, MINUTE_S, "answering many invitations")
INVITATIONS = _limit("invitations", 100, HOUR_S, "a newcomer who knows everybody; no pestering")
PROFILE = _limit("profile", 60, MINUTE_S, "each is sent to all contacts")
EMAIL_CHANGES = _limit("email", 10, HOUR_S, "each sends a mail to an address somebody typed")
PREFERENCES = _limit("preferences", 60, MINUTE_S, "switching in the settings")
DEVICES = _limit("devices", 60, MINUTE_S, "naming them by hand, and signing in apps")
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
SCIM = _limit("scim", 3_000, MINUTE_S, "of one address: a directory that sends everybody")
SCIM_FAILURES = _limit("scim-failures", 30, MINUTE_S, "of one address, without the right token")
PUSH_DEVICES = _limit("push-devices", 60, HOUR_S, "browsers that subscribe again")
REHEARSALS = _limit("rehearsals", 10, MINUTE_S, "each decides on 200 messages")
WARNINGS = _limit("warnings", 60, MINUTE_S, "acknowledged one by one, by hand")
PEOPLE_SEARCHES = _limit("people", 60, MINUTE_S, "quick typing; nobody collects names")
MODERATION = _limit("moderation", 300, MINUTE_S, "of one moderator; clearing up after a flood")
REPORTS = _limit("reports", 30, HOUR_S, "by hand; moderators read each")
# Of accounts younger than NEWCOMER_HOURS: accounts.newcomers.
NEWCOMER_S = (settings.NEWCOMER_HOURS or 24) * HOUR_S
NEWCOMER_INVITATIONS = Limit(
    "newcomer-invitations",
    settings.NEWCOMER_INVITATIONS,
    NEWCOMER_S,
    "of a new account, and invite links; NEWCOMER_INVITATIONS",
)
NEWCOMER_GROUPS = Limit(
    "newcomer-groups", settings.NEWCOMER_GROUPS, NEWCOMER_S, "of a new account; NEWCOMER_GROUPS"
)
NEWCOMER_LINK_MESSAGES = Limit(
    "newcomer-link-messages",
    settings.NEWCOMER_LINK_MESSAGES,
    NEWCOMER_S,
    "of a new account; NEWCOMER_LINK_MESSAGES",
    in_process=True,
)
SEARCHES = _limit("searches", 180, MINUTE_S, "quick typing, all three kinds after each pause")


def check(limit: Limit, key: object, *, uses: int = 1) -> None:
    """Count `uses` of `limit` for `key` (a person, an address).

    Raises RateLimited with the seconds until the uses fit; refused uses do not count.
    """
    if not limit.in_process:
        check_all(limit, [key], uses=uses)
    elif wait := _in_process.acquire(limit, key, uses):
        raise RateLimited(retry_after=wait)


def check_all(limit: Limit, keys: Iterable[object], *, uses: int = 1) -> None:
    """As `check`, for several keys of a shared limit, in one round trip. When one key has no room,
    none is counted."""
    names = [str(key) for key in keys]
    if names and uses and (wait := _acquire_shared(limit, names, uses)):
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


class _InProcess:
    """Counts of this process: one token bucket per limit and key.

    Adding a bucket drops those that are full again and, beyond `MAX_KEYS` of a limit, the least
    recently used one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._buckets: defaultdict[str, OrderedDict[object, TokenBucket]] = defaultdict(OrderedDict)
        self.redis_away_until = 0.0

    def acquire(self, limit: Limit, key: object, uses: int) -> float:
        """Count the uses and return 0, or return the seconds until they fit."""
        with self._lock:
            known = self._buckets[limit.name]
            if key in known:
                known.move_to_end(key)
            else:
                while known and (len(known) >= MAX_KEYS or next(iter(known.values())).full):
                    known.popitem(last=False)
                known[key] = TokenBucket(rate=limit.amount / limit.seconds, size=limit.amount)
            bucket = known[key]
            wait = bucket.acquire(uses)
        _note(limit, bucket.left, wait or bucket.more_in)
        return wait

    def acquire_each(self, limit: Limit, keys: list[str], uses: int) -> float:
        """As `acquire`, for each key separately; returns the longest wait."""
        return max(self.acquire(limit, key, uses) for key in keys)


_in_process = _InProcess()


def _acquire_shared(limit: Limit, keys: list[str], uses: int) -> float:
    """As `_InProcess.acquire_each`, counted for all processes.

    After an error, Redis is not asked for a while, so that not every caller waits for it.
    """
    if time.monotonic() < _in_process.redis_away_until:
        return _in_process.acquire_each(limit, keys, uses)
    try:
        wait, left, more_in = redis_script(SLIDING_WINDOW, REDIS_TIMEOUT_S)(
            keys=[f"parley:limit:{limit.name}:{key}" for key in keys],
            args=[limit.amount, int(limit.seconds * 1000), uses, uuid4().hex],
        )
    except redis.RedisError:
        _in_process.redis_away_until = time.monotonic() + REDIS_PAUSE_S
        return _in_process.acquire_each(limit, keys, uses)
    _note(limit, left, more_in / 1000)
    return int(wait) / 1000
