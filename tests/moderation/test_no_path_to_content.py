"""An administrator without break-glass finds no path to a private message."""

import json
import logging
import re
from contextlib import suppress
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
import redis
from django.conf import settings as configured
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from apps.accounts.models import User
from apps.chats.actions import group_commit
from apps.chats.actions.drafts import save_draft
from apps.chats.actions.edits import edit_message
from apps.chats.actions.scheduled import schedule, send_due
from apps.chats.gateways.search.indexer import catch_up
from apps.chats.models import Chat, Message, Scheduled
from apps.core.identifiers import new_id
from apps.files.models import File
from apps.moderation.actions import break_glass
from apps.moderation.actions.audit import By, Door
from apps.moderation.actions.break_glass import Asked
from apps.moderation.actions.reports import Reported, create_report
from apps.moderation.models import AuditRecord, ReadRequest, Report
from chatproject.celery import app
from tests.api.document import operations
from tests.api.examples import load
from tests.chats.factories import write
from tests.moderation.conftest import moderator_named
from tests.support.people import signed_in
from tests.support.uploads import stored_file

# No part of any other text, also when it is split, folded or shortened.
WORD = "zyxomma"
# Pages show what was searched for, so no search is for the whole word.
BEGINNING = WORD[:5]
LOOKUPS = ("", "?q=bob", f"?q={BEGINNING}", "?all=1")


class Walk:
    """Asks for pages as one person, and remembers where the word was."""

    def __init__(self, user):
        self.client = signed_in(user)
        self.client.raise_request_exception = False
        self.asked = {}
        self.found = []

    def get(self, page):
        self.note(page, self.client.get(page, follow=True))

    def ask(self, method, path, body):
        answer = getattr(self.client, method)(path, body, content_type="application/json")
        self.note(f"{method} {path}", answer)

    def note(self, page, answer):
        self.asked[page] = answer.status_code
        body = answer.getvalue() if answer.streaming else answer.content
        told = body.decode("utf-8", "replace") + json.dumps(dict(answer.headers))
        if WORD in told:
            self.found.append(page)


@pytest.fixture
def private(chat, crew, alice, bob):
    """The word in a direct chat, a reply, and a group of which another message was reported; in the
    name and content of a file, a former text, a link preview, a draft, and a message for later."""
    write(bob, chat, f"The {WORD} is under the mat")
    write(alice, chat, f"{WORD}!")
    write(bob, crew, f"About the {WORD}")
    file = stored_file(bob, f"{WORD}.txt", f"{WORD} {WORD}".encode())
    with_file = write(bob, chat, "See this", files=[file.id]).seq
    edited = write(bob, chat, f"{WORD}, no").seq
    edit_message(bob.id, chat, seq=edited, text="Never mind")
    preview = {"url": f"https://example.org/{WORD}", "title": WORD, "description": WORD}
    Message.objects.filter(chat_id=chat, seq=with_file).update(previews=[preview])
    save_draft(bob.id, chat, text=f"The {WORD}", reply_to=None)
    due = timezone.now() + timedelta(hours=1)
    schedule(bob.id, chat, client_id=new_id(), text=f"{WORD} later", due_at=due)
    reported = write(bob, crew, "You are all fools").seq
    create_report(alice.id, Reported(kind="entry", reason="hate", chat=crew, seq=reported))
    create_report(alice.id, Reported(kind="person", reason="hate", person=bob.id, chat=chat))
    catch_up([chat, crew])
    return chat


@pytest.fixture
def requests(chat, crew, root, private, settings):
    """Others' and own requests to read it, from when break-glass was switched on."""
    settings.BREAK_GLASS = True
    users = [moderator_named("nick"), root]
    users[0].user_permissions.add(Permission.objects.get(codename="break_glass"))
    since = timezone.now() - timedelta(days=1)
    by = [By(user.id, Door.API) for user in users]
    own = break_glass.ask(by[1], Asked(crew, since, "abuse", "Threats", 1))
    others = break_glass.ask(by[0], Asked(chat, since, "abuse", "Threats", 1))
    break_glass.approve(by[1], others.id)
    settings.BREAK_GLASS = False
    return [own, others]


