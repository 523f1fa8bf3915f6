"""The API paths of single sign-on, under /api/v1/."""

from django.urls import path

from apps.sso.api.exchange import ExchangeView
from apps.sso.api.identities import IdentitiesView, IdentityView

urlpatterns = [
    path("tokens/exchange", ExchangeView.as_view()),
    path("me/identities", IdentitiesView.as_view()),
    path("me/identities/<int:identity>", IdentityView.as_view()),
]
