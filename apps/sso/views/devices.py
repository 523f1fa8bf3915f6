"""Where a person is signed in: forms of the page *Sign-in and security*."""

from collections.abc import Callable
from functools import wraps
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.accounts.actions import devices
from apps.accounts.models import User
from apps.core.errors import Invalid

View = Callable[..., HttpResponse]


def _form(change: Callable[..., None]) -> View:
    """A view that makes the change, then shows the page again."""

    @require_POST
    @never_cache
    @login_required
    @wraps(change)
    def view(request: HttpRequest, **given: UUID) -> HttpResponse:
        try:
            change(request, cast(User, request.user), **given)
        except Invalid as error:
            messages.error(request, error.reason)
        return redirect(f"{reverse('security')}#devices")

    return view


@_form
def rename(request: HttpRequest, user: User, device: UUID) -> None:
    """Give a device the name in the field `name`; an empty one gives the default back."""
    devices.rename(user.id, device, request.POST.get("name", ""))
    messages.success(request, gettext("The name was saved."))


@_form
def end(request: HttpRequest, user: User, device: UUID) -> None:
    """Sign a device out."""
    devices.end(user.id, device)
    messages.success(request, gettext("The device was signed out."))


@_form
def end_others(request: HttpRequest, user: User) -> None:
    """Sign out all devices but this one."""
    ended = devices.end_others(user.id, keep=request.session.session_key or "")
    messages.success(
        request,
        ngettext(
            "{n} other device was signed out.", "{n} other devices were signed out.", ended
        ).format(n=ended),
    )
