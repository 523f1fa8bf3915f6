"""The page of what is stored: in total, by kind, and by whom most. For superusers."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.core.runtime import runtime
from apps.files.queries.storage_use import MAX_PEOPLE, storage_use
from apps.files.queries.uploads import MEGABYTE

KINDS = {
    "image": _("Pictures"),
    "video": _("Videos"),
    "audio": _("Sounds and voice messages"),
    "document": _("Documents"),
    "file": _("Other files"),
    "incomplete": _("Uploads that are not complete"),
    "export": _("Copies of people's data"),
}


def page(request: HttpRequest) -> HttpResponse:
    """What the last count found."""
    if not (request.user.is_active and request.user.is_superuser):
        raise PermissionDenied
    found = storage_use()
    context = {
        **admin.site.each_context(request),
        "title": gettext("Storage"),
        "storage": found,
        "kinds": [(KINDS.get(each.kind, each.kind), each) for each in found.kinds],
        "quota": runtime.FILES_QUOTA_MB * MEGABYTE,
        "most": MAX_PEOPLE,
    }
    return TemplateResponse(request, "admin/storage.html", context)