def admin_pages():
    """Every page of the admin: lists, searches, filters, each object and its history, and pages
    that the lists add."""
    yield reverse("admin:index")
    for label in {model._meta.app_label for model in admin.site._registry}:
        try:
            yield reverse("admin:app_list", args=[label])
        except NoReverseMatch:  # no list of this app is in use
            continue
    for model, model_admin in admin.site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        page = reverse(f"admin:{name}_changelist")
        filters = [each for each in model_admin.list_filter if isinstance(each, str)]
        queries = (
            *LOOKUPS,
            *(f"?{each}__icontains={BEGINNING}" for each in (*filters, "text", "id")),
        )
        yield from (page + query for query in queries)
        yield reverse(f"admin:{name}_add")
        for key in model.objects.values_list("pk", flat=True)[:20]:
            for view in ("change", "history", "delete"):
                yield reverse(f"admin:{name}_{view}", args=[key])
    yield from _suggestions()
    ids = [*_ids()]
    for name, (possibilities, *_rest) in _own_views():
        for key in ids:
            wanted = dict.fromkeys(possibilities[0][1], key)
            try:
                yield reverse(f"admin:{name}", kwargs=wanted)
            except NoReverseMatch:
                continue


def _suggestions():
    """What fields with suggestions ask for, of each relation of each model."""
    for model in admin.site._registry:
        for field in filter(lambda each: each.is_relation, model._meta.get_fields()):
            asked = f"app_label={model._meta.app_label}&model_name={model._meta.model_name}"
            page = reverse("admin:autocomplete")
            yield f"{page}?{asked}&field_name={field.name}&term={BEGINNING}"


def _own_views():
    """The views that the classes of the lists add, by name."""
    stock = ("_changelist", "_add", "_change", "_history", "_delete", "logout", "login")
    known = get_resolver().namespace_dict["admin"][1].reverse_dict
    for name in known:
        if isinstance(name, str) and not name.endswith(stock):
            yield name, known[name]


def _ids():
    for model in (Chat, User, ReadRequest, Report):
        yield from model.objects.values_list("pk", flat=True)[:10]


def requests_of(part, given):
    """Each operation of the API whose path has `part`, as (method, path, body)."""
    examples = load()
    for id_, operation in operations().items():
        if part in operation.path:
            path = re.sub(r"{(\w+)}", lambda name: str(given.get(name[1], uuid4())), operation.path)
            yield operation.method, path, examples.get(id_, {}).get("body")


def walk_admin(walk, requests):
    for page in dict.fromkeys(admin_pages()):
        walk.get(page)
    assert sum(status == 200 for status in walk.asked.values()) > 60
    for row in requests:
        assert reverse("admin:moderation_readrequest_read", args=[row.id]) in walk.asked


def walk_api(walk, requests, bob, texts):
    """All reads of the API, of each message with the word, and the routes of break-glass."""
    for chat_id, seq in texts:
        given = {"chat": chat_id, "seq": seq, "person": bob.id, "day": "2026-12-01"}
        for method, path, _ in requests_of("/", given):
            if method == "get":
                walk.get(path)
        walk.get(f"/api/v1/search?q={BEGINNING}&kind=messages")
        walk.get(f"/c/{chat_id}/at/{seq}")
    for row in requests:
        for method, path, body in requests_of("/moderation/read-requests/", {}):
            walk.ask(method, re.sub(r"requests/[^/]+", f"requests/{row.id}", path), body)
    for file in File.objects.all():
        walk.get(f"/api/v1/files/{file.id}/content/original")
        walk.get(f"/files/{file.id}/pdf")
    for page in ("/metrics", "/livez", "/readyz", "/api/schema/", "/nowhere", "/files/nothing"):
        walk.get(page)


