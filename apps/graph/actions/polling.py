"""Asks Graph for presences: of everybody who shares theirs, again and again.

Subscriptions only tell earlier. What a notification got wrong or lost is right after the next poll.
"""

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.models import User
from apps.core.claims import claim, still_held
from apps.core.errors import Conflict
from apps.graph.actions import links, presences, service
from apps.graph.errors import GraphRefused
from apps.graph.gateways import graph, login
from apps.graph.gateways.graph import Presence
from apps.graph.models import Link

# Of somebody whom no subscription covers; and of the others, to mend what was missed.
INTERVAL = timedelta(seconds=60)
INTERVAL_COVERED = timedelta(minutes=5)
# Somebody whom Graph does not know may be made there, or get the address, later.
LOOK_UP_AGAIN = timedelta(hours=12)
LOOK_UPS = 20
MAX_RUN_S = 40.0
# To find ids that Graph refuses a whole batch for. Each one among MAX_PEOPLE takes about 20.
MAX_PARTS = 30
# Longer than the slowest requests and what is done with its response.
LEASE = timedelta(minutes=5)
UNKNOWN = "PresenceUnknown"
GUEST_MARK = "#EXT#"
# What Graph says of an address, or of ids, that it does not take. 401, 403: of this server.
OF_ONE_ADDRESS = (400, 404)


def follow() -> None:
    """Look up who is new, and ask for the presences that are due, in bounded batches."""
    _end_changed()
    deadline = time.monotonic() + MAX_RUN_S
    while service.may_ask() and time.monotonic() < deadline:
        if not (_look_up_due() or _poll_due()):
            service.check_sign_in()
            return


def _end_changed() -> None:
    """End the links of people whose e-mail address is another one now: it proved who they are."""
    changed = Link.objects.exclude(user__email=F("email")).values_list("user_id", flat=True)
    for user_id in changed[:LOOK_UPS]:
        links.end(user_id)


def _due() -> "QuerySet[Link]":
    open_account = User.objects.filter(id=OuterRef("user_id"), is_active=True)
    # Not a join: the claim would lock the account, too.
    return Link.objects.filter(Exists(open_account), due_at__lte=Now()).order_by("due_at")


def _look_up_due() -> bool:
    """Look some people up. Returns whether there may be more to do."""
    rows = claim(_due().filter(object_id=None), limit=LOOK_UPS, lease=LEASE)
    for index, row in enumerate(rows):
        try:
            found = graph.people_with_mail(login.of_server(), row.email)
        except service.FAILURES as error:
            if isinstance(error, GraphRefused) and error.status in OF_ONE_ADDRESS:
                # The next one of the batch has waited as long.
                _again(row, problem=Link.Problem.NOT_FOUND)
                continue
            service.failed(error)
            _put_off(rows[index:])
            return False
        _found(row, found)
    return bool(rows)


def _found(row: Link, people: list[dict[str, object]]) -> None:
    object_id, problem = _only_one(people, row.email)
    try:
        with transaction.atomic():
            held = still_held(row)
            if held is None:
                return
            held.claimed_at, held.object_id, held.problem = None, object_id, problem
            held.due_at = timezone.now() + (timedelta(0) if object_id else LOOK_UP_AGAIN)
            held.save(update_fields=["claimed_at", "object_id", "problem", "due_at"])
    except IntegrityError:
        # Two accounts with one mailbox: the first keeps it.
        _again(row, problem=Link.Problem.TAKEN)


def _only_one(people: list[dict[str, object]], email: str) -> tuple[UUID | None, str]:
    """Who has the mailbox, if exactly one member of the tenant has."""
    people = [each for each in people if str(each.get("mail", "")).lower() == email.lower()]
    if len(people) != 1:
        return None, Link.Problem.AMBIGUOUS if people else Link.Problem.NOT_FOUND
    if GUEST_MARK in str(people[0].get("userPrincipalName", "")).upper():
        return None, Link.Problem.GUEST
    found = graph.presence(people[0])
    return (found.object_id, "") if found else (None, Link.Problem.NOT_FOUND)


