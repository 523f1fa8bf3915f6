"""The notifications' part of the API."""

from django.urls import path

from apps.notifications.api import digest, preferences, push

urlpatterns = [
    path("notifications/settings", preferences.SettingsView.as_view()),
    path("notifications/digest", digest.DigestView.as_view()),
    path("notifications/digest/now", digest.DigestNowView.as_view()),
    path("push/devices", push.DevicesView.as_view()),
    path("push/devices/<uuid:device>", push.DeviceView.as_view()),
]
