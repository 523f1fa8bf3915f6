"""Actions that pages run, and what a page shows when one is refused."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from apps.core.errors import RateLimited, Refused
from apps.core.refusable_form import RefusableForm
from apps.core.refused_pages import HAS_A_PAGE


def respond(
    request: HttpRequest, form: RefusableForm, act: Callable[[], HttpResponse]
) -> HttpResponse | None:
    """The response of `act`; None if the form is wrong, or `act` was refused: the form says why."""
    try:
        return act() if form.is_valid() else None
    except RateLimited:
        raise
    except Refused as error:
        form.refuse(error)
        return None


def run(request: HttpRequest, act: Callable[[], str], back: HttpResponse) -> HttpResponse:
    """Go `back`, where the text that `act` returns is shown, or why it was refused. Raises what has
    a page of its own."""
    try:
        messages.success(request, act())
    except HAS_A_PAGE:
        raise
    except Refused as error:
        messages.error(request, reason_of(error))
    return back


def reason_of(error: Refused) -> str:
    """Why something was refused, in the person's language."""
    return gettext(getattr(error, "reason", "") or error.detail)
