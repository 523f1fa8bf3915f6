"""The API paths of files, under /api/v1/."""

from django.urls import path

from apps.files.api.bytes_saved import BytesSavedView
from apps.files.api.direct_parts import PartView
from apps.files.api.downloads import VariantView
from apps.files.api.kept import KeptView
from apps.files.api.uploads import ContentView, FilesView, FileView, StorageView

urlpatterns = [
    path("files", FilesView.as_view()),
    path("files/storage", StorageView.as_view()),
    path("files/bytes-saved", BytesSavedView.as_view()),
    path("files/<uuid:file>", FileView.as_view()),
    path("files/<uuid:file>/kept", KeptView.as_view()),
    path("files/<uuid:file>/part", PartView.as_view()),
    path("files/<uuid:file>/content", ContentView.as_view()),
    path("files/<uuid:file>/content/<str:variant>", VariantView.as_view()),
]