def _again(row: Link, *, problem: str) -> None:
    Link.objects.filter(user_id=row.user_id, attempt=row.attempt).update(
        claimed_at=None, problem=problem, due_at=Now() + LOOK_UP_AGAIN
    )


def _put_off(rows: Sequence[Link]) -> None:
    """Give rows back that Graph was not asked about, or had no response for."""
    Link.objects.filter(user_id__in=[row.user_id for row in rows]).update(
        claimed_at=None, due_at=Now() + INTERVAL
    )


def _poll_due() -> bool:
    """Ask for as many presences as fit in a request. Returns whether there may be more to do."""
    rows = claim(_due().exclude(object_id=None), limit=graph.MAX_PEOPLE, lease=LEASE)
    if not rows:
        return False
    asked_at = timezone.now()
    people = {row.object_id: row.user_id for row in rows if row.object_id}
    try:
        asked = _presences(login.of_server(), list(people))
    except service.FAILURES as error:
        service.failed(error)
        _put_off(rows)
        return False
    service.worked()
    known = {each.object_id: each for each in asked.found}
    told = {
        people[object_id]: known.get(object_id) or Presence(object_id, UNKNOWN, UNKNOWN)
        for object_id in asked.taken
    }
    _apply(told, asked_at)
    for row in rows:
        if row.object_id in asked.refused:
            # The mailbox may have another account there by now.
            Link.objects.filter(user_id=row.user_id).update(object_id=None, subscription=None)
            _again(row, problem=Link.Problem.NOT_FOUND)
    answered = {*asked.taken, *asked.refused}
    _put_off([row for row in rows if row.object_id not in answered])
    return len(rows) == graph.MAX_PEOPLE


class _Asked(NamedTuple):
    """What Graph said: the presences of the people whom it took, and the people it refused. Others
    were not asked about."""

    found: list[Presence]
    taken: list[UUID]
    refused: list[UUID]


def _presences(token: str, people: list[UUID]) -> _Asked:
    """Ask for presences; a batch that Graph refuses for somebody in it is halved until it is known
    for whom, in at most MAX_PARTS requests.

    Raises what `graph.presences` raises, also when Graph took nobody: then it is about the server.
    """
    asked = _Asked([], [], [])
    parts, refusal = [people], None
    until = time.monotonic() + MAX_RUN_S
    for _ in range(MAX_PARTS):
        if not parts or time.monotonic() > until:
            break
        part = parts.pop()
        try:
            asked.found.extend(graph.presences(token, part))
        except service.FAILURES as error:
            if not isinstance(error, GraphRefused) or error.status not in OF_ONE_ADDRESS:
                if not asked.taken:
                    raise
                # Keep what is known; the next poll asks for the rest.
                service.failed(error)
                break
            refusal = error
            if len(part) == 1:
                asked.refused.extend(part)
            else:
                middle = len(part) // 2
                parts += [part[middle:], part[:middle]]
        else:
            asked.taken.extend(part)
    if refusal is not None and not asked.taken:
        raise refusal
    return asked


def _apply(told: dict[UUID, Presence], asked_at: datetime) -> None:
    """Apply the news one by one, and note the rest in one statement: most say what is known."""
    for user in User.objects.filter(id__in=told):
        if presences.is_news(user, told[user.id], known_at=asked_at):
            try:
                presences.apply(user.id, told[user.id], known_at=asked_at)
            except Conflict:
                continue  # the next poll applies it
    rows = Link.objects.filter(user_id__in=told)
    older = rows.filter(Q(known_at=None) | Q(known_at__lt=asked_at))
    # Other words for the same status, as "Offline" after "Available".
    other = [row for row in older if (row.availability, row.activity) != told[row.user_id][1:]]
    for row in other:
        row.availability, row.activity = told[row.user_id][1:]
    Link.objects.bulk_update(other, ["availability", "activity"])
    older.update(known_at=asked_at)
    covered = Q(subscription__expires_at__gt=Now()) & ~Q(subscription__graph_id="")
    ids = list(rows.filter(covered).values_list("user_id", flat=True))
    rows.filter(user_id__in=ids).update(claimed_at=None, due_at=Now() + INTERVAL_COVERED)
    rows.exclude(user_id__in=ids).update(claimed_at=None, due_at=Now() + INTERVAL)
