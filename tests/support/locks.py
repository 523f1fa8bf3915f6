"""Another session of the test's database, that holds what it locked."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.support.servers import stores

CHAT = "SELECT FROM chats_chat WHERE id = %s FOR UPDATE"
MEMBER = "SELECT FROM chats_member WHERE chat_id = %s AND user_id = %s FOR UPDATE"


@contextmanager
def held(statement: str, *values: object) -> Iterator[None]:
    """Hold the rows that `statement` locks."""
    with psycopg.connect(stores()["DATABASE_URL"]) as other:
        other.execute(statement, values)
        yield
        other.rollback()
