"""Who is named as the operator of a command."""

import json
import os

import pytest
from django.core.management import call_command

from apps.core.operators import operator_name
from apps.moderation.models import AuditRecord
from tests.support.people import person

NAMES = ("LOGNAME", "USER", "LNAME", "USERNAME")


@pytest.fixture
def nameless(monkeypatch):
    """A container whose user has no name."""

    def unknown(number):
        raise KeyError(f"getpwuid(): uid not found: {number}")

    monkeypatch.setattr("pwd.getpwuid", unknown)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_the_environment_does_not_name_the_operator(monkeypatch):
    for name in NAMES:
        monkeypatch.setenv(name, "somebody-else")
    assert operator_name() != "somebody-else"


@pytest.mark.django_db
@pytest.mark.usefixtures("nameless")
def test_a_user_without_a_name_bans_all_the_same():
    person("alice")
    call_command("moderate", "ban", "alice", "--reason", "Spam")
    assert json.loads(AuditRecord.objects.get().details)["operator"] == str(os.getuid())
    call_command("removesecondfactor", "alice")
