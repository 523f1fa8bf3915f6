"""The page *Your files*, and URLs of stored objects."""

from django.urls import path

from apps.files.views import own_files
from apps.files.views.objects import stored_file

urlpatterns = [
    path("settings/files", own_files.page, name="own-files"),
    path("settings/files/<uuid:file>/keep", own_files.keep, name="own-file-keep"),
    path("settings/files/<uuid:file>/stop", own_files.stop_keeping, name="own-file-stop"),
    path("settings/files/<uuid:file>/rename", own_files.rename, name="own-file-rename"),
    path("settings/files/<uuid:file>/delete", own_files.delete, name="own-file-delete"),
    path("files/<str:token>", stored_file, name="stored-file"),
]
