"""Fixtures of the tests of files."""

from tests.support.seaweedfs import bucket, folder, seaweedfs, seaweedfs_server, storage

__all__ = ["bucket", "folder", "seaweedfs", "seaweedfs_server", "storage"]
