"""The notifications' part of the API."""

from django.urls import path

from apps.notifications.api import preferences, push

urlpatterns = [
    path("notifications/settings", preferences.Settings.as_view()),
    path("push/devices", push.Devices.as_view()),
    path("push/devices/<uuid:device>", push.OneDevice.as_view()),
]
