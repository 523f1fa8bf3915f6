"""Requests generated from the API's document get documented responses, and never a 500."""

from typing import Any

import pytest

from apps.chats.actions.group_commit import group_commit
from tests.api.document import operations
from tests.chats.factories import give_back_connection


@pytest.fixture(scope="module")
def generated() -> Any:
    """What generates and sends requests; see there why it is imported here."""
    from tests.api import generated

    return generated


@pytest.fixture(scope="module")
def schema(generated: Any) -> Any:
    """The document, as schemathesis reads it."""
    return generated.read_document()


@pytest.fixture
def number(pytestconfig: pytest.Config) -> int:
    """How many requests of each operation."""
    return 300 if pytestconfig.getoption("--long") else 5


# They are committed by a thread of its own.
BY_ANOTHER_THREAD = ("sendMessage", "runCommand")


@pytest.mark.parametrize("id_", [id_ for id_ in operations() if id_ not in BY_ANOTHER_THREAD])
def test_generated_requests_get_documented_responses(id_, here, generated, schema, number):
    generated.check(here, schema, id_, number=number)


@pytest.mark.parametrize("id_", BY_ANOTHER_THREAD)
def test_generated_messages_get_documented_responses(id_, own_world, generated, schema, number):
    generated.check(own_world, schema, id_, number=number)
    give_back_connection(group_commit)
