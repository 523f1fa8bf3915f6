"""A server that answers commands, and how a test runs one."""

import json
from urllib.parse import parse_qs
from uuid import uuid4

from django.test import Client

from apps.chats.models import Message
from apps.integrations.actions import calls
from apps.integrations.actions.run_command import run_command
from apps.integrations.models import CommandCall, CommandNote

JSON = {"Content_Type": "application/json"}


class Receiver:
    """Another server. `answer` is called with each request, and may be replaced."""

    def __init__(self):
        self.answer = lambda page: page.say(b"")
        self.requests = []

    def __call__(self, page):
        self.requests.append((dict(page.headers), page.body))
        self.answer(page)

    def says(self, payload, **more):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.answer = lambda page: page.say(body, **(JSON | more))

    @property
    def fields(self):
        """What the last request said."""
        _, body = self.requests[-1]
        return {name: values[0] for name, values in parse_qs(body.decode()).items()}


def run(user, crew, text="/weather Berlin & Bonn", **more):
    """Run a command and let the worker post it. Returns the call."""
    client_id = more.pop("client_id", None) or uuid4()
    run_command(user.id, crew, client_id=client_id, text=text, **more)
    while calls.post_due():
        pass
    return CommandCall.objects.get(user_id=user.id, client_id=client_id)


def notes_of(user):
    return list(
        CommandNote.objects.filter(user_id=user.id, gone=False)
        .order_by("at", "id")
        .values_list("text", flat=True)
    )


def written(crew):
    """Who wrote what, but entries."""
    rows = Message.objects.filter(chat_id=crew, kind="text").order_by("seq")
    return list(rows.values_list("sender_id", "text"))


def answer_later(receiver, payload, **more):
    """Post to the response_url of the last request."""
    path = receiver.fields["response_url"].split("/hooks/", 1)[1]
    return Client(enforce_csrf_checks=True).post(
        f"/hooks/{path}", payload, **({"content_type": "application/json"} | more)
    )
