"""Epochs: a new one begins once for each event, however many processes notice it."""

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.wire import epochs
from apps.wire.models import Epoch


@pytest.fixture(autouse=True)
def undone(db):
    """Roll back, so that servers of other tests do not see the new epochs."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def epoch(undone):
    return epochs.current()


def test_concurrent_begins_after_one_epoch_return_the_same_epoch(epoch):
    begun = epochs.begin(after=epoch)
    assert begun != epoch
    assert epochs.begin(after=epoch) == begun == epochs.current()
    assert Epoch.objects.count() == 1


def test_newepoch_begins_an_epoch_and_prints_it(epoch, capsys):
    call_command("newepoch")
    assert epochs.current() != epoch
    assert str(epochs.current()) in capsys.readouterr().out


def test_an_emptied_database_gets_an_epoch():
    Epoch.objects.all().delete()
    assert epochs.current() is None
    assert epochs.begin(after=None) == epochs.current()
