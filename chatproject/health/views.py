"""`/healthz` for staff and programs, and the page of the same in the admin."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from apps.accounts.staff import missing
from apps.core import problems
from apps.core.errors import NotFound
from chatproject.health.components import Component, components, status
from chatproject.health.readers import may_read
from chatproject.health.words import NAMES, STATES


@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """The state of each part as JSON. 503 if no message can be sent; 404 for callers who may not
    read it."""
    if not (may_read(request) or _is_staff(request)):
        return problems.response(NotFound())
    found = components()
    code = status(found)
    body = {"status": code, "components": {each.name: _body(each) for each in found}}
    return JsonResponse(body, status=503 if code == "unavailable" else 200)


@never_cache
def page(request: HttpRequest) -> HttpResponse:
    """The same for people. For superusers, as the overview."""
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
    lines = [
        {"part": each, "name": NAMES[each.name], "state": STATES[each.state]}
        for each in components()
    ]
    context = {**admin.site.each_context(request), "title": gettext("Health"), "lines": lines}
    return TemplateResponse(request, "admin/health.html", context)


def _is_staff(request: HttpRequest) -> bool:
    return admin.site.has_permission(request) and missing(request) is None


def _body(each: Component) -> dict[str, object]:
    age = None if each.success_age_s is None else round(each.success_age_s, 1)
    found: dict[str, object] = {"state": each.state, "last_success_s_ago": age}
    return found | ({"detail": str(each.detail)} if each.detail else {})
