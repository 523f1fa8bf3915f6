"""Claims of a worker that is asked to stop."""

from uuid import uuid4

import pytest
from django.utils import timezone

from apps.accounts.models import Export
from apps.core import claims
from apps.core.draining import draining

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting():
    """Exports that wait, in a query that claims can lock."""
    made = [Export.objects.create(user_id=uuid4(), expires_at=timezone.now()) for _ in range(3)]
    yield Export.objects.filter(id__in=[row.id for row in made]).order_by("id")
    draining.clear()
    claims.give_back()


def test_what_is_given_back_can_be_claimed_at_once_by_another_worker(waiting):
    taken = claims.claim(waiting, limit=2)
    assert len(claims.claim(waiting, limit=3)) == 1
    assert claims.give_back() == 3
    again = claims.claim(waiting, limit=3)
    assert {row.attempt for row in again} == {2}
    assert claims.still_held(taken[0]) is None


def test_what_is_done_or_somebody_elses_is_not_given_back(waiting):
    done, others = claims.claim(waiting, limit=2)
    Export.objects.filter(id=done.id).update(claimed_at=None)
    Export.objects.filter(id=others.id).update(attempt=7)
    assert claims.give_back() == 0


def test_a_worker_that_drains_claims_nothing(waiting):
    draining.set()
    assert claims.claim(waiting, limit=3) == []
    draining.clear()
    assert len(claims.claim(waiting, limit=3)) == 3
