"""The values of a single key of a `KeyedRead`."""

from apps.core.reads import read


def values_of(keyed, key):
    """Read it, and return the values of `key`."""
    read(keyed)
    return keyed.of(key)


def stream_changes(queries, user_id, since):
    """The changes of one person after a revision of their stream, of a module of queries."""
    return values_of(queries.changes_reading({user_id: since}), user_id)
