"""The page about one's own suspension, for people who are no longer signed in."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts import suspended
from apps.accounts.actions import deletions
from apps.accounts.models import Suspension
from apps.core.errors import Invalid, NotFound, NotPossible
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
    """GET: why, until when, and what the person answered. POST: their answer, or `keep`: they take
    back the deletion of their account that they asked for."""
    suspension = _suspension(request)
    if suspension is None:
        return redirect("account_login")
    error = ""
    if request.method == "POST" and "keep" in request.POST:
        deletions.take_back_own(suspension.user_id)
        return redirect("suspended")
    if request.method == "POST":
        try:
            appeals.appeal(suspension.user_id, request.POST.get("text", ""))
        except Invalid:
            error = gettext("Write something, at most 2,000 characters.")
        except (NotFound, NotPossible):  # lifted, or answered in another tab: the page shows that
            return redirect("suspended")
        else:
            return redirect("suspended")
    context = {
        "suspension": suspension,
        "appeal": suspensions.appeal_of(suspension),
        "deletion": suspensions.waiting_deletion(suspension),
        "text": request.POST.get("text", ""),
        "error": error,
    }
    return render(request, "moderation/suspended.html", context, status=400 if error else 200)


@require_GET
@never_cache
def state(request: HttpRequest) -> HttpResponse:
    """For the app that was open when the account was suspended. 204 for everybody else."""
    suspension = _suspension(request)
    if suspension is None:
        return HttpResponse(status=204)
    return JsonResponse({"reason": suspension.reason, "until": suspension.until})
