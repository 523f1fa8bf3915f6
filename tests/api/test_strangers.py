"""A stranger who knows all ids learns nothing: every operation that takes ids answers them as if
nothing of the kind existed. Generated from the API's document and its examples.
"""

import json
from uuid import uuid4

import pytest

from apps.chats.actions.group_commit import group_commit
from tests.api import examples, world
from tests.api.document import operations
from tests.chats.factories import give_back_connection
from tests.support.people import person

EXAMPLES = examples.load()
SECRETS = (world.SECRET, world.OF_BOB)
# People may be found and invited by everybody whom they have not blocked.
PUBLIC = {"getPerson", "inviteContact"}
# Custom emoji are everybody's: tests/emoji has what people may change.
EMOJI = {"addEmoji", "removeEmoji", "addEmojiAlias", "removeEmojiAlias", "getEmojiImage"}
EMOJI |= {"getStillEmojiImage"}
# These change only the asker's side, whatever it is; an absent person is 404.
OWN_SIDE = {
    f"{verb}Contact" for verb in ("greet", "accept", "decline", "cancel", "remove", "block")
}
OWN_SIDE.add("unblockContact")
# Refused before anything is looked up.
OF_MODERATORS = {"suspendPerson", "liftSuspension", "removeReportedMember", "revokeReportedLinks"}
OF_MODERATORS |= {f"{verb}ReportedMessage" for verb in ("hide", "restore", "delete")}
OF_MODERATORS |= {"warnPerson", "listWarningsOfPerson", "slowPersonDown", "endSlowdown"}
OF_MODERATORS |= {
    "keepSuspension",
    "revokeReportedLink",
    "resetProfile",
    "resetGroup",
    "closeReportedChat",
    "reopenReportedChat",
    "readChatAsModerator",
}
OF_MODERATORS |= {f"{verb}ReadRequest" for verb in ("approve", "refuse", "end")}
OF_MODERATORS |= {f"{verb}HeldMessage" for verb in ("read", "approve", "refuse")}
BY_ANOTHER_THREAD = {"sendMessage"}
# Numbers of versions are no ids of anything of people: tests/configuration/test_versions.py.
OF_ADMINISTRATORS = {"revertSettings"}


def ids_in(example):
    """The ids of the document that a request contains."""
    asked = json.dumps({part: example.get(part) for part in ("path", "query", "body")})
    return [each for each in [*world.IDS, *SECRETS] if each in asked]


CLOSED = [
    id_
    for id_, example in EXAMPLES.items()
    if ids_in(example) and id_ not in PUBLIC | OWN_SIDE | BY_ANOTHER_THREAD | EMOJI
]


def answers(id_, here):
    """The stranger's responses: with the ids of others, and with ids of nothing."""
    example = EXAMPLES[id_] | {"as": "stranger"}
    for secret in SECRETS:
        # A program with the secret is no stranger. Another one is a guess.
        example = json.loads(json.dumps(example).replace(secret, "a-guess"))
    here.people["stranger"] = person("stranger")
    absent = json.dumps(example)
    for each in world.IDS:
        absent = absent.replace(each, "9090909" if each in world.NUMBERS else str(uuid4()))
    with_ids = examples.execute(id_, example, here)
    without = examples.execute(id_, json.loads(absent), here)
    return with_ids, without


def check(id_, here):
    with_ids, without = answers(id_, here)
    assert (with_ids.status, with_ids.body) == (without.status, without.body)
    if EXAMPLES[id_].get("path"):
        assert with_ids.status == (403 if id_ in OF_MODERATORS else 404)
    assert "Friday" not in json.dumps(with_ids.body)


@pytest.mark.parametrize("id_", CLOSED)
def test_a_stranger_gets_the_response_of_absent_objects(here, id_):
    check(id_, here)


def test_a_stranger_cannot_send(own_world):
    check("sendMessage", own_world)
    give_back_connection(group_commit)


def test_every_operation_with_an_id_in_its_path_is_tried():
    with_ids = {each.id for each in operations().values() if "{" in each.path}
    assert with_ids <= {*CLOSED, *PUBLIC, *OWN_SIDE, *BY_ANOTHER_THREAD, *OF_ADMINISTRATORS, *EMOJI}


@pytest.mark.parametrize("id_", sorted(PUBLIC | OWN_SIDE))
def test_an_absent_person_is_not_found(here, id_):
    _, without = answers(id_, here)
    assert without.status == 404


# A second id in a path belongs to the first one.
NESTED = {
    id_: part
    for id_, example in EXAMPLES.items()
    for part in ("link", "person", "seq")
    if part in example.get("path", {}) and "chat" in example["path"]
}
# Nothing is there, as for a message without any.
EMPTY = {"listReactions", "listThread", "listFormerTexts", "removeReaction", "unsaveMessage"}


@pytest.mark.parametrize("id_", NESTED)
def test_objects_of_one_chat_cannot_be_reached_through_another(here, id_):
    example = EXAMPLES[id_]
    if NESTED[id_] == "seq":
        other = example | {"path": example["path"] | {"chat": world.DIRECT, "seq": 3}}
    else:
        mine = examples.execute("createGroup", {"body": {"title": "Mine"}}, here)
        other = example | {"path": example["path"] | {"chat": mine.body["id"]}}
    answer = examples.execute(id_, other, here)
    if id_ in EMPTY:
        assert answer.body in ({"items": [], "next": None}, None) or answer.status == 404
    else:
        assert answer.status == 404, answer.body
