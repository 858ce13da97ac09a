"""A passkey made of software: what a phone does, with the same cryptography."""

from __future__ import annotations

import json
import secrets
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

ORIGIN, HOST = "http://testserver", "testserver"
FLAG = AuthenticatorData.FLAG
SEEN = FLAG.UP | FLAG.UV


class Passkey:
    """Lives on somebody's phone, and answers a page's questions with JSON."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.handle = ""

    def made_for(self, options: dict[str, Any]) -> str:
        """Answer to "add a passkey"."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(sha256(HOST.encode()).digest(), SEEN | FLAG.AT, 0, credential)
        attestation = AttestationObject.create("none", data, {})
        client = CollectedClientData.create("webauthn.create", asked["challenge"], ORIGIN)
        return self._json(
            {"clientDataJSON": websafe_encode(client), "attestationObject": websafe_encode(attestation)},
            credProps={"rk": True},
        )

    def answer(self, options: dict[str, Any]) -> str:
        """Answer to "who are you?"."""
        data = AuthenticatorData.create(sha256(HOST.encode()).digest(), SEEN, 1)
        client = CollectedClientData.create("webauthn.get", options["publicKey"]["challenge"], ORIGIN)
        signature = self.key.sign(data + client.hash, ec.ECDSA(hashes.SHA256()))
        return self._json(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(data),
                "signature": websafe_encode(signature),
                "userHandle": self.handle,
            }
        )

    def _json(self, response: dict[str, str], **extensions: Any) -> str:
        name = websafe_encode(self.id)
        words = {"id": name, "rawId": name, "type": "public-key", "response": response}
        return json.dumps({**words, "clientExtensionResults": extensions})
