"""The encrypted content of notifications, and the key pair for it.

https://learn.microsoft.com/graph/change-notifications-with-resource-data: a content has an AES key
of its own, which is encrypted with the certificate (RSA, OAEP with SHA-1); its signature is
HMAC-SHA256 with the AES key over the encrypted data (AES-256-CBC, PKCS #7; the initialization
vector is the beginning of the key).
"""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, NamedTuple, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.x509.oid import NameOID
from msgspec import Struct

from apps.core.sealing import Unreadable, seal, unseal
from apps.graph.errors import InvalidNotification

LABEL = "apps.graph.encryption"
# Graph takes RSA keys of 2,048 to 4,096 bits.
KEY_BITS = 2_048
AES_KEY_BYTES, IV_BYTES, AES_BITS = 32, 16, 128
# A key is used for a month; its certificate is good for longer.
KEY_LIFETIME = timedelta(days=30)
CERTIFICATE_LIFETIME = timedelta(days=90)
MAX_CONTENT_BYTES = 20_000


class EncryptedContent(Struct, frozen=True, rename="camel"):
    """`changeNotificationEncryptedContent` of Graph."""

    data: str
    data_key: str
    data_signature: str
    encryption_certificate_id: str

    def digest(self) -> str:
        """The same for the same content only: Graph encrypts each with a new key."""
        return sha256(f"{self.data_key}.{self.data}".encode()).hexdigest()


class KeyPair(NamedTuple):
    """A sealed private key, and its certificate: DER in Base64."""

    key: bytes
    certificate: str


def make_key_pair() -> KeyPair:
    """A new key, in a certificate that it signs itself: Graph takes the public key from it."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Parley presence")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + CERTIFICATE_LIFETIME)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    der = certificate.public_bytes(serialization.Encoding.DER)
    return KeyPair(seal(pem.decode(), label=LABEL), b64encode(der).decode())


def decrypted(content: EncryptedContent, sealed_key: bytes) -> dict[str, Any]:
    """The resource in a content. Its signature is checked before anything is decrypted.

    Raises InvalidNotification.
    """
    try:
        pem = unseal(sealed_key, label=LABEL).encode()
        key = cast(rsa.RSAPrivateKey, serialization.load_pem_private_key(pem, None))
        data = b64decode(content.data, validate=True)
        secret = key.decrypt(
            b64decode(content.data_key, validate=True),
            OAEP(MGF1(hashes.SHA1()), hashes.SHA1(), None),  # noqa: S303  # nosec B303  Graph chooses
        )
        if len(secret) != AES_KEY_BYTES or len(data) > MAX_CONTENT_BYTES:
            raise InvalidNotification("a key or a content of another length")
        signature = HMAC(secret, hashes.SHA256())
        signature.update(data)
        signature.verify(b64decode(content.data_signature, validate=True))
        cipher = Cipher(algorithms.AES256(secret), modes.CBC(secret[:IV_BYTES])).decryptor()
        unpadder = padding.PKCS7(AES_BITS).unpadder()
        padded = cipher.update(data) + cipher.finalize()
        found = json.loads(unpadder.update(padded) + unpadder.finalize())
    except InvalidSignature as error:
        raise InvalidNotification("a content with a wrong signature") from error
    except (ValueError, Unreadable) as error:
        raise InvalidNotification(f"a content that cannot be decrypted: {error}") from error
    if not isinstance(found, dict):
        raise InvalidNotification("a content that is no resource")
    return found
