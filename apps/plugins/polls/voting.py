"""Voting, taking votes back, closing a poll, and counting.

A vote is stored under the lock of the chat, and only then counted: a task gives the entry the new
numbers within about a second, so that a hundred votes at once are one change for all members.
"""

import logging
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count, QuerySet, Window
from django.db.models.functions import RowNumber

from apps.chats.linked_rows import Rows
from apps.chats.roles import Right
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.task_wakeup import TaskWakeup
from apps.integrations.plugins import entries
from apps.integrations.plugins.entries import Data
from apps.plugins.polls.models import Poll, Vote
from apps.plugins.polls.questions import PLUGIN

logger = logging.getLogger(__name__)
COUNT_AFTER_S = 0.5
MAX_COUNTED = 100
# Of those who chose an option, the first: a group may have 10,000 members, and each asks.
MAX_NAMED = 50
count_soon = TaskWakeup("apps.plugins.polls.tasks.count_votes")


def vote(person: UUID, chat: UUID, seq: int, options: Collection[int]) -> None:
    """Have the person's votes be these options, by their places; none takes the vote back.

    Raises NotFound, Forbidden, NotContacts, ChatClosed, Invalid for options that the poll does not
    have or for several where one can be chosen, and NotPossible once the poll is closed.
    """
    chosen = set(options)

    def write(data: Data) -> Data:
        if data["closed"]:
            raise NotPossible("This poll is closed.")
        if not chosen <= set(range(len(data["options"]))) or (
            len(chosen) > 1 and not data["multiple"]
        ):
            raise Invalid("The poll does not have this choice.", pointer="#/data/options")
        poll, _ = Poll.objects.get_or_create(chat_id=chat, seq=seq)
        mine = Vote.objects.filter(poll=poll, user_id=person)
        known = set(mine.values_list("option", flat=True))
        if chosen == known:
            return data
        mine.exclude(option__in=chosen).delete()
        Vote.objects.bulk_create(
            Vote(poll=poll, user_id=person, option=option) for option in sorted(chosen - known)
        )
        Poll.objects.filter(id=poll.id).update(uncounted=True)
        transaction.on_commit(lambda: count_soon.after(COUNT_AFTER_S), robust=True)
        return data

    entries.change(PLUGIN, chat, seq, write, by=person)


def close(person: UUID, chat: UUID, seq: int) -> None:
    """Close a poll: its numbers stay. Its author may, and who may delete others' messages. Raises
    NotFound, Forbidden, NotContacts, ChatClosed."""
    entry = entries.get(PLUGIN, person=person, chat=chat, seq=seq)
    right = Right.REACT if entry.sender == person else Right.DELETE_OTHERS

    def write(data: Data) -> Data:
        return _counted(chat, seq, data) | {"closed": True}

    entries.change(PLUGIN, chat, seq, write, by=person, right=right)


def count_due() -> int:
    """Give entries the numbers of votes that have changed. Returns how many. Safe to run anywhere
    at once, and again: the numbers are read under the lock of the chat."""
    done = 0
    for poll in Poll.objects.filter(uncounted=True).order_by("id")[:MAX_COUNTED]:
        try:
            count = partial(_counted, poll.chat_id, poll.seq)
            entries.change(PLUGIN, poll.chat_id, poll.seq, count)
        except NotFound:
            # The message is hidden for now, or was deleted while polls were switched off.
            Poll.objects.filter(id=poll.id).update(uncounted=False)
        except DATABASE_UNAVAILABLE as error:
            # PostgreSQL is unavailable: each further one would wait for it, too.
            if not is_lock_conflict(error):
                raise
            continue
        except Exception:  # one bad entry must not stop the rest
            logger.exception("the votes of a poll cannot be counted: %s", poll.id)
            continue
        done += 1
    return done


def state(person: UUID, chat: UUID, seq: int) -> dict[str, Any]:
    """What the person sees of a poll besides its entry: their own choice, and who chose what, by
    option (the first MAX_NAMED of each), unless the poll is anonymous. Raises NotFound."""
    data = entries.get(PLUGIN, person=person, chat=chat, seq=seq).data
    votes = _votes(chat, seq)
    # Votes of an archive's poll stayed where it came from: its numbers are in its data alone.
    has_votes = Poll.objects.filter(chat_id=chat, seq=seq).exists()
    found: dict[str, Any] = {
        "mine": sorted(votes.filter(user_id=person).values_list("option", flat=True)),
        "counts": data["counts"],
        "voters": data["voters"],
        **(_numbers(len(data["options"]), votes) if has_votes else {}),
    }
    if not data["anonymous"]:
        found["people"] = _people(len(data["options"]), votes)
    return found


def votes_of(chat: UUID, seq: int) -> Rows:
    """Who chose what, when, as JSON: for what a hold keeps of a poll."""
    return [
        {"user": str(each.user_id), "option": each.option, "at": each.at.isoformat()}
        for each in _votes(chat, seq).order_by("at", "id")
    ]


def delete_votes(chat: UUID, first: int, end: int) -> int:
    """Delete polls with their votes: of entries from `first` up to, but without, `end`. Returns
    how many votes there were."""
    polls = Poll.objects.filter(chat_id=chat, seq__gte=first, seq__lt=end)
    return polls.delete()[1].get(Vote._meta.label, 0)


def _votes(chat: UUID, seq: int) -> QuerySet[Vote]:
    return Vote.objects.filter(poll__chat_id=chat, poll__seq=seq)


def _people(options: int, votes: QuerySet[Vote]) -> list[list[str]]:
    place = Window(RowNumber(), partition_by="option", order_by=("at", "id"))
    first = votes.annotate(place=place).filter(place__lte=MAX_NAMED).order_by("at", "id")
    found: list[list[str]] = [[] for _ in range(options)]
    for person, option in first.values_list("user_id", "option"):
        found[option].append(str(person))
    return found


def _counted(chat: UUID, seq: int, data: Data) -> Data:
    """The data with the numbers of now. Call it under the lock of the chat."""
    Poll.objects.filter(chat_id=chat, seq=seq).update(uncounted=False)
    return data | _numbers(len(data["options"]), _votes(chat, seq))


def _numbers(options: int, votes: QuerySet[Vote]) -> dict[str, Any]:
    counts = dict(votes.values_list("option").annotate(Count("id")))
    voters = votes.aggregate(voters=Count("user_id", distinct=True))
    return {"counts": [counts.get(place, 0) for place in range(options)], **voters}
