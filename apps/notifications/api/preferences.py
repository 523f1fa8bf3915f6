"""The notification preferences over HTTP."""

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.notifications.actions.preferences import PreferencesUpdate, set_preferences
from apps.notifications.queries import preferences
from apps.wire import bodies
from apps.wire.http import decode
from apps.wire.openapi import operation


class SettingsView(APIView):
    """`/notifications/settings`"""

    @operation(
        "getNotificationSettings", "What I am notified of", returns=bodies.NotificationSettings
    )
    def get(self, request: Request) -> Response:
        """For chats without settings of their own (`/chats/{chat}/marks`)."""
        return Response(preferences.of_person(person_id(request)))

    @operation(
        "updateNotificationSettings",
        "Change what I am notified of",
        body=PreferencesUpdate,
        returns=bodies.NotificationSettings,
        calls=set_preferences,
    )
    def patch(self, request: Request) -> Response:
        """Fields that are left out stay as they are."""
        return Response(set_preferences(person_id(request), decode(request, PreferencesUpdate)))
