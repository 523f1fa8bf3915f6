"""The examples of the API's document: executing one, comparing it, and recording its response."""

import base64
import json
import re
from typing import Any, NamedTuple

from django.conf import settings
from django.test import Client

from apps.core import limit_counts
from apps.core.limits import Limit
from apps.wire.openapi_schema import EXAMPLES
from tests.api.document import operations
from tests.api.world import World, pending
from tests.support.people import signed_in

Example = dict[str, Any]
# Texts that differ in each run, by what they are. The document has one of the same kind.
VOLATILE = {
    "bot token": re.compile(r"parley_bot_[0-9a-f]{32}_[\w-]{43}"),
    "webhook secret": re.compile(r"whsec_[\w+/=]{44}"),
    "id": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "image": re.compile(r"/api/v1/emoji/images/[0-9a-f-]{36}\.webp"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "cursor": re.compile(r"\.?[\w-]+:[\w-]+:[\w-]{30,}"),
    "bot of a webhook": re.compile(r"webhook-[0-9a-f]{16}"),
    "webhook": re.compile(r"https?://\S+/hooks/[0-9a-f-]{36}/[\w-]{43}"),
    "link": re.compile(r"https?://\S+/(?:join|with)/[\w.-]+"),
    "jwt": re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"),
    "ticket": re.compile(r"[\w-]{43}"),
    "recovery code": re.compile(r"\d{8}"),
    "secret": re.compile(r"[A-Z2-7]{32}"),
    "otpauth": re.compile(r"otpauth://\S+"),
    "token": re.compile(r"[A-Za-z0-9]{64}"),
}


class Answer(NamedTuple):
    """The response to an example. `counted` are the limits that the request counted."""

    status: int
    body: Any
    headers: dict[str, str]
    counted: set[str]


def load() -> dict[str, Example]:
    """All examples, by operationId."""
    return json.loads(EXAMPLES.read_text())


def execute(id_: str, example: Example, world: World) -> Answer:
    """Send the request of an example. The body of the response has the document's ids."""
    operation = operations()[id_]
    asked = json.loads(world.actual(json.dumps(example)))
    path = operation.path.format(**asked.get("path", {}))
    who = asked.get("as", "alice")
    client = Client() if who == "nobody" else signed_in(world.people[who])
    if who == "alice":
        client.cookies[settings.SESSION_COOKIE_NAME] = world.session
    elif who != "nobody":
        session = client.session
        session.update(pending())
        session.save()
    more = {"headers": asked.get("headers", {})}
    if "query" in asked:
        more["query_params"] = asked["query"]
    if "body" in asked:
        more |= {"data": json.dumps(asked["body"]), "content_type": "application/json"}
    if "content" in asked:
        [media_type] = operation.described["requestBody"]["content"]
        more |= {"data": asked["content"], "content_type": media_type}
    if "base64" in asked:
        [media_type] = operation.described["requestBody"]["content"]
        more |= {"data": base64.b64decode(asked["base64"]), "content_type": media_type}
    counted: list[Limit] = []
    before = limit_counts._note

    def note(limit: Limit, *left: Any) -> None:
        counted.append(limit)
        before(limit, *left)

    limit_counts._note = note
    try:
        answer = getattr(client, operation.method)(path, **more)
    finally:
        limit_counts._note = before
    is_json = answer.content and "json" in answer["Content-Type"]
    body = json.loads(world.documented(answer.content.decode())) if is_json else None
    return Answer(answer.status_code, body, dict(answer.headers), {limit.name for limit in counted})


def shape(value: Any, known: frozenset[str]) -> Any:
    """The value with its volatile texts replaced by their kinds."""
    if isinstance(value, dict):
        return {
            name: "<number>" if name == "id" and isinstance(part, int) else shape(part, known)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [shape(part, known) for part in value]
    if isinstance(value, str) and value not in known:
        for kind, pattern in VOLATILE.items():
            if pattern.fullmatch(value):
                return f"<{kind}>"
    return value


def record(id_: str, answer: Answer) -> None:
    """Write the response into the file of examples."""
    examples = load()
    examples[id_]["status"] = answer.status
    examples[id_].pop("response", None)
    if answer.body is not None:
        examples[id_]["response"] = answer.body
    EXAMPLES.write_text(json.dumps(examples, indent=2, ensure_ascii=False) + "\n")
