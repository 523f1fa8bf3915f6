"""The page of the settings, and the address that Microsoft Graph notifies."""

from django.urls import path

from apps.graph.views import notifications, settings

urlpatterns = [
    path("settings/microsoft", settings.page, name="microsoft-presence"),
    path("microsoft/notifications", notifications.notify, name="graph-notifications"),
]
