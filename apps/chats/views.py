"""HTML pages: the shell of the live client, and the page of an invite link."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.chats.actions import invite_links
from apps.chats.queries import members
from apps.core import limits
from apps.core.errors import Refused


@require_safe
@login_required
@ensure_csrf_cookie
def app(request: HttpRequest, **place: Any) -> HttpResponse:
    """The client's shell, the same for all URLs. The client reads the URL and loads its data."""
    return render(request, "app.html")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of an invite link. GET changes nothing; the button's POST joins the group. Members
    of the group come to it at once: those who registered with the link, for example."""
    person = cast(User, request.user)
    try:
        if request.method == "POST":
            return redirect("chat", chat=invite_links.join_by_link(person.id, secret))
        limits.check(limits.LINK_TRIES, person.id)
        if chat := invite_links.chat_of_member(secret, person.id):
            return redirect("chat", chat=chat)
        link = invite_links.find_link(secret)
        invitation = {"title": link.chat.title, "members": len(members.of_chat(link.chat_id))}
        return render(request, "chats/join.html", {"invitation": invitation})
    except Refused as refusal:
        return render(request, "chats/join.html", {"refusal": refusal}, status=refusal.status)
