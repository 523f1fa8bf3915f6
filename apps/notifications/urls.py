"""The notifications' part of the API."""

from django.urls import path

from apps.notifications.api import preferences, push

urlpatterns = [
    path("notifications/settings", preferences.SettingsView.as_view()),
    path("push/devices", push.DevicesView.as_view()),
    path("push/devices/<uuid:device>", push.DeviceView.as_view()),
]
