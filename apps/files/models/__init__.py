from apps.files.models.blob import Blob, StoredObject
from apps.files.models.file import Chunk, File

__all__ = ["Blob", "Chunk", "File", "StoredObject"]
