"""The page *Your files*, and its forms."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.models import User
from apps.core import cursors
from apps.core.errors import Invalid, NotPossible
from apps.files.actions import names
from apps.files.actions.kept import set_kept
from apps.files.actions.uploads import cancel
from apps.files.queries.own_files import own_files
from apps.files.queries.uploads import storage

PAGE_SIZE = 50
View = Callable[..., HttpResponse]


@require_safe
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The person's files, and the space that they take."""
    user, kept = cast(User, request.user), "kept" in request.GET
    cursor = request.GET.get("cursor", "")
    try:
        before = cursors.decode(cursor, UUID) if cursor else None
    except Invalid as error:
        raise Http404 from error
    found = own_files(user.id, before=before, limit=PAGE_SIZE + 1, kept=kept)
    files, following = cursors.page(found, PAGE_SIZE, lambda file: file.id)
    context = {
        "files": files,
        "following": urlencode(_place(kept, following)) if following else "",
        "place": urlencode(_place(kept, cursor)),
        "kept": kept,
        "storage": storage(user.id),
    }
    return render(request, "files/own_files.html", context)


def _place(kept: bool, cursor: str) -> dict[str, str]:
    return ({"kept": "1"} if kept else {}) | ({"cursor": cursor} if cursor else {})


def _form(change: Callable[[HttpRequest, UUID, UUID], str]) -> View:
    """A view that makes the change, then shows the same files again, and the text it returns."""

    @require_POST
    @never_cache
    @login_required
    @wraps(change)
    def view(request: HttpRequest, file: UUID) -> HttpResponse:
        try:
            messages.success(request, change(request, cast(User, request.user).id, file))
        except Invalid:
            messages.error(request, gettext("Give the file a name."))
        except NotPossible:
            text = gettext("That was not possible: the file is not ready, or it is in use.")
            messages.error(request, text)
        place = _place("kept" in request.GET, request.GET.get("cursor", ""))
        return redirect(f"{reverse('own-files')}?{urlencode(place)}".rstrip("?"))

    return view


@_form
def keep(request: HttpRequest, user_id: UUID, file: UUID) -> str:
    """Keep a file."""
    set_kept(user_id, file, kept=True)
    return gettext("The file is kept.")


@_form
def stop_keeping(request: HttpRequest, user_id: UUID, file: UUID) -> str:
    """Stop keeping a file."""
    if set_kept(user_id, file, kept=False).is_shown:
        return gettext("The file is no longer kept. It stays while it is in use.")
    return gettext("The file is no longer kept. It will be deleted in a day.")


@_form
def rename(request: HttpRequest, user_id: UUID, file: UUID) -> str:
    """Give a file the name in the field `name`."""
    names.rename(user_id, file, request.POST.get("name", ""))
    return gettext("The name was saved.")


@_form
def delete(request: HttpRequest, user_id: UUID, file: UUID) -> str:
    """Delete a file that no message shows."""
    cancel(user_id, file)
    return gettext("The file was deleted.")
