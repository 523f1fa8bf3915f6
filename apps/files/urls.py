"""The page *Your files*, the frame of PDFs, and URLs of stored objects."""

from django.urls import path

from apps.files.views import own_files
from apps.files.views.objects import stored_file
from apps.files.views.pdf_frame import pdf_frame

urlpatterns = [
    path("settings/files", own_files.page, name="own-files"),
    path("settings/files/<uuid:file>/keep", own_files.keep, name="own-file-keep"),
    path("settings/files/<uuid:file>/stop", own_files.stop_keeping, name="own-file-stop"),
    path("settings/files/<uuid:file>/rename", own_files.rename, name="own-file-rename"),
    path("settings/files/<uuid:file>/delete", own_files.delete, name="own-file-delete"),
    path("files/pdf", pdf_frame, name="pdf-frame"),
    path("files/<str:token>", stored_file, name="stored-file"),
]
