"""The page *Bots* of a group."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.chats.actions import groups
from apps.core.errors import NotFound, RateLimited, Refused
from apps.integrations.queries import chat_bots
from apps.integrations.views.chat_pages import chat_or_404


@require_safe
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """The bots that are in the group."""
    shown = {"chat": chat_or_404(request, chat), "bots": chat_bots.of_chat(_me(request), chat)}
    return render(request, "integrations/chat/bots.html", shown)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def remove(request: HttpRequest, chat: UUID, bot: UUID) -> HttpResponse:
    """GET: ask. POST: remove a bot from the group."""
    found = chat_or_404(request, chat)
    try:
        shown = {"chat": found, "bot": chat_bots.get(_me(request), chat, bot)}
        if request.method == "GET":
            return render(request, "integrations/chat/remove_bot.html", shown)
        groups.remove_member(_me(request), chat, person=bot)
    except NotFound as error:
        raise Http404 from error
    except RateLimited:
        return render(request, "429.html", status=429)
    except Refused as error:
        messages.error(request, gettext(error.detail))
    else:
        messages.success(request, gettext("The bot is removed from the group."))
    return redirect("chat-bots", chat)


def _me(request: HttpRequest) -> UUID:
    return cast(User, request.user).id
