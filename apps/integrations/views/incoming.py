"""The pages *Incoming webhooks* of a group."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.models import User
from apps.core.errors import NotFound, RateLimited, Refused
from apps.integrations.actions import incoming as actions
from apps.integrations.actions import incoming_posts
from apps.integrations.addresses import hook_address
from apps.integrations.forms import NewIncomingForm
from apps.integrations.queries import incoming
from apps.integrations.queries.incoming import IncomingHook
from apps.integrations.slack.errors import SlackError
from apps.integrations.views.chat_pages import chat_or_404

LIST = "integrations/chat/incoming.html"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """GET: the webhooks. POST: make one, and show its address, which no redirect could carry."""
    chat_or_404(request, chat)
    form = NewIncomingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, secret = actions.make(_me(request), chat, name=form.cleaned_data["name"])
        except RateLimited:
            return render(request, "429.html", status=429)
        except Refused as error:
            form.refuse(error)
        else:
            return _list(request, chat, NewIncomingForm(), address=hook_address(made, secret))
    return _list(request, chat, form)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def replace(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: ask. POST: replace the secret, and show the new address."""
    found = _webhook(request, chat, webhook)
    if request.method == "GET":
        context = {"chat": chat_or_404(request, chat), "webhook": found}
        return render(request, "integrations/chat/replace_incoming.html", context)
    try:
        secret = actions.replace_secret(_me(request), chat, webhook)
    except RateLimited:
        return render(request, "429.html", status=429)
    except Refused as error:
        return _refused(request, chat, error)
    return _list(request, chat, NewIncomingForm(), address=hook_address(webhook, secret))


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def delete(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """GET: ask. POST: delete the webhook."""
    found = _webhook(request, chat, webhook)
    if request.method == "GET":
        context = {"chat": chat_or_404(request, chat), "webhook": found}
        return render(request, "integrations/chat/delete_incoming.html", context)
    try:
        actions.delete(_me(request), chat, webhook)
    except RateLimited:
        return render(request, "429.html", status=429)
    except Refused as error:
        return _refused(request, chat, error)
    messages.success(request, gettext("The webhook is deleted."))
    return redirect("chat-incoming", chat)


@require_POST
@never_cache
@login_required
def test(request: HttpRequest, chat: UUID, webhook: UUID) -> HttpResponse:
    """Post a message that says that it works."""
    _webhook(request, chat, webhook)
    try:
        incoming_posts.test(_me(request), chat, webhook)
    except RateLimited:
        return render(request, "429.html", status=429)
    except Refused as error:
        return _refused(request, chat, error)
    except SlackError as error:
        failed = gettext("It did not work. A program would have read: {word}")
        messages.error(request, failed.format(word=error.word))
    else:
        messages.success(request, gettext("It works: the message is in the chat."))
    return redirect("chat-incoming", chat)


def _list(
    request: HttpRequest, chat: UUID, form: NewIncomingForm, *, address: str = ""
) -> HttpResponse:
    shown = {
        "chat": chat_or_404(request, chat),
        "webhooks": incoming.of_chat(_me(request), chat),
        "form": form,
        "address": address,
    }
    is_refused = form.is_bound and not form.is_valid()
    status = 201 if address and request.method == "POST" else 400 if is_refused else 200
    return render(request, LIST, shown, status=status)


def _refused(request: HttpRequest, chat: UUID, error: Refused) -> HttpResponse:
    messages.error(request, gettext(error.detail))
    return redirect("chat-incoming", chat)


def _webhook(request: HttpRequest, chat: UUID, webhook: UUID) -> IncomingHook:
    chat_or_404(request, chat)
    try:
        return incoming.get(_me(request), chat, webhook)
    except NotFound as error:
        raise Http404 from error


def _me(request: HttpRequest) -> UUID:
    return cast(User, request.user).id
