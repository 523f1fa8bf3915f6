"""URLs of the API of settings."""

from django.urls import path

from apps.configuration.api import settings

urlpatterns = [
    path("moderation/settings", settings.SettingsView.as_view()),
    path("moderation/settings/versions", settings.VersionsView.as_view()),
    path("moderation/settings/versions/<int:number>/revert", settings.RevertedView.as_view()),
]
