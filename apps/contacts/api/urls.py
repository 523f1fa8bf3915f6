"""The API's addresses of people and contacts, under /api/v1/."""

from django.urls import path

from apps.contacts.api.contacts import ACTIONS, ContactActionView, ContactsView
from apps.contacts.api.me import DoNotDisturbView, MeView, StatusView
from apps.contacts.api.people import PeopleView

urlpatterns = [
    path("me", MeView.as_view(), name="api-me"),
    path("me/status", StatusView.as_view(), name="api-status"),
    path("me/do-not-disturb", DoNotDisturbView.as_view(), name="api-quiet"),
    path("people", PeopleView.as_view(), name="api-people"),
    path("contacts", ContactsView.as_view(), name="api-contacts"),
    *(
        path(f"contacts/<uuid:person>/{verb}", ContactActionView.as_view(verb=verb))
        for verb in ACTIONS
    ),
]
