"""The pages *Incoming webhooks* of a group."""

from functools import partial
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
from apps.integrations.actions import incoming as actions
from apps.integrations.actions import incoming_posts
from apps.integrations.addresses import webhook_address
from apps.integrations.forms import NewIncomingForm
from apps.integrations.queries import incoming
from apps.integrations.queries.incoming import IncomingHook
from apps.integrations.slack.errors import SlackError
from apps.integrations.views.chat_pages import chat_or_404, or_404

LIST = "integrations/chat/incoming.html"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: the webhooks. POST: make one, and show its address, which no redirect could carry."""
    form = NewIncomingForm(request.POST or None)

    def make() -> HttpResponse:
        made, secret = actions.make(person_id(request), chat, name=form.cleaned_data["name"])
        return _list(request, chat, NewIncomingForm(), address=webhook_address(made, secret))

    made = respond(request, form, make) if request.method == "POST" else None
    return made or _list(request, chat, form)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def replace(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: ask. POST: replace the secret, and show the new address."""
    found = _webhook(request, chat, webhook)
    if request.method == "GET":
        context = {"chat": chat_or_404(request, chat), "webhook": found}
        return render(request, "integrations/chat/replace_incoming.html", context)
    with refusals(partial(show_refusal, request), but=HAS_A_PAGE):
        secret = actions.replace_secret(person_id(request), chat, webhook)
        return _list(request, chat, NewIncomingForm(), address=webhook_address(webhook, secret))
    return redirect("chat-incoming", chat)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def delete(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: ask. POST: delete the webhook."""
    found = _webhook(request, chat, webhook)
    if request.method == "GET":
        context = {"chat": chat_or_404(request, chat), "webhook": found}
        return render(request, "integrations/chat/delete_incoming.html", context)

    def act() -> str:
        actions.delete(person_id(request), chat, webhook)
        return gettext("The webhook is deleted.")

    return run(request, act, redirect("chat-incoming", chat))


@require_POST
@never_cache
@login_required
def test(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Post a message that says that it works."""
    _webhook(request, chat, webhook)
    back = redirect("chat-incoming", chat)

    def act() -> str:
        incoming_posts.test(person_id(request), chat, webhook)
        return gettext("It works: the message is in the chat.")

    try:
        return run(request, act, back)
    except SlackError as error:
        failed = gettext("It did not work. A program would have read: {word}")
        messages.error(request, failed.format(word=error.word))
        return back


def _list(
    request: HttpRequest, chat: UUID, form: NewIncomingForm, *, address: str = ""
) -> HttpResponse:
    shown = {
        "chat": chat_or_404(request, chat),
        "webhooks": incoming.of_chat(person_id(request), chat),
        "form": form,
        "address": address,
    }
    is_refused = form.is_bound and not form.is_valid()
    status = 201 if address and request.method == "POST" else 400 if is_refused else 200
    return render(request, LIST, shown, status=status)


def _webhook(request: HttpRequest, chat: UUID, webhook: UUID) -> IncomingHook:
    with or_404():
        return incoming.get(person_id(request), chat, webhook)
