"""The addresses of SCIM, under /scim/v2/."""

from django.urls import path, re_path

from apps.scim import views

urlpatterns = [
    path("Users", views.users, name="scim-users"),
    path("Users/.search", views.search),
    # Of all types of resources: there is one.
    path(".search", views.search),
    path("Users/<uuid:entry>", views.user, name="scim-user"),
    path("ServiceProviderConfig", views.config),
    path("ResourceTypes", views.types),
    path("ResourceTypes/<str:name>", views.one_type),
    path("Schemas", views.all_schemas),
    path("Schemas/<str:name>", views.one_schema),
    re_path("", views.unknown),
]