def test_an_administrator_finds_no_path_to_a_private_message(
    private, requests, alice, bob, root, caplog, monkeypatch
):
    caplog.set_level(logging.DEBUG)
    walk = Walk(root)
    texts = [*Message.objects.filter(text__contains=WORD).values_list("chat_id", "seq")]
    walk_admin(walk, requests)
    walk_api(walk, requests, bob, texts)
    # What moderators do to messages and members, last: it hides and deletes them.
    given = {"chat": texts[-1][0], "seq": texts[-1][1], "person": bob.id}
    last = ("/hide", "/restore", "/delete", "/revoke", "/remove")
    for method, path, body in sorted(
        requests_of("/moderation/chats/", given),
        key=lambda each: [name in each[1] for name in last],
        reverse=True,
    ):
        walk.ask(method, path, body)
    assert walk.found == []

    # An error page, and what the log says of it.
    def fails(*args, **kwargs):
        raise RuntimeError("broken")

    monkeypatch.setattr(group_commit.group_commit, "send", fails)
    sender, path = Walk(alice), f"/api/v1/chats/{private}/messages"
    sender.ask("post", path, {"client_id": str(uuid4()), "text": f"{WORD} again"})
    assert (sender.asked[f"post {path}"], sender.found) == (500, [])
    assert "broken" in caplog.text
    assert WORD not in caplog.text
    assert WORD not in json.dumps([*AuditRecord.objects.values()], default=str)
    assert not AuditRecord.objects.filter(action="read_chat").exists()

    # The walk finds what is there: a member reads it.
    sender.get(path)
    assert sender.found == [path]


def test_actions_of_lists_ask_and_tell_nothing(private, requests, root):
    walk = Walk(root)
    request = RequestFactory().get("/")
    request.user = root
    for model, model_admin in admin.site._registry.items():
        page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        chosen = [str(key) for key in model.objects.values_list("pk", flat=True)[:5]]
        for action in model_admin.get_actions(request):
            body = {"action": action, "_selected_action": chosen, "reason": "Of the test"}
            walk.note(f"{page} {action}", walk.client.post(page, body, follow=True))
    assert len(walk.asked) > 8
    assert walk.found == []


COMMANDS = (
    ["audit", "verify"],
    ["audit", "export"],
    ["storage_check"],
    ["work", "list"],
    ["moderate", "warn", "bob", "--reason", "Insults"],
    ["moderate", "ban", "bob", "--reason", "Insults"],
    ["endaccess", "alice"],
)


def test_operators_commands_print_nothing_of_it(private, requests, capsys):
    for command in COMMANDS:
        with suppress(CommandError):
            call_command(*command)
        printed = capsys.readouterr()
        assert printed.out + printed.err, command
        assert WORD not in printed.out + printed.err, command


def test_a_send_and_a_task_that_fail_log_nothing_of_it(private, alice, caplog, monkeypatch):
    """The database refuses a message, and says which row that was."""
    lines = StringIO()
    handler = logging.StreamHandler(lines)
    formatter = dict(configured.LOGGING["formatters"]["text"])
    handler.setFormatter(import_string(formatter.pop("()"))(**{"fmt": formatter["format"]}))
    logging.getLogger().addHandler(handler)
    try:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE chats_message ADD CHECK (length(text) < 3) NOT VALID")
        Scheduled.objects.update(due_at=timezone.now())
        send_due()
        with pytest.raises(IntegrityError, match=WORD) as caught, transaction.atomic():
            write(alice, private, f"The {WORD}")

        def fails(*args, **kwargs):
            raise caught.value

        monkeypatch.setattr(group_commit.group_commit, "send", fails)
        sender = Walk(alice)
        sent = {"client_id": str(uuid4()), "text": f"{WORD} again"}
        sender.ask("post", f"/api/v1/chats/{private}/messages", sent)
        assert [*sender.asked.values()] == [503]
        assert sender.found == []
    finally:
        logging.getLogger().removeHandler(handler)
    assert lines.getvalue().count("violates check constraint") >= 2
    assert WORD not in lines.getvalue()


def test_tasks_carry_and_return_nothing(private):
    assert configured.CELERY_TASK_IGNORE_RESULT
    stored = redis.Redis.from_url(configured.REDIS_URL)
    for key in [*stored.scan_iter("*celery*"), *stored.scan_iter("*unacked*")]:
        kind = stored.type(key)
        read = {b"list": lambda k: stored.lrange(k, 0, -1), b"hash": stored.hgetall}.get(
            kind, stored.dump
        )
        assert WORD not in str(read(key)), key
    app.loader.import_default_modules()
    ours = [task for name, task in app.tasks.items() if name.startswith("apps.")]
    assert len(ours) > 10
    for task in ours:
        named = task.run.__code__.co_varnames[: task.run.__code__.co_argcount]
        assert set(named) <= {"self"}, task.name
