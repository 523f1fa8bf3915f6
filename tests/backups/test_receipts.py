"""Receipts of deletions name the backups that may still have what was deleted."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.backups.models import Backup
from apps.retention.models import DeletionReceipt
from apps.retention.queries.receipts import document

pytestmark = pytest.mark.django_db
HERE = "/backups"
NOW = timezone.now()
State = Backup.State


@pytest.fixture(autouse=True)
def _schedule(settings):
    settings.BACKUP_TO, settings.BACKUP_HOURS, settings.BACKUP_KEEP = HERE, 24, 3


def backup(id_, *, hours, state=State.COMPLETE, destination=HERE):
    """A backup that began so many hours ago."""
    began = NOW - timedelta(hours=hours)
    is_complete = state in (State.COMPLETE, State.DELETED)
    Backup.objects.create(
        id=id_,
        destination=destination,
        state=state,
        encrypted=False,
        began_at=began,
        point_at=began + timedelta(minutes=1) if is_complete else None,
    )


def named(*, hours):
    """The backups that the receipt of a deletion names which ended so many hours ago, by id."""
    at = NOW - timedelta(hours=hours)
    row = DeletionReceipt(kind="operator", begun_at=at, due_at=at, rows_deleted_at=at)
    return {each["name"]: each for each in document(row)["backups"]}


def test_a_receipt_names_what_was_made_before_and_is_still_there():
    backup("old", hours=30)
    backup("pruned", hours=40, state=State.DELETED)
    backup("failed", hours=20, state=State.FAILED)
    backup("running", hours=11, state=State.RUNNING)
    backup("later", hours=5)
    assert [*named(hours=10)] == ["old", "running"]
    assert [*named(hours=50)] == []


def test_it_says_until_when_they_are_expected_to_be_kept():
    backup("older", hours=25)
    backup("newer", hours=1)
    found = named(hours=0)
    # Of three kept ones, one more takes no place, and the next takes that of the older one.
    assert found["older"]["kept_until"] == (NOW + timedelta(hours=47)).isoformat()
    assert found["newer"]["kept_until"] == (NOW + timedelta(hours=71)).isoformat()


def test_a_late_schedule_keeps_them_longer():
    backup("only", hours=24 * 30)
    until = named(hours=0)["only"]["kept_until"]
    assert until > (NOW + timedelta(hours=47)).isoformat()


def test_without_a_schedule_they_are_kept_until_somebody_deletes_them(settings):
    backup("elsewhere", hours=3, destination="s3://other")
    backup("here", hours=2)
    assert named(hours=0)["elsewhere"]["kept_until"] is None
    settings.BACKUP_HOURS = 0
    assert named(hours=0)["here"]["kept_until"] is None
