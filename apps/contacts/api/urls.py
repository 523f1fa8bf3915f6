"""The API's addresses of people and contacts, under /api/v1/."""

from django.urls import path

from apps.contacts.api.contacts import ACTIONS, ContactsView, GreetingView, contact_action
from apps.contacts.api.me import DoNotDisturbView, EmailView, MeView, StatusView, TimeZoneView
from apps.contacts.api.people import PeopleView, PersonView
from apps.contacts.api.personal_links import OwnLinkView, PersonByLinkView

urlpatterns = [
    path("me", MeView.as_view(), name="api-me"),
    path("me/status", StatusView.as_view(), name="api-status"),
    path("me/do-not-disturb", DoNotDisturbView.as_view(), name="api-quiet"),
    path("me/time-zone", TimeZoneView.as_view(), name="api-time-zone"),
    path("me/email", EmailView.as_view(), name="api-email"),
    path("me/link", OwnLinkView.as_view(), name="api-own-link"),
    path("with/<str:secret>", PersonByLinkView.as_view(), name="api-with"),
    path("people", PeopleView.as_view(), name="api-people"),
    path("people/<uuid:person>", PersonView.as_view(), name="api-person"),
    path("contacts", ContactsView.as_view(), name="api-contacts"),
    path("contacts/<uuid:person>/greeting", GreetingView.as_view(), name="api-greeting"),
    *(path(f"contacts/<uuid:person>/{verb}", contact_action(verb).as_view()) for verb in ACTIONS),
]
