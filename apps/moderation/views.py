"""The pages about one's own suspension, for people who are no longer signed in: why, their answer,
a copy of their data, and the deletion of their account."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext, override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from apps.accounts import suspended
from apps.accounts.actions import deletions, exports
from apps.accounts.models import Suspension, User
from apps.accounts.queries import exports as exports_of
from apps.accounts.views.data import archive_or_page
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.runtime import runtime
from apps.moderation.actions import appeals
from apps.moderation.queries import suspensions


def _suspension(request: HttpRequest) -> Suspension | None:
    """That of the person behind this browser. The page remembers them from then on: the cookie of
    a session that ended is deleted with the next response."""
    person = None if request.user.is_authenticated else suspended.person_of(request)
    if person is None or not suspended.remember(request.session, person):
        return None
    return suspensions.of_person(person)


@require_http_methods(["GET", "POST"])
@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """GET: why, until when, what the person answered, and their data. POST: their answer; `export`:
    they ask for a copy of their data; `keep`: they take back the deletion of their account that
    they asked for; `sign_out`: this browser forgets who they are."""
    suspension = _suspension(request)
    if suspension is None:
        # The time to read is over: they come back after a sign-in.
        suspended.keep_typed(request.session, _text(request))
        return redirect("account_login")
    if request.method == "GET":
        return _page(request, suspension)
    if "sign_out" in request.POST:
        request.session.flush()
        return redirect("account_login")
    if "export" in request.POST:
        return _ask(request, suspension, exports.ask)
    if not suspended.signed_in_at(request.session, suspension.user_id):
        suspended.keep_typed(request.session, _text(request))
        return _page(request, suspension, sign_in_to_answer=True, status=403)
    if "keep" in request.POST:
        deletions.take_back_own(suspension.user_id)
        return redirect("suspended")
    return _answer(request, suspension)


def _text(request: HttpRequest) -> str:
    """The answer in the form; no field takes more."""
    return request.POST.get("text", "")[: appeals.MAX_TEXT]


def _answer(request: HttpRequest, suspension: Suspension) -> HttpResponse:
    try:
        appeals.appeal(suspension.user_id, request.POST.get("text", ""))
    except Invalid:
        error = gettext("Write something, at most 2,000 characters.")
        return _page(request, suspension, error=error, status=400)
    except (NotFound, NotPossible):  # lifted, or answered in another tab: the page shows that
        pass
    suspended.forget_typed(request.session)
    return redirect("suspended")


def _page(
    request: HttpRequest, suspension: Suspension, *, status: int = 200, **more: object
) -> HttpResponse:
    signed_in_at = suspended.signed_in_at(request.session, suspension.user_id)
    context = {
        "suspension": suspension,
        "appeal": suspensions.appeal_of(suspension),
        "deletion": suspensions.waiting_deletion(suspension),
        "exports": exports_of.of_person(suspension.user_id) if signed_in_at else [],
        "text": request.POST.get("text", suspended.typed(request.session, suspension.user_id)),
        "local": _is_local(suspension.user),
        **more,
    }
    return _shown(request, suspension, "moderation/suspended.html", context, status=status)


def _shown(
    request: HttpRequest,
    suspension: Suspension,
    template: str,
    context: dict[str, object],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page in the person's language: nobody is signed in, so else it would be the browser's."""
    with override(suspension.user.locale):
        return render(request, template, context, status=status)


def _ask(
    request: HttpRequest, suspension: Suspension, ask: Callable[[UUID], object]
) -> HttpResponse:
    """Carry out what a suspended person asks for, if they have just signed in."""
    if not suspended.is_fresh(request.session, suspension.user_id):
        return _page(request, suspension, sign_in=True, status=403)
    with suppress(NotFound):  # lifted, or erased, in this moment
        ask(suspension.user_id)
    return redirect("suspended")


@require_http_methods(["GET", "POST"])
@never_cache
def delete_account(request: HttpRequest) -> HttpResponse:
    """GET: what is deleted and what stays. POST: ask for it."""
    suspension = _suspension(request)
    if suspension is None:
        return redirect("account_login")
    context = {"days": runtime.DELETION_DAYS, "suspension": suspension}
    if request.method == "GET":
        return _shown(request, suspension, "accounts/delete.html", context)
    return _ask(request, suspension, deletions.ask)


@require_safe
@never_cache
def download(request: HttpRequest, export: UUID) -> HttpResponseBase:
    """The archive, for a suspended person who has signed in on this browser."""
    suspension = _suspension(request)
    if suspension is None:
        return redirect("account_login")
    if not suspended.signed_in_at(request.session, suspension.user_id):
        raise Http404
    return archive_or_page(request, suspension.user_id, export)


@require_GET
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """For the app that was open when the account was suspended. 204 for everybody else."""
    suspension = _suspension(request)
    if suspension is None:
        return HttpResponse(status=204)
    return JsonResponse({"reason": suspension.reason, "until": suspension.until})


def _is_local(user: User) -> bool:
    return bool(settings.LOCAL_ACCOUNTS and user.has_usable_password())
