"""Actions that pages run, and what a page shows when one is refused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from apps.core.errors import RateLimited, Refused
from apps.core.refusable_form import RefusableForm, reason_of
from apps.core.refused_pages import HAS_A_PAGE


@contextmanager
def refusals(
    show: Callable[[Refused], None], *, but: tuple[type[Refused], ...] = (RateLimited,)
) -> Iterator[None]:
    """Pass the refusal of the block to `show`. Raises `but`, which have pages of their own."""
    try:
        yield
    except but:
        raise
    except Refused as error:
        show(error)


def respond(
    request: HttpRequest, form: RefusableForm, act: Callable[[], HttpResponse]
) -> HttpResponse | None:
    """The response of `act`; None if the form is wrong, or `act` was refused: the form says why."""
    with refusals(form.refuse):
        return act() if form.is_valid() else None
    return None


def run(request: HttpRequest, act: Callable[[], str], back: HttpResponse) -> HttpResponse:
    """Go `back`, where the text that `act` returns is shown, or why it was refused. Raises what has
    a page of its own."""
    with refusals(partial(show_refusal, request), but=HAS_A_PAGE):
        messages.success(request, act())
    return back


def show_refusal(request: HttpRequest, error: Refused) -> None:
    """Show the reason on the next page."""
    messages.error(request, reason_of(error))
