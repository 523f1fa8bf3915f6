"""An export survives the death of its worker, and half of one is never left."""

from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.db import connection
from django.db.models import F

from apps.accounts.actions import exports
from apps.accounts.models import Export
from apps.files.gateways import objects
from tests.promises.test_pushes import until
from tests.support.live import database
from tests.support.people import person
from tests.support.storages import stored
from tests.support.workers import workers

__all__ = ["workers"]
# Seconds of work.
ROWS = 60_000
MANY = """
INSERT INTO accounts_ending (id, user_id, way, account, connected_as, begun_at)
SELECT gen_random_uuid(), %s, 'device', false, '{}', now() FROM generate_series(1, %s)
"""


@pytest.fixture
def alice(db):
    """Somebody about whom much is stored."""
    user = database(person, f"alice-{uuid4().hex[:8]}")
    database(run, MANY, [user.id, ROWS])
    yield user
    database(run, "DELETE FROM accounts_ending WHERE user_id = %s", [user.id])


def run(sql, given):
    with connection.cursor() as cursor:
        cursor.execute(sql, given)


def test_the_export_of_a_killed_worker_is_written_by_the_next_one(alice, workers, files_storage):
    row = database(exports.ask, alice.id)
    mine = Export.objects.filter(id=row.id)
    workers.beat()
    first = workers.files(**files_storage)
    until(lambda: database(mine.filter(claimed_at__isnull=False).exists), within=60)
    first.kill9()
    assert database(mine.get).state == Export.State.WAITING
    assert stored() == set()
    database(mine.update, claimed_at=F("claimed_at") - exports.LEASE)
    workers.files(**files_storage)
    until(lambda: database(mine.get).state == Export.State.READY, within=90)
    [file] = objects.listing("")
    with objects.open_object(file.key) as content, ZipFile(content) as archive:
        assert archive.testzip() is None
        assert archive.read("endings.json").count(b"\n") == ROWS + 2
    assert file.size == database(mine.get).size
    print("\nfault=SIGKILL of the worker injections=1 left=0 written=1")
