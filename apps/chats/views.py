"""HTML pages: the shell of the live client, and the pages of invite links."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.chats.actions import direct, invite_links
from apps.chats.queries import invite_links as links
from apps.contacts.actions import personal_links as actions
from apps.contacts.queries import personal_links
from apps.contacts.queries.contacts import are_contacts
from apps.core import limits
from apps.core.client_address import client_address
from apps.core.errors import Forbidden, NotFound, Refused
from apps.core.qr_picture import qr_picture


@require_safe
@login_required
@ensure_csrf_cookie
def app(request: HttpRequest, **place: Any) -> HttpResponse:
    """The client's shell, the same for all URLs. The client reads the URL and loads its data."""
    return render(request, "app.html")


@csrf_exempt  # changes nothing: the service worker takes what is shared
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """The page on which one chooses a chat for what another app shared. A POST comes here only
    where the service worker does not run: what was shared is lost."""
    if request.method == "POST":
        return redirect(f"{reverse('share')}?problem=lost")
    return app(request)


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of an invite link. GET changes nothing; the button's POST joins the group. Members
    of the group come to it at once: those who registered with the link, for example. Who is not
    signed in reads where the link leads, and comes back to it."""
    if not request.user.is_authenticated and request.method == "POST":
        return redirect_to_login(request.path)
    try:
        if not request.user.is_authenticated:
            limits.check(limits.LINK_VIEWS, client_address(request))
            return _invitation(request, secret, here=urlencode({"next": request.path}))
        person = request.user.pk
        if request.method == "POST":
            return redirect("chat", chat=invite_links.join_by_link(person, secret))
        limits.check(limits.LINK_TRIES, person)
        if chat := invite_links.chat_of_member(secret, person):
            return redirect("chat", chat=chat)
        return _invitation(request, secret)
    except Refused as refusal:
        return render(request, "chats/join.html", {"refusal": refusal}, status=refusal.status)


def _invitation(request: HttpRequest, secret: str, **more: str) -> HttpResponse:
    invitation = invite_links.describe(secret)
    return render(request, "chats/join.html", {"invitation": invitation, **more})


@login_required
@require_safe
@never_cache
def link_picture(request: HttpRequest, chat: UUID, link: UUID) -> HttpResponse:
    """An invite link of a group as a QR code, for those who may make links."""
    try:
        return qr_picture(links.url_of(cast(User, request.user).id, chat, link))
    except (NotFound, Forbidden):
        raise Http404 from None


@require_http_methods(["GET", "HEAD", "POST"])
def meet(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of a person's link, as `join`: the button's POST opens the chat with them. Who is in
    touch with them already comes to it at once."""
    if not request.user.is_authenticated and request.method == "POST":
        return redirect_to_login(request.path)
    try:
        if not request.user.is_authenticated:
            limits.check(limits.LINK_VIEWS, client_address(request))
            owner = personal_links.find(secret).owner
            return _inviter(request, owner, here=urlencode({"next": request.path}))
        person = request.user.pk
        if request.method == "POST":
            other = actions.meet(person, secret)
            return redirect("chat", chat=direct.open_direct(person, other))
        limits.check(limits.LINK_TRIES, person)
        owner = personal_links.find(secret, by=person).owner
        if are_contacts(person, owner.id):
            return redirect("chat", chat=direct.open_direct(person, owner.id))
        return _inviter(request, owner, own=owner.id == person)
    except Refused as refusal:
        return render(request, "chats/meet.html", {"refusal": refusal}, status=refusal.status)


def _inviter(request: HttpRequest, owner: User, **more: object) -> HttpResponse:
    person = profiles.person_body(owner)
    return render(request, "chats/meet.html", {"inviter": person, **more})
