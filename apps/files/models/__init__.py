from apps.files.models.blob import Blob, StoredObject
from apps.files.models.bytes_saved import BytesSaved
from apps.files.models.file import Chunk, File

__all__ = ["Blob", "BytesSaved", "Chunk", "File", "StoredObject"]
