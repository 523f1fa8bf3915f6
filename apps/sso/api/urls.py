"""The API paths of single sign-on, under /api/v1/."""

from django.urls import path

from apps.sso.api.exchange import ExchangeView

urlpatterns = [path("tokens/exchange", ExchangeView.as_view())]
