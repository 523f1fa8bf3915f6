"""The page of work that failed or is late, with a button that tries it again. For superusers."""

from typing import cast
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Refused
from apps.moderation.actions import work
from apps.moderation.actions.audit import By, Door
from apps.moderation.queries.work import MAX_SHOWN, all_work

KINDS = {
    "export": _("Export"),
    "deletion": _("Deletion"),
    "file": _("File"),
}
STATES = {"waiting": _("waits"), "failed": _("failed")}
PROBLEMS = {
    "no_picture": _("no picture that can be converted"),
    "too_many_pixels": _("too many pixels"),
    "failed": _("given up, see the log of the workers"),
}


def page(request: HttpRequest) -> HttpResponse:
    """GET: what failed or is late. POST: try one again."""
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
    if request.method == "POST":
        _try_again(request)
        return redirect(request.path)
    lines = [
        {
            "work": each,
            "kind": KINDS[each.kind],
            "state": STATES[each.state],
            "problem": PROBLEMS.get(each.problem, ""),
        }
        for each in all_work()
    ]
    context = {
        **admin.site.each_context(request),
        "title": gettext("Failed and late work"),
        "lines": lines,
        "most": MAX_SHOWN,
    }
    return TemplateResponse(request, "admin/work.html", context)


def _try_again(request: HttpRequest) -> None:
    kind, _colon, key = request.POST.get("work", "").partition(":")
    try:
        work_id = UUID(key)
    except ValueError:
        raise Http404 from None
    try:
        work.try_again(By(cast(UUID, request.user.pk), Door.ADMIN), kind, work_id)
    except Refused as error:
        messages.error(request, gettext(error.detail))
    else:
        messages.success(request, gettext("A worker tries it again."))
