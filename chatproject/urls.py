"""All URLs of the product."""

from csp.decorators import csp
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from apps.chats.views import app, join, link_picture, meet, share
from apps.core import health, problems
from apps.integrations.plugins.bounded_pages import bound_pages
from apps.integrations.plugins.registry import plugins
from apps.moderation import views as suspension
from apps.notifications.views.digest import digest_off
from apps.notifications.views.installable import manifest, service_worker, shell
from apps.wire.schema_view import SchemaView
from chatproject import metrics
from chatproject.health.views import health as healthz

# Django tries one route after the other: those that are asked most often come first.
api: list[URLPattern | URLResolver] = [
    path("", include("apps.chats.urls")),
    path("", include("apps.accounts.api.urls")),
    path("", include("apps.files.api.urls")),
    path("", include("apps.emoji.api.urls")),
    path("", include("apps.sso.api.urls")),
    path("", include("apps.notifications.urls")),
    path("", include("apps.contacts.api.urls")),
    path("", include("apps.moderation.urls")),
    path("", include("apps.retention.urls")),
    path("", include("apps.configuration.urls")),
    path("", include("apps.integrations.api.urls")),
    path("", include("apps.realtime.api.urls")),
    re_path("", problems.page_not_found),
]

handler404 = "apps.core.problems.not_found"
handler500 = "apps.core.problems.server_error"
urlpatterns = [
    path("api/v1/", include(api)),
    path("", app, name="app"),
    path("join/<str:secret>", join, name="join"),
    path("with/<str:secret>", meet, name="with"),
    path("people", app, name="people"),
    path("share", share, name="share"),
    path("settings/notifications", app, name="notifications"),
    path("digest/off/<str:token>", digest_off, name="digest-off"),
    path("manifest.webmanifest", manifest, name="manifest"),
    path("service-worker.js", service_worker, name="service-worker"),
    path("shell", shell, name="shell"),
    path("c/<uuid:chat>", app, name="chat"),
    path("c/<uuid:chat>/at/<int:seq>", app),
    path("c/<uuid:chat>/on/<str:day>", app),
    path("c/<uuid:chat>/links/<uuid:link>.svg", link_picture, name="invite-link-picture"),
    path("", include("apps.sso.urls")),
    path("", include("apps.accounts.urls")),
    path("", include("apps.contacts.urls")),
    path("", include("apps.files.urls")),
    path("", include("apps.emoji.urls")),
    path("", include("apps.integrations.urls")),
    *(
        bound_pages(plugin.label, path(f"plugins/{plugin.label}/", include(plugin.pages)))
        for plugin in plugins()
        if plugin.pages
    ),
    path("", include("apps.graph.urls")),
    path("suspended", suspension.page, name="suspended"),
    path("suspended/delete", suspension.delete_account, name="suspended-delete"),
    path("suspended/data/<uuid:export>/file", suspension.download, name="suspended-file"),
    path("suspended/state", suspension.state),
    path("livez", health.live),
    path("readyz", health.ready),
    path("healthz", healthz),
    path("metrics", metrics.view),
    path("admin/", admin.site.urls),
    path("scim/v2/", include("apps.scim.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path(
        "api/docs/",
        csp(settings.LIBRARY_POLICY)(SpectacularSwaggerSplitView.as_view(url_name="schema")),
        name="docs",
    ),
]
