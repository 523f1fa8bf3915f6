"""Every example of the API's document is executed, and gets the documented response."""

import json
from uuid import UUID

import pytest
from jsonschema import Draft202012Validator

from apps.chats.actions.group_commit import group_commit
from apps.files.actions import direct_parts
from apps.files.gateways import objects
from apps.wire.openapi import JSON
from tests.api import examples, world
from tests.api.document import document, operations
from tests.chats.factories import give_back_connection
from tests.sso.conftest import use_provider
from tests.sso.stand_in import stand_in

EXAMPLES = examples.load()
# Sends are committed by another thread, which sees only committed rows. While bytes are stored, no
# connection is held.
BY_ANOTHER_THREAD = {"sendMessage", "runCommand", "sendFileContent"}
# Need an identity provider.
BY_THE_PROVIDER = {"exchangeTokens"}
# Browsers make no passkeys for an address of digits.
BY_A_SERVER_WITH_A_NAME = {"addPasskey"}
# Need a bucket that browsers reach.
BY_A_BUCKET = {"beginPart", "finishPart"}
ELSEWHERE = BY_ANOTHER_THREAD | BY_THE_PROVIDER | BY_A_SERVER_WITH_A_NAME | BY_A_BUCKET
PROVIDER_TOKEN = "eyJhbGciOiJSUzI1NiJ9.access.signature"


def conforms(value, schema):
    whole = {**schema, "components": document()["components"]}
    for error in Draft202012Validator(whole).iter_errors(value):
        raise AssertionError(f"{error.message} at {error.json_path}")


def check(id_, here, record, names=()):
    example = EXAMPLES[id_]
    here.names.update(names)
    answer = examples.execute(id_, example, here)
    operation = operations()[id_].described
    assert answer.status < 400, answer.body
    known = frozenset(here.names)
    same = examples.shape(answer.body, known) == examples.shape(example.get("response"), known)
    if record and not (same and answer.status == example.get("status")):
        examples.record(id_, answer)
        return
    assert answer.status == example["status"]
    assert same, json.dumps(answer.body, indent=2)
    response = operation["responses"][str(answer.status)]
    if "content" in response:
        conforms(answer.body, response["content"][JSON]["schema"])
        conforms(example["response"], response["content"][JSON]["schema"])
    if "body" in example:
        conforms(example["body"], operation["requestBody"]["content"][JSON]["schema"])
    declared = {limit["name"] for limit in operation.get("x-rate-limits", [])}
    assert answer.counted == declared
    assert ("RateLimit" in answer.headers) == bool(declared)
    assert ("ETag" in answer.headers) == ("ETag" in response.get("headers", {}))


@pytest.mark.parametrize("id_", [id_ for id_ in EXAMPLES if id_ not in ELSEWHERE])
def test_an_example_gets_its_response(id_, here, pytestconfig):
    check(id_, here, pytestconfig.getoption("--record"))


@pytest.mark.parametrize("id_", sorted(BY_ANOTHER_THREAD))
def test_the_example_of_a_send_gets_its_response(id_, own_world, pytestconfig):
    check(id_, own_world, pytestconfig.getoption("--record"))
    give_back_connection(group_commit)


@pytest.mark.parametrize("id_", sorted(BY_THE_PROVIDER))
def test_the_example_of_an_exchange_gets_its_response(id_, here, settings, pytestconfig):
    with stand_in() as provider:
        use_provider(settings, provider.issuer)
        names = {PROVIDER_TOKEN: provider.access_token()}
        check(id_, here, pytestconfig.getoption("--record"), names)


@pytest.mark.parametrize("id_", sorted(BY_A_SERVER_WITH_A_NAME))
def test_the_example_of_a_passkey_gets_its_response(id_, here, settings, pytestconfig):
    settings.PUBLIC_URL = "https://chat.example.org"
    check(id_, here, pytestconfig.getoption("--record"))


@pytest.mark.parametrize("id_", sorted(BY_A_BUCKET))
def test_the_example_of_a_direct_part_gets_its_response(id_, own_world, monkeypatch, pytestconfig):
    form = objects.UploadForm(
        **{name: EXAMPLES["beginPart"]["response"][name] for name in ("url", "fields")}
    )
    monkeypatch.setattr(objects, "take_direct_uploads", lambda: True)
    monkeypatch.setattr(objects, "upload_form", lambda key, **of: form)
    monkeypatch.setattr(objects, "has_size", lambda key, size: True)
    if id_ == "finishPart":
        file = UUID(own_world.names[world.UPLOAD])
        direct_parts.begin_part(own_world.people["alice"].id, file, start=0, size=11)
    check(id_, own_world, pytestconfig.getoption("--record"))


def test_every_operation_has_an_example():
    assert set(EXAMPLES) == set(operations())


def test_examples_are_in_the_document():
    whole = json.dumps(document())
    assert '"Shall we meet on Friday, @bob?"' in whole
    [parameter] = operations()["getChat"].described["parameters"][-1:]
    assert parameter["example"] == world.CREW
