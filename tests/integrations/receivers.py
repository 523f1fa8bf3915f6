"""A receiver of outgoing webhooks on loopback, and webhooks that send to it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from pytest_django import Settings
from standardwebhooks import Webhook

from apps.accounts.models import User
from apps.integrations.actions import outgoing
from apps.integrations.actions.outgoing_sender import WebhookSender
from apps.integrations.events import EventType
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from tests.support.web import Page, Web, serving


class Received(NamedTuple):
    """One request. `id` is its `webhook-id`."""

    id: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.body)
        return parsed

    @property
    def type(self) -> str:
        return str(self.event["type"])

    @property
    def text(self) -> str:
        return str(self.event["data"]["message"]["text"])


class Receiver:
    """Keeps what arrives. `answer`: how it responds, 204 by default."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answer: Callable[[Page], object] = lambda page: page.say(b"", status=204)
        self.web: Web

    def handle(self, page: Page) -> None:
        headers = {name.lower(): value for name, value in page.headers.items()}
        self.received.append(Received(headers["webhook-id"], page.path, headers, page.body))
        self.answer(page)

    @property
    def url(self) -> str:
        return f"{self.web.origin}/hook"

    @property
    def types(self) -> list[str]:
        return [each.type for each in self.received]

    @property
    def texts(self) -> list[str]:
        return [each.text for each in self.received]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver until the block ends."""
    made = Receiver()
    with serving(made.handle) as made.web:
        yield made


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    """A receiver that the product may call."""
    with receiving() as made:
        settings.OUTBOUND_ORIGINS = [made.web.origin]
        yield made


class Hook(NamedTuple):
    """A webhook, and its secret."""

    chat: UUID
    id: UUID
    secret: str

    @property
    def row(self) -> OutgoingWebhook:
        return OutgoingWebhook.objects.get(id=self.id)

    @property
    def log(self) -> list[WebhookDelivery]:
        return list(WebhookDelivery.objects.filter(webhook_id=self.id).order_by("number"))

    def set(self, **fields: object) -> None:
        """Move its times, as if they had passed."""
        OutgoingWebhook.objects.filter(id=self.id).update(**fields)

    def verify(self, each: Received) -> None:
        """Raises unless the signature is right."""
        Webhook(self.secret).verify(each.body, each.headers)


def a_hook(owner: User, chat: UUID, url: str, **fields: Any) -> Hook:
    """A webhook for all events, unless `fields` has others."""
    made, secret = outgoing.make(
        owner.id, chat, **{"url": url, "events": [*EventType], "name": "Test", **fields}
    )
    return Hook(chat, made, secret)


def send_due() -> None:
    """One pass of a worker."""
    WebhookSender().run()
