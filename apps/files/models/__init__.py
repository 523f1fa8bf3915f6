from apps.files.models.blob import Blob, StoredObject
from apps.files.models.bytes_saved import BytesSaved
from apps.files.models.file import Chunk, File
from apps.files.models.storage_use import StorageCount, StorageUse

__all__ = ["Blob", "BytesSaved", "Chunk", "File", "StorageCount", "StorageUse", "StoredObject"]
