"""A device for passkeys, in software: ES256 keys, attestation "none" (Web Authentication)."""

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG
AAGUID = bytes(16)


class PasskeyDevice:
    """It holds one passkey. `verified`: whether it checks that it is the owner who uses it.
    `number`: of the device; the same one has the same key."""

    def __init__(self, origin: str, *, verified: bool = True, number: int = 1) -> None:
        self.origin = origin
        self.id = number.to_bytes(32, "big")
        self.flags = FLAG.UP | (FLAG.UV if verified else FLAG(0))
        self._key = ec.derive_private_key(number, ec.SECP256R1())

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser makes of the options for a new passkey."""
        public = ES256.from_cryptography_key(self._key.public_key())
        data = AuthenticatorData.create(
            sha256(options["rp"]["id"].encode()),
            self.flags | FLAG.AT,
            0,
            AttestedCredentialData.create(AAGUID, self.id, public),
        )
        attestation = AttestationObject.create("none", data, {})
        client_data = self._client_data("webauthn.create", options)
        parts = {"attestationObject": websafe_encode(attestation), "transports": ["internal"]}
        return self._credential(client_data, parts) | {"clientExtensionResults": {}}

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What a browser makes of the options for a sign-in or a proof."""
        data = AuthenticatorData.create(sha256(options["rpId"].encode()), self.flags, 1)
        client_data = self._client_data("webauthn.get", options)
        signature = self._key.sign(data + sha256(client_data), ec.ECDSA(SHA256()))
        parts = {"authenticatorData": websafe_encode(data), "signature": websafe_encode(signature)}
        return self._credential(client_data, parts)

    def _client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(told).encode()

    def _credential(self, client_data: bytes, parts: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.id)
        response = {"clientDataJSON": websafe_encode(client_data), **parts}
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
