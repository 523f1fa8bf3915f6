"""The API paths of accounts, under /api/v1/."""

from django.urls import path

from apps.accounts.api.session import SessionView

urlpatterns = [path("session", SessionView.as_view(), name="api-session")]
