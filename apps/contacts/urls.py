"""The profile page, and the picture of the personal link."""

from django.urls import path

from apps.contacts.views import link_picture, profile_page

urlpatterns = [
    path("settings/profile", profile_page, name="profile"),
    path("settings/link.svg", link_picture, name="link-picture"),
]
