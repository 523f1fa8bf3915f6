"""The API's document is complete, and OpenAPI 3.1 without warnings."""

import json
import re
from io import StringIO
from typing import get_args

import msgspec
import pytest
from django.core.management import call_command

from apps.wire.commands import AnyCommand
from tests.api.document import PREFIX, described, operations

OPERATIONS = list(operations().values())


def test_the_document_is_valid_without_warnings():
    out = StringIO()
    options = {"validate": True, "fail_on_warn": True, "format": "openapi-json"}
    call_command("spectacular", stdout=out, **options)
    assert json.loads(out.getvalue())["openapi"].startswith("3.1")


def test_the_page_of_the_document_has_a_language_and_our_colours(client, db):
    page = client.get("/api/docs/").content.decode()
    assert '<html lang="en">' in page
    assert re.search(r'href="[^"]*api-docs\.css"', page)


def test_every_method_of_the_api_is_an_operation():
    undescribed = [(verb, route) for verb, route, found in described() if found is None]
    assert undescribed == []
    routes = {
        (verb, PREFIX + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route))
        for verb, route, _ in described()
    }
    assert {(each.method, each.path) for each in OPERATIONS} == routes


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_an_operation_says_what_it_does_and_refuses(operation):
    described = operation.described
    assert re.fullmatch(r"[a-z]+[A-Za-z]*", operation.id)
    assert described["summary"]
    assert described["description"]
    for status, response in described["responses"].items():
        assert response["description"] or int(status) < 300
        if int(status) < 400:
            continue
        [problem] = response["content"].values()
        [_, part] = problem["schema"]["allOf"]
        assert part["properties"]["code"]["enum"]
    if limits := described.get("x-rate-limits"):
        assert "Retry-After" in described["responses"]["429"]["headers"]
        assert limits[0]["name"] in described["responses"]["429"]["description"]


def test_operations_without_a_limit_are_those_of_the_session():
    unlimited = {each.id for each in OPERATIONS if "x-rate-limits" not in each.described}
    by_the_pages = {"signIn", "register", "proveIdentity"}
    assert unlimited == by_the_pages | {"signOut", "endDevice", "endOtherDevices"}


def test_one_name_is_one_type():
    types = {
        struct
        for _, _, found in described()
        for struct in (found.body, found.query, found.returns)
        if struct is not None
    }
    # msgspec puts the module into the names of types that would have the same name.
    _, components = msgspec.json.schema_components(sorted(types, key=repr))
    assert [name for name in components if "." in name] == []


LIVE = "a live connection: docs/protocol.md"
# The operation of each command of the browser, or why there is none.
BY_COMMAND = {
    "resume": LIVE,
    "presence": LIVE,
    # It concerns those who look at the chat now; POST /api/v1/commands takes it.
    "typing": LIVE,
    "send": "sendMessage",
    "receipts": "moveReceipts",
    "chat.direct": "openDirectChat",
    "chat.marks": "updateChatMarks",
    "draft": "saveDraft",
    "react": "addReaction",
    "unreact": "removeReaction",
    "edit": "editMessage",
    "delete": "deleteMessage",
    "pin": "pinMessage",
    "unpin": "unpinMessage",
    "command.run": "runCommand",
    "note.dismiss": "dismissNote",
    "save": "saveMessage",
    "unsave": "unsaveMessage",
    "group.create": "createGroup",
    "group.rename": "renameGroup",
    "group.picture": "setGroupPicture",
    "chat.retention": "setRetention",
    "group.leave": "removeMember",
    "member.add": "addMembers",
    "member.remove": "removeMember",
    "member.role": "changeRole",
    "contact.invite": "inviteContact",
    "contact.greet": "greetContact",
    "contact.accept": "acceptContact",
    "contact.decline": "declineContact",
    "contact.cancel": "cancelContact",
    "contact.remove": "removeContact",
    "contact.block": "blockContact",
    "contact.unblock": "unblockContact",
}


def test_every_command_of_the_browser_has_an_operation():
    commands = {command.__struct_config__.tag for command in get_args(AnyCommand)}
    assert set(BY_COMMAND) == commands
    assert {id_ for id_ in BY_COMMAND.values() if id_ is not LIVE} <= set(operations())


# What a client gets in `snapshot` at its first connection, and the operation that returns it.
BY_SNAPSHOT = {
    "me": "getMe",
    "contacts": "listContacts",
    "drafts": "listDrafts",
    "saved": "listSavedMessages",
    "scheduled": "listScheduledMessages",
    "notifications": "getNotificationSettings",
    # Of one chat.
    "notes": "listNotes",
}


def test_everything_of_a_first_connection_can_be_read():
    from apps.wire.events import Snapshot

    fields = set(Snapshot.__struct_fields__) - {"user_rev"}
    assert set(BY_SNAPSHOT) == fields
    assert set(BY_SNAPSHOT.values()) <= set(operations())
