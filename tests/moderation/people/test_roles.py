"""Who may suspend whom."""

from itertools import product

import pytest

from apps.accounts.actions import suspensions
from apps.accounts.models import User
from apps.core.errors import Forbidden, NotFound
from apps.core.identifiers import new_id
from apps.moderation.actions import people
from apps.moderation.actions.audit import By, Door
from apps.moderation.models import AuditRecord
from apps.moderation.queries.moderators import NoModerator, OutOfReach
from tests.moderation.conftest import moderator_named
from tests.moderation.people.suspending import OPERATOR, is_open, soon
from tests.support.people import person

ROLES = ("member", "staff", "former moderator", "moderator", "administrator", "operator")
TARGETS = ("member", "closed member", "staff", "moderator", "administrator", "self", "nobody")
ON_MEMBERS = {"member": None, "closed member": None, "nobody": NotFound}
OUT_OF_REACH = dict.fromkeys(("staff", "moderator", "administrator", "self"), OutOfReach)

# The refusal of each role for each target; None: it is done.
TABLE = {
    **{role: dict.fromkeys(TARGETS, NoModerator) for role in ROLES[:3]},
    "moderator": ON_MEMBERS | OUT_OF_REACH,
    "administrator": ON_MEMBERS
    | dict.fromkeys(("staff", "moderator", "administrator"))
    | {"self": OutOfReach},
    # An operator is no person.
    "operator": ON_MEMBERS | dict.fromkeys(("staff", "moderator", "administrator", "self")),
}


def actor(role):
    if role == "operator":
        return None
    if role in ("moderator", "former moderator"):
        user = moderator_named("actor")
        if role == "former moderator":
            User.objects.filter(id=user.id).update(is_staff=False)
        return user
    return person("actor", is_staff=role != "member", is_superuser=role == "administrator")


def target(kind, acting):
    if kind == "self":
        return (acting or person("somebody")).id
    if kind == "nobody":
        return new_id()
    if kind == "moderator":
        return moderator_named("target").id
    return person(
        "target",
        is_active=kind != "closed member",
        is_staff=kind in ("staff", "administrator"),
        is_superuser=kind == "administrator",
    ).id


ACTIONS = {
    "suspend": lambda who, whom: people.suspend(who, whom, until=soon(), reason="Insults"),
    "ban": lambda who, whom: people.suspend(who, whom, until=None, reason="Insults"),
    "lift": lambda who, whom: people.lift(who, whom, reason="A mistake"),
}


@pytest.mark.parametrize(("action", "role", "whom"), [*product(ACTIONS, ROLES, TARGETS)])
def test_each_role_acts_only_where_it_may(db, action, role, whom):
    acting = actor(role)
    who = OPERATOR if acting is None else By(acting.id, Door.API)
    person_id = target(whom, acting)
    if action == "lift" and whom != "nobody":
        suspensions.begin(person_id, until=None, reason="Insults")
    refusal = None
    try:
        ACTIONS[action](who, person_id)
    except Forbidden as error:
        refusal = type(error)
    except NotFound:
        refusal = NotFound
    expected = TABLE[role][whom]
    if action == "lift" and whom == "self" and acting is not None:
        expected = NoModerator  # a suspended moderator is none
    assert refusal is expected
    assert AuditRecord.objects.count() == (refusal is None)
    if refusal is None:
        assert is_open(User(id=person_id)) == (action == "lift" and whom != "closed member")
