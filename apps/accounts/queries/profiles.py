"""Profiles as the wire carries them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, time
from typing import TypeVar, cast
from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries import moderated
from apps.core.errors import NotFound
from apps.core.reads import KeyedRead, Read, read_changes, read_models, result_of
from apps.wire import bodies
from apps.wire.events import MeChanged
from apps.wire.publish import Publication

A = TypeVar("A")
SYNCED = ("synced_from", "synced_text", "synced_emoji", "synced_until", "synced_quiet")
STATUS = ("status_text", "status_emoji", "status_until", *SYNCED)
PUBLIC = frozenset({"id", "username", "name", "about", "picture", "is_bot", "erased_at", *STATUS})
# What contacts see besides that: whether the person is not to be disturbed.
OF_CONTACTS = PUBLIC | {"time_zone", "dnd_start", "dnd_end", "dnd_until"}
# The name of an erased account. Our client translates it: the username is empty.
FORMER_NAME = "Former member"


def person_body(user: User) -> bodies.Person:
    """The public part of a person's profile."""
    return bodies.Person(
        id=user.id,
        username="" if user.erased_at else user.username,
        name=user.get_full_name(),
        about=user.about,
        status=status(user),
        picture=user.picture,
        bot=user.is_bot,
    )


def status(user: User) -> bodies.Status | None:
    """The person's status; None without one or when it has expired. Their own hides the synced
    one."""
    now = timezone.now()
    if (user.status_text or user.status_emoji) and (
        user.status_until is None or user.status_until > now
    ):
        return bodies.Status(
            text=user.status_text, emoji=user.status_emoji, until=user.status_until
        )
    if user.synced_text and user.synced_until is not None and user.synced_until > now:
        return bodies.Status(
            text=user.synced_text,
            emoji=user.synced_emoji,
            until=user.synced_until,
            source=user.synced_from,
        )
    return None


def quiet_until(user: User) -> datetime | None:
    """When a do not disturb of one time ends, the person's own or a synced one."""
    found = (user.dnd_until, user.synced_until if user.synced_quiet else None)
    return max((at for at in found if at is not None), default=None)


def do_not_disturb(user: User) -> bodies.DoNotDisturb:
    """The person's do-not-disturb times."""
    return bodies.DoNotDisturb(
        start=_clock(user.dnd_start), end=_clock(user.dnd_end), until=user.dnd_until
    )


def quiet(user: User) -> bodies.Quiet | None:
    """The person's do not disturb as their contacts see it; None without any that is to come."""
    times, until = do_not_disturb(user), quiet_until(user)
    until = until if until and until > timezone.now() else None
    if not (times.start or until):
        return None
    return bodies.Quiet(zone=user.time_zone, start=times.start, end=times.end, until=until)


def _clock(at: time | None) -> str | None:
    return None if at is None else f"{at:%H:%M}"


def me_body(user: User) -> bodies.Me:
    """A person's profile as they see it themselves."""
    return bodies.Me(
        id=user.id,
        username=user.username,
        name=user.name,
        about=user.about,
        email=user.email or "",
        locale=user.locale,
        time_zone=user.time_zone,
        time_zone_chosen=user.has_chosen_zone,
        share_seen=user.share_seen,
        status=status(user),
        picture=user.picture,
        do_not_disturb=do_not_disturb(user),
        busy_until=user.synced_until if user.synced_quiet else None,
        auto_load=cast(bodies.AutoLoad, user.auto_load),
        low_first=user.low_first,
        version=user.version,
        warnings=moderated.unacknowledged(user),
        slowdown=moderated.slowdown(user),
        report_decided=user.has_decision,
    )


def me(user_id: UUID) -> bodies.Me:
    """A person's own profile. Raises NotFound."""
    return me_body(get_active_user(user_id))


def mine_reading(people: Collection[UUID]) -> Read[dict[UUID, bodies.Me]]:
    """The read of the own profiles of several people whose accounts are open."""
    return active_users_reading(people, lambda users: {user.id: me_body(user) for user in users})


def active_users_reading(people: Collection[UUID], build: Callable[[Iterable[User]], A]) -> Read[A]:
    """The read of those of these people whose accounts are open."""
    return read_models(User, "WHERE id = ANY(%s) AND is_active", [list(people)], build)


def people(ids: Iterable[UUID]) -> dict[UUID, bodies.Person]:
    """The public profiles of several people, by id, in one query; unknown ids are left out."""
    found = User.objects.filter(id__in=set(ids)).only(*PUBLIC)
    return {user.id: person_body(user) for user in found}


def get_active_user(person_id: UUID) -> User:
    """A person whose account is open. Raises NotFound.

    For a person's own requests. To show a person to somebody else use
    `contacts.queries.people.get_person`, which respects blocks.
    """
    found = result_of(read_models(User, "WHERE it.id = %s AND it.is_active", [person_id], list))
    if not found:
        raise NotFound
    return found[0]


def changes_reading(since: Mapping[UUID, int]) -> KeyedRead[UUID, Publication]:
    """The read of the event of each person's last profile change, if it is newer than that revision
    of their stream."""
    return read_changes(User, since, changed, person="id", rev="stream_rev")


def changed(user: User) -> Publication:
    """The event of the last profile change, for the person's own stream."""
    return Publication(
        stream="person",
        to=user.id,
        event=MeChanged(user_rev=user.stream_rev, me=me_body(user)),
        rev=user.stream_rev,
        follows=user.stream_rev - 1,
    )
