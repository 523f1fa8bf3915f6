"""Encryption with age (https://age-encryption.org/v1)."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, TypeAlias

import pyrage
from pyrage import ssh, x25519

from apps.backups.errors import BackupError

# pyrage has no types: of `x25519` or of `ssh`.
Recipient: TypeAlias = Any
Identity: TypeAlias = Any


def recipients(texts: Sequence[str]) -> list[Recipient]:
    """Public keys: of age (`age1…`) or of SSH (`ssh-ed25519 …`). Raises BackupError."""
    found = []
    for text in texts:
        kind = ssh if text.startswith("ssh-") else x25519
        try:
            found.append(kind.Recipient.from_str(text))
        except pyrage.RecipientError:
            raise BackupError(f"{text!r} is no public key of age or SSH.") from None
    return found


def identities(text: str) -> list[Identity]:
    """The private keys of an identity file of age, or the one of an SSH key. Raises BackupError."""
    try:
        if "PRIVATE KEY-----" in text:
            return [ssh.Identity.from_buffer(text.encode())]
        lines = (line.strip() for line in text.splitlines())
        found = [x25519.Identity.from_str(each) for each in lines if each and each[0] != "#"]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise BackupError("The identity has no private key of age (AGE-SECRET-KEY-1…) or SSH.")
    return found


def read_identities(path: str) -> list[Identity]:
    """The private keys of this file. Raises BackupError."""
    try:
        return identities(Path(path).read_text())
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"The identity {path} cannot be read: {error}") from None


def tag(texts: Sequence[str]) -> str:
    """Names the recipients: copies of files for others cannot be shared with them."""
    return sha256("\n".join(sorted(texts)).encode()).hexdigest()[:8] if texts else "plain"


def encrypt(source: IO[bytes], target: IO[bytes], to: Sequence[Recipient]) -> None:
    """Encrypt a stream, in little memory. Raises OSError."""
    try:
        pyrage.encrypt_io(source, target, to)
    except pyrage.EncryptError as error:  # of the target, which has no room
        raise OSError(str(error)) from error


def decrypt(source: IO[bytes], target: IO[bytes], by: Sequence[Identity]) -> None:
    """Decrypt a stream, in little memory. Raises BackupError: none of the identities fits, or a
    byte was changed."""
    try:
        pyrage.decrypt_io(source, target, by)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise BackupError(
                "The backup is encrypted to another key than this identity."
            ) from None
        raise BackupError(f"An encrypted part of the backup is damaged: {error}") from None
