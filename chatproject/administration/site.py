"""The site of the admin: its name, the words of its lists, and what its index opens on."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from apps.accounts.staff_site import StaffSite
from chatproject.administration import overview

# By the label of the app, or the class of the model. What is not here keeps Django's name.
NAMES = {
    "accounts": gettext_lazy("People"),
    "User": gettext_lazy("People"),
    "RegistrationInvite": gettext_lazy("Invitations to register"),
    "Ending": gettext_lazy("Ended access"),
    "Suspension": gettext_lazy("Suspensions"),
    "moderation": gettext_lazy("Moderation"),
    "Report": gettext_lazy("Reports"),
    "ContentRule": gettext_lazy("Rules about messages"),
    "AuditRecord": gettext_lazy("Audit log"),
    "ReadRequest": gettext_lazy("Reading chats"),
    "notifications": gettext_lazy("Notifications"),
    "Push": gettext_lazy("Pushes"),
    "sso": gettext_lazy("Identity provider"),
    "Identity": gettext_lazy("Linked identities"),
    "scim": gettext_lazy("Directory"),
    "DirectoryEntry": gettext_lazy("People of the directory"),
}


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

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """The lists of the apps in use, under the product's names."""
        apps = [app for app in super().get_app_list(request, app_label) if _is_used(app)]
        for app in apps:
            app["name"] = NAMES.get(app["app_label"], app["name"])
            for model in app["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
        return apps

    def app_index(
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The lists of one app, under its name here."""
        title = {"title": NAMES[app_label]} if app_label in NAMES else {}
        return super().app_index(request, app_label, title | (extra_context or {}))


def _is_used(app: dict[str, Any]) -> bool:
    used = {"scim": bool(settings.SCIM_TOKEN), "sso": bool(settings.OIDC_ISSUER)}
    return used.get(app["app_label"], True)
