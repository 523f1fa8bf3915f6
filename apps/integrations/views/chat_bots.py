"""The page *Bots* of a group."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.chats.actions import groups
from apps.core.authentication import person_id
from apps.core.page_actions import run
from apps.integrations.queries import chat_bots
from apps.integrations.views.chat_pages import chat_or_404, or_404


@require_safe
@never_cache
@login_required
def page(request: HttpRequest, chat: UUID) -> HttpResponse:
    """The bots that are in the group."""
    shown = {
        "chat": chat_or_404(request, chat),
        "bots": chat_bots.of_chat(person_id(request), chat),
    }
    return render(request, "integrations/chat/bots.html", shown)


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def remove(request: HttpRequest, chat: UUID, bot: UUID) -> HttpResponse:
    """GET: ask. POST: remove a bot from the group."""
    shown: dict[str, object] = {"chat": chat_or_404(request, chat)}
    with or_404():
        shown["bot"] = chat_bots.get(person_id(request), chat, bot)
    if request.method == "GET":
        return render(request, "integrations/chat/remove_bot.html", shown)

    def act() -> str:
        groups.remove_member(person_id(request), chat, person=bot)
        return gettext("The bot is removed from the group.")

    return run(request, act, redirect("chat-bots", chat))
