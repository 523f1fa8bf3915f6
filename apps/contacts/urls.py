"""The profile page."""

from django.urls import path

from apps.contacts.views import profile_page

urlpatterns = [path("settings/profile", profile_page, name="profile")]
