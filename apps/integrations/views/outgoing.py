"""The pages *Outgoing webhooks* of a group: all of them, and one with its log."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.authentication import person_id
from apps.core.page_actions import refusals, respond, run, show_refusal
from apps.core.refused_pages import HAS_A_PAGE
from apps.integrations.actions import outgoing as actions
from apps.integrations.outgoing_forms import OutgoingWebhookForm
from apps.integrations.queries import outgoing as webhooks
from apps.integrations.queries.outgoing import OutgoingHook
from apps.integrations.views.chat_pages import chat_or_404, or_404

LIST = "integrations/chat/outgoing.html"
ONE = "integrations/chat/outgoing_webhook.html"
DELETE = "integrations/chat/delete_outgoing.html"
LOG_PAGE = 20


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@or_404()
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: the webhooks. POST: make one, and show its secret once."""
    found, me = chat_or_404(request, chat), person_id(request)
    form = OutgoingWebhookForm(request.POST or None)

    def make() -> HttpResponse:
        made, secret = actions.make(me, chat, **_fields(form))
        return _one(request, chat, made, secret=secret, status=201)

    if request.method == "POST" and (shown := respond(request, form, make)):
        return shown
    context = {"chat": found, "webhooks": webhooks.of_chat(me, chat), "form": form}
    return render(request, LIST, context, status=400 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
@or_404()
def one(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: a webhook and its log. POST: change it."""
    if request.method == "GET":
        return _one(request, chat, webhook)
    form = OutgoingWebhookForm(request.POST)

    def change() -> HttpResponse:
        actions.change(person_id(request), chat, webhook, **_fields(form))
        messages.success(request, gettext("Saved."))
        return redirect("outgoing-webhook", chat, webhook)

    return respond(request, form, change) or _one(request, chat, webhook, form=form, status=400)


@require_POST
@never_cache
@login_required
@or_404()
def secret(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Make a new secret, and show it once: no redirect could carry it."""
    _webhook(request, chat, webhook)
    with refusals(partial(show_refusal, request), but=HAS_A_PAGE):
        made = actions.replace_secret(person_id(request), chat, webhook)
        return _one(request, chat, webhook, secret=made, status=201)
    return redirect("outgoing-webhook", chat, webhook)


@require_POST
@never_cache
@login_required
def pause(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Send nothing until somebody resumes it."""
    act = partial(actions.pause, person_id(request), chat, webhook)
    return _do(request, chat, webhook, act, gettext("The webhook is paused."))


@require_POST
@never_cache
@login_required
def resume(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Send again; with `skip`, without what has happened meanwhile."""
    skip = "skip" in request.POST
    act = partial(actions.resume, person_id(request), chat, webhook, skip=skip)
    return _do(request, chat, webhook, act, gettext("The webhook sends again."))


@require_POST
@never_cache
@login_required
def test(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Send a test."""
    act = partial(actions.test, person_id(request), chat, webhook)
    words = gettext("A test is on its way. Reload this page to see in the log what became of it.")
    return _do(request, chat, webhook, act, words)


@require_POST
@never_cache
@login_required
def again(request: HttpRequest, chat: UUID, webhook: UUID, delivery: UUID) -> HttpResponse:
    """Send an event of the log again."""
    act = partial(actions.send_again, person_id(request), chat, webhook, delivery)
    words = gettext("It is on its way. Reload this page to see in the log what became of it.")
    return _do(request, chat, webhook, act, words)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def delete(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: ask. POST: delete the webhook."""
    found = _webhook(request, chat, webhook)
    if request.method == "GET":
        context = {"chat": chat_or_404(request, chat), "webhook": found}
        return render(request, DELETE, context)
    act = partial(actions.delete, person_id(request), chat, webhook)
    return _do(request, chat, None, act, gettext("The webhook is deleted."))


def _do(
    request: HttpRequest,
    chat: UUID,
    webhook: UUID | None,
    act: Callable[[], object],
    words: str,
) -> HttpResponse:
    """Run an action, and go back to the webhook, or to all of them."""
    chat_or_404(request, chat)

    def done() -> str:
        act()
        return words

    place = ("outgoing-webhook", chat, webhook) if webhook else ("chat-outgoing", chat)
    return run(request, done, redirect(*place))


def _one(
    request: HttpRequest,
    chat: UUID,
    webhook: UUID,
    *,
    form: OutgoingWebhookForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    me, before = person_id(request), request.GET.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 19 else None
    found = webhooks.get(me, chat, webhook)
    log = webhooks.log(me, chat, webhook, before=number, limit=LOG_PAGE + 1)
    context = {
        "chat": chat_or_404(request, chat),
        "webhook": found,
        "form": form or OutgoingWebhookForm(_shown(found)),
        "secret": secret,
        "log": log[:LOG_PAGE],
        "before": number,
        "older": log[LOG_PAGE - 1].number if len(log) > LOG_PAGE else None,
    }
    return render(request, ONE, context, status=status)


def _shown(found: OutgoingHook) -> dict[str, Any]:
    return {
        "url": found.url,
        "name": found.name,
        "events": list(found.events),
        "words": ", ".join(found.words),
    }


def _fields(form: OutgoingWebhookForm) -> dict[str, Any]:
    return dict(form.fields_of_action())


def _webhook(request: HttpRequest, chat: UUID, webhook: UUID) -> OutgoingHook:
    with or_404():
        return webhooks.get(person_id(request), chat, webhook)
