"""An epoch is replaced once for each reason, however many processes notice it."""

import pytest
from django.core.management import call_command
from django.db import transaction

from apps.wire import epochs
from apps.wire.models import Epoch


@pytest.fixture(autouse=True)
def undone(db):
    """Other tests' servers must not see what is begun here."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def epoch(undone):
    return epochs.current()


def test_the_first_to_notice_begins_it_and_the_others_get_the_same(epoch):
    begun = epochs.begin(after=epoch)
    assert begun != epoch
    assert epochs.begin(after=epoch) == begun == epochs.current()
    assert Epoch.objects.count() == 1


def test_the_command_begins_one_and_names_it(epoch, capsys):
    call_command("newepoch")
    assert epochs.current() != epoch
    assert str(epochs.current()) in capsys.readouterr().out


def test_an_emptied_database_gets_one():
    Epoch.objects.all().delete()
    assert epochs.current() is None
    assert epochs.begin(after=None) == epochs.current()
