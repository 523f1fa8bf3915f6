"""The page *Microsoft Teams* of the settings: share one's presence, or stop."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.core.authentication import person_id
from apps.core.page_actions import refusals
from apps.core.refusable_form import reason_of
from apps.graph.actions import links
from apps.graph.actions.service import is_on
from apps.graph.queries import links as queries


@require_http_methods(["GET", "POST"])
@never_cache
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """GET: whether the person shares, and what is known. POST: `share`, or else stop."""
    if not is_on():
        raise Http404
    me = person_id(request)
    refused: list[str] = []
    if request.method == "POST":
        with refusals(lambda error: refused.append(reason_of(error))):
            return _changed(request)
    context = {"link": queries.of(me), "refused": refused}
    return render(request, "graph/settings.html", context, status=400 if refused else 200)


def _changed(request: HttpRequest) -> HttpResponse:
    me = person_id(request)
    if "share" in request.POST:
        links.connect(me)
        messages.success(request, gettext("You share your Teams presence now."))
    else:
        links.disconnect(me)
        messages.success(request, gettext("You do not share your Teams presence any more."))
    return redirect("microsoft-presence")
