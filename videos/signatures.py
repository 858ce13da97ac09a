"""CloudFront's signed cookies and signed URLs: made here, and checked here as the edge checks them.

Amazon CloudFront Developer Guide, "Use signed cookies", "Use signed URLs", "Create a signature": a policy is
compact JSON (a custom policy; canned ones are not for whole folders), signed with RSA PKCS #1 v1.5; base64 has `+=/` replaced by `-_~`. Without a hash algorithm it is SHA-1.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

HASHES: Mapping[str, type[hashes.SHA1] | type[hashes.SHA256]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
TO_URL = str.maketrans("+=/", "-_~")
FROM_URL = str.maketrans("-_~", "+=/")
COOKIES = {
    "CloudFront-Policy": "Policy",
    "CloudFront-Signature": "Signature",
    "CloudFront-Key-Pair-Id": "Key-Pair-Id",
    "CloudFront-Hash-Algorithm": "Hash-Algorithm",
}


class Denied(Exception):
    """The edge refuses; the text is for the log, never for the visitor."""


@dataclass(frozen=True, slots=True)
class Signer:
    key_id: str
    key: rsa.RSAPrivateKey

    def sign(self, resource: str, expires_at: datetime) -> dict[str, str]:
        """Return Policy, Signature, Key-Pair-Id and Hash-Algorithm that open `resource` until `expires_at`.

        `*` in the resource stands for any run of characters, `/` included.
        """
        text = policy(resource, expires_at)
        signature = self.key.sign(text, padding.PKCS1v15(), hashes.SHA256())
        return {
            "Policy": _encode(text),
            "Signature": _encode(signature),
            "Key-Pair-Id": self.key_id,
            "Hash-Algorithm": "SHA256",
        }

    def cookies(self, resource: str, expires_at: datetime) -> dict[str, str]:
        values = self.sign(resource, expires_at)
        return {cookie: values[name] for cookie, name in COOKIES.items()}

    def url(self, url: str, expires_at: datetime) -> str:
        """Return `url` with the query that opens exactly it."""
        return f"{url}?{urlencode(self.sign(url, expires_at))}"

    def trusted(self) -> dict[str, rsa.RSAPublicKey]:
        return {self.key_id: self.key.public_key()}


@cache
def signer(path: Path, key_id: str) -> Signer:
    """Return the signer whose private key is the PEM file at `path`."""
    key = serialization.load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size != 2048:
        raise ValueError("CloudFront takes RSA keys of 2048 bits here")
    return Signer(key_id, key)


def new_key_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def policy(resource: str, expires_at: datetime) -> bytes:
    condition = {"DateLessThan": {"AWS:EpochTime": int(expires_at.timestamp())}}
    statement = {"Statement": [{"Resource": resource, "Condition": condition}]}
    return json.dumps(statement, separators=(",", ":")).encode()


def check(
    url: str,
    cookies: Mapping[str, str],
    query: Mapping[str, str],
    *,
    trusted: Mapping[str, rsa.RSAPublicKey],
    now: datetime,
    address: str,
) -> None:
    """Return if these cookies, or the query that beats them, open `url` now; else raise Denied.

    `url` has its query but for the parameters that sign it.
    """
    values = (
        query if "Signature" in query else {name: cookies.get(cookie, "") for cookie, name in COOKIES.items()}
    )
    text = _decode(values.get("Policy", ""))
    _check_signature(text, values, trusted)
    _check_policy(text, url, now, address)


def _check_signature(text: bytes, values: Mapping[str, str], trusted: Mapping[str, rsa.RSAPublicKey]) -> None:
    key = trusted.get(values.get("Key-Pair-Id", ""))
    algorithm = HASHES.get(values.get("Hash-Algorithm") or "SHA1")
    if key is None or algorithm is None:
        raise Denied("unknown key or hash algorithm")
    try:
        key.verify(_decode(values.get("Signature", "")), text, padding.PKCS1v15(), algorithm())
    except InvalidSignature as error:
        raise Denied("signature") from error


def _check_policy(text: bytes, url: str, now: datetime, address: str) -> None:
    try:
        (statement,) = json.loads(text)["Statement"]
        condition = statement["Condition"]
        if not _matches(statement["Resource"], url):
            raise Denied("resource")
        _check_condition(condition, now.timestamp(), address)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Denied("malformed policy") from error


def _check_condition(condition: Mapping[str, Any], now: float, address: str) -> None:
    if now >= condition["DateLessThan"]["AWS:EpochTime"]:
        raise Denied("expired")
    if now < condition.get("DateGreaterThan", {}).get("AWS:EpochTime", 0):
        raise Denied("not yet")
    network = condition.get("IpAddress", {}).get("AWS:SourceIp", "0.0.0.0/0")
    if network != "0.0.0.0/0" and ipaddress.ip_address(address) not in ipaddress.ip_network(
        network, strict=False
    ):
        raise Denied("address")


def _matches(resource: str, url: str) -> bool:
    """`*` is any run of characters, `?` exactly one; everything else is itself."""
    wildcards = {"*": ".*", "?": "."}
    pattern = "".join(wildcards.get(character, re.escape(character)) for character in resource)
    return re.fullmatch(pattern, url, re.DOTALL) is not None


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode().translate(TO_URL)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text.translate(FROM_URL), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Denied("malformed base64") from error
