"""URLs of stored objects."""

from django.urls import path

from apps.files.views.objects import stored_file

urlpatterns = [path("files/<str:token>", stored_file, name="stored-file")]
