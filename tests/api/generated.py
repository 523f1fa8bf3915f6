"""Requests generated from the API's document, for `test_generated_requests.py`.

A module of its own, which is imported when the first test runs: schemathesis takes a second of
processor time in each process that collects the tests.
"""

from typing import Any
from uuid import uuid4

import requests
import schemathesis
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, Verbosity, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.wire.openapi import UPLOADED
from tests.api import world
from tests.api.document import document

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SITE = "http://testserver"
schemathesis.serializer.alias(UPLOADED, "application/octet-stream")
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]


def read_document() -> Any:
    """The document, as schemathesis reads it."""
    return schemathesis.openapi.from_dict(document())


def known_objects(names: dict[str, str]) -> dict[str, list[Any]]:
    """Values for parameters and fields, by name: most objects exist."""
    absent = str(uuid4())
    chats = [names[world.CREW], names[world.DIRECT], absent]
    people = [names[each] for each in (world.BOB, world.ERIN, world.FRANK, world.DANA)]
    return {
        "chat": chats,
        "in_chat": chats,
        "person": [*people, absent],
        "people": [people[:1], people[:2], [absent]],
        "seq": [1, 3, 4, 5, 99],
        "reply_to": [None, 3, 99],
        "emoji": ["👍", "🎉", "ab", "\x00"],
        "link": [names[world.LINK], absent],
        "secret": [names[world.SECRET], "guess"],
        "scheduled_id": [names[world.LATER], absent],
        "device": [names[world.DEVICE], names[world.APP], absent],
        "passkey": [int(world.PASSKEY), 1],
        "identity": [int(world.IDENTITY), 1],
        "since": [0, 5, 1000],
    }


def sent(client: Client, case: schemathesis.Case) -> schemathesis.Response:
    """Send a generated request. The test client calls the application in the test's transaction."""
    asked = requests.Request(**case.as_transport_kwargs(base_url=SITE)).prepare()
    # The session is the client's.
    headers = {name: value for name, value in asked.headers.items() if name != "Cookie"}
    answer = client.generic(
        asked.method,
        asked.url.removeprefix(SITE),
        asked.body or b"",
        headers.get("Content-Type", ""),
        headers=headers,
    )
    received = {name: [value] for name, value in answer.headers.items()}
    return schemathesis.Response(
        answer.status_code, received, answer.content, asked, elapsed=0.1, verify=False
    )


def check(here: world.World, schema: Any, id_: str, *, number: int) -> None:
    """Send `number` generated requests, each as Alice and in a transaction that is rolled back."""
    known = known_objects(here.names)
    operation = schema.find_operation_by_id(id_)
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = here.session
    cases = [operation.as_strategy(generation_mode=mode) for mode in MODES]

    @hypothesis_settings(
        max_examples=number,
        derandomize=True,
        database=None,
        deadline=None,
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(some.one_of(*cases), some.data())
    def request(case, data):
        for values in (case.path_parameters, case.query, case.body):
            for name in known.keys() & (values.keys() if isinstance(values, dict) else ()):
                if data.draw(some.integers(0, 3)):
                    values[name] = data.draw(some.sampled_from(known[name]))
        if connection.in_atomic_block:
            with transaction.atomic():
                response = sent(client, case)
                transaction.set_rollback(True)
        else:
            response = sent(client, case)
        case.validate_response(response, checks=CHECKS)

    request()
