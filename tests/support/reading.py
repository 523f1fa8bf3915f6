"""Reads of several people or chats, for one."""

from apps.chats.queries import chat_list
from apps.core.reads import read, result_of
from apps.realtime.change_feed import PersonChangesReading


def values_of(keyed, key):
    """Read it, and return the values of `key`."""
    read(keyed)
    return keyed.of(key)


def stream_changes(queries, user_id, since):
    """The changes of one person after a revision of their stream, of a module of queries."""
    return values_of(queries.changes_reading({user_id: since}), user_id)


def missed_by(user_id, since):
    """All changes of one person's stream after a revision, and the revision up to which they are
    complete; None: up to the head."""
    reading = PersonChangesReading({user_id: since})
    read(*reading.reads)
    return reading.of(user_id)


def chat_revs(user_id):
    """The rev of each of the person's chats by its id, newest activity first."""
    return result_of(chat_list.heads_reading([user_id]))[user_id]
