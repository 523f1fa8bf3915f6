"""The site of the admin: its name, the words of its lists, and what its index opens on."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy

from apps.accounts.staff_site import StaffSite
from chatproject.administration import overview, storage, words, work
from chatproject.health import views as health


class ParleySite(StaffSite):
    """The checks of `StaffSite`, with the product's name, words and overview."""

    site_title = "Parley"
    site_header = gettext_lazy("Parley administration")
    index_title = gettext_lazy("Administration")
    site_url = "/"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The lists, below what needs attention."""
        sections = overview.sections(request.user)  # type: ignore[arg-type]  # staff are signed in
        return super().index(request, {"sections": sections, **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        """With the pages of work that failed or is late, of what is stored, and of the health."""
        own = [
            path("work/", self.admin_view(work.page), name="work"),
            path("storage/", self.admin_view(storage.page), name="storage"),
            path("health/", self.admin_view(health.page), name="health"),
        ]
        return [*own, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The lists of the apps in use."""
        return [app for app in super().get_app_list(request, app_label) if _is_used(app)]

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The lists of one app, under its name here."""
        title = {"title": words.APPS[app_label]} if app_label in words.APPS else {}
        return super().app_index(request, app_label, title | (extra_context or {}))


def _is_used(app: dict[str, Any]) -> bool:
    used = {"scim": bool(settings.SCIM_TOKEN), "sso": bool(settings.OIDC_ISSUER)}
    return used.get(app["app_label"], True)
