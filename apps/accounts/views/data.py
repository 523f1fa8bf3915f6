"""The page *Your data*, and the download of an export."""

from functools import partial
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import bearer
from apps.accounts.actions import exports as actions
from apps.accounts.deletion_signals import KEPT
from apps.accounts.export_handlers import chat_titles, check_chat
from apps.accounts.fresh_sign_in import without_proof
from apps.accounts.gateways import export_files
from apps.accounts.models import Export, User
from apps.accounts.queries import exports
from apps.core import problems
from apps.core.downloads import download as response_with
from apps.core.errors import NotFound, NotPossible, Refused, StorageUnavailable
from apps.core.storage import ObjectMissing

PAGE = "accounts/data.html"


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: the person's exports, and with `chat` the form for a copy of this chat. POST: ask for
    one."""
    user = cast(User, request.user)
    chat = _chat(request, user)
    context = {
        **_listed(user),
        "chat": chat,
        "back": f"/c/{chat}",
        "kept": request.session.pop(KEPT, False),
    }
    if request.method == "GET":
        return render(request, PAGE, context)
    if (response := without_proof(request, user, PAGE, context)) is not None:
        return response
    try:
        actions.ask(user.id, chat)
    except NotPossible as error:
        messages.error(request, gettext(error.detail))
        return redirect("data")
    words = gettext("We are collecting your data.")
    messages.success(request, gettext("We are collecting the chat.") if chat else words)
    return redirect("data")


def _listed(user: User) -> dict[str, Any]:
    """The exports in two lists: of all data, and of chats, with their titles."""
    found = exports.of_person(user.id)
    titles = chat_titles(user.id, {each.chat for each in found if each.chat is not None})
    return {
        "own": [each for each in found if each.chat is None],
        "copies": [(each, titles.get(each.chat, "")) for each in found if each.chat is not None],
        "is_waiting": bool(found) and found[0].state == "waiting",
    }


def _chat(request: HttpRequest, user: User) -> UUID | None:
    """The chat of which a copy is wanted, if the person may have it. A form names it in its body:
    allauth repeats no request with a query after the proof."""
    wanted = (request.POST if request.method == "POST" else request.GET).get("chat")
    if not wanted:
        return None
    try:
        chat = UUID(wanted)
        check_chat(user.pk, chat)
    except (ValueError, NotFound) as error:
        raise Http404 from error
    return chat


@require_safe
@never_cache
def download(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """The archive, for its owner: a browser with a session, or an app with its token."""
    try:
        header = request.headers.get("Authorization", "").encode("latin-1", "replace")
        token = bearer.token_of(header)
        if token is not None:
            return _archive(request, bearer.authenticate_person(token).user.pk, export)
    except Refused as error:
        return problems.response(error)
    return _in_browser(request, export)


@login_required
def _in_browser(request: HttpRequest, export: UUID) -> HttpResponseBase:
    return archive_or_page(request, cast(User, request.user).pk, export)


def archive_or_page(request: HttpRequest, user_id: UUID, export: UUID) -> HttpResponseBase:
    """The archive of this person, or the page that says why there is none."""
    try:
        return _archive(request, user_id, export)
    except StorageUnavailable as error:
        response = render(request, "503.html", status=503)
        response["Retry-After"] = str(error.retry_after_s)
        return response


def _archive(request: HttpRequest, user_id: UUID, export_id: UUID) -> HttpResponseBase:
    """The response with the file. Raises NotFound, StorageUnavailable."""
    row = exports.get(user_id, export_id)
    if row.state != Export.State.READY:
        raise NotFound
    headers = {
        "Content-Type": "application/zip",
        "Content-Disposition": f'attachment; filename="parley-{row.asked_at:%Y-%m-%d}.zip"',
    }
    read = partial(export_files.read_range, row)
    try:
        return response_with(request, read, size=cast(int, row.size), headers=headers)
    except ObjectMissing as error:
        raise NotFound from error
