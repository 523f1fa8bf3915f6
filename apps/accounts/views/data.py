"""The page *Your data*, and the download of an export."""

import asyncio
from collections.abc import AsyncIterator
from typing import IO, cast
from uuid import UUID

from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import bearer
from apps.accounts.actions import exports as actions
from apps.accounts.deletion_signals import KEPT
from apps.accounts.fresh_sign_in import is_fresh
from apps.accounts.gateways import export_files
from apps.accounts.models import Export, User
from apps.accounts.queries import exports
from apps.core import problems
from apps.core.errors import NotFound, RateLimited, Refused

CHUNK_BYTES = 65_536


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: the person's exports. POST: ask for one."""
    user = cast(User, request.user)
    context = {
        "exports": exports.of_person(user.id),
        "kept": request.session.pop(KEPT, False),
    }
    if request.method == "GET":
        return render(request, "accounts/data.html", context)
    if not is_fresh(request.session):
        if settings.LOCAL_ACCOUNTS and user.has_usable_password():
            # allauth asks for the password, then sends this request again.
            raise ReauthenticationRequired
        return render(request, "accounts/data.html", context | {"sign_in": True}, status=403)
    try:
        actions.ask(user.id)
    except RateLimited:
        return render(request, "429.html", status=429)
    messages.success(request, gettext("We are collecting your data."))
    return redirect("data")


@require_GET
@never_cache
def download(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """The archive, for its owner: a browser with a session, or an app with its token."""
    try:
        header = request.headers.get("Authorization", "").encode("latin-1", "replace")
        token = bearer.token_of(header)
        if token is not None:
            return _archive(bearer.authenticate(token).user.pk, export)
    except Refused as error:
        return problems.response(error)
    return _in_browser(request, export)


@login_required
def _in_browser(request: HttpRequest, export: UUID) -> HttpResponseBase:
    try:
        return _archive(cast(User, request.user).pk, export)
    except NotFound as error:
        raise Http404 from error


def _archive(user_id: UUID, export_id: UUID) -> HttpResponseBase:
    """The response with the file. Raises NotFound."""
    row = exports.get(user_id, export_id)
    if row.state != Export.State.READY:
        raise NotFound
    try:
        file = export_files.open_file(row)
    except FileNotFoundError as error:
        raise NotFound from error
    name = f"parley-{row.asked_at:%Y-%m-%d}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(row.size),
    }
    return StreamingHttpResponse(_Chunks(file), content_type="application/zip", headers=headers)


class _Chunks:
    """A file in parts. Asynchronous: Django reads a synchronous one into memory as a whole."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await asyncio.to_thread(self._file.read, CHUNK_BYTES):
            yield chunk

    def close(self) -> None:
        """Called by Django when the response is over, also when its reader went away."""
        self._file.close()
