"""What tokens of bots cover: each operation of the API and each command, with and without."""

from typing import get_args

import pytest

from apps.accounts.scopes import ALWAYS, SCOPES, check_command
from apps.core.errors import InsufficientScope
from apps.wire.commands import AnyCommand
from tests.api.document import PREFIX, described, operations
from tests.integrations.programs import program

COMMANDS = {command.__struct_config__.tag for command in get_args(AnyCommand)}
NOBODY_SIGNED_IN = {each.id for _, _, each in described() if each and not each.signed_in}
ASKED = sorted(set(operations()) - NOBODY_SIGNED_IN - ALWAYS)
NOTHING = "00000000-0000-4000-8000-000000000000"


def answer(app, id_):
    """The response to a request of an operation, about nothing that exists."""
    asked = operations()[id_]
    path = asked.path.removeprefix(PREFIX)
    for part in asked.described.get("parameters", []):
        if part["in"] == "path":
            number = part["schema"].get("type") == "integer"
            path = path.replace(f"{{{part['name']}}}", "1" if number else NOTHING)
    response = app.request(asked.method.upper(), path, {})
    return response.status_code, response.json() if response.content else {}


def covers(id_):
    return [name for name, scope in SCOPES.items() if id_ in scope.operations]


def test_scopes_name_operations_and_commands_that_exist():
    named = {one for scope in SCOPES.values() for one in scope.operations}
    assert named | ALWAYS <= set(operations())
    assert {one for scope in SCOPES.values() for one in scope.commands} <= COMMANDS


def test_an_operation_is_refused_to_a_token_with_all_other_scopes(alice, robot):
    for id_ in ASKED:
        others = set(SCOPES) - set(covers(id_))
        app = program_with(alice, robot, frozenset(others))
        status, body = answer(app, id_)
        assert (status, body["code"]) == (403, "insufficient_scope"), id_
        assert all(name in body["detail"] for name in covers(id_)), id_


def test_an_operation_is_open_to_a_token_with_its_scope_alone(alice, robot):
    for id_ in ASKED:
        for name in covers(id_):
            _, body = answer(program_with(alice, robot, frozenset([name])), id_)
            assert body.get("code") != "insufficient_scope", (id_, name)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_command_needs_its_scope(command):
    covering = [name for name, scope in SCOPES.items() if command in scope.commands]
    for name in covering:
        check_command([name], command)
    with pytest.raises(InsufficientScope):
        check_command(set(SCOPES) - set(covering), command)


_programs = {}


def program_with(owner, robot, scopes):
    """A program with these scopes; one for each set of them and bot."""
    if (robot, scopes) not in _programs:
        _programs[robot, scopes] = program(owner.id, robot, *scopes)
    return _programs[robot, scopes]
