"""CloudFront's signatures, made and checked."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from hypothesis import given
from hypothesis import strategies as st

from videos.signatures import Denied, Signer, check, policy, signer

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=10)
PREFIX = "https://video.example.org/media/v/1/e/"
URL = f"{PREFIX}a1/poster.jpg"


def new_signer(key_id: str) -> Signer:
    return Signer(key_id, rsa.generate_private_key(public_exponent=65537, key_size=2048))


OURS, ROGUE = new_signer("K1"), new_signer("K1")


def written(
    statement: object, algorithm: hashes.HashAlgorithm | None = None, **changes: str
) -> dict[str, str]:
    """Cookies with any policy at all, signed by our key."""
    text = statement if isinstance(statement, bytes) else json.dumps(statement).encode()
    signature = OURS.key.sign(text, padding.PKCS1v15(), algorithm or hashes.SHA256())
    return {
        "CloudFront-Policy": encoded(text),
        "CloudFront-Signature": encoded(signature),
        "CloudFront-Key-Pair-Id": "K1",
        "CloudFront-Hash-Algorithm": "SHA256",
    }


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode().replace("+", "-").replace("=", "_").replace("/", "~")


def statement(resource: str = f"{PREFIX}*", **conditions: object) -> dict[str, list[dict[str, object]]]:
    until = {"DateLessThan": {"AWS:EpochTime": int(LATER.timestamp())}}
    return {"Statement": [{"Resource": resource, "Condition": {**until, **conditions}}]}


(GOOD,) = statement()["Statement"]


def refusal(
    cookies: dict[str, str],
    query: dict[str, str] | None = None,
    *,
    url: str = URL,
    now: datetime = NOW,
    address: str = "192.0.2.7",
) -> str:
    """Why the edge says no, or nothing if it opens."""
    try:
        check(url, cookies, query or {}, trusted=OURS.trusted(), now=now, address=address)
    except Denied as reason:
        return str(reason)
    return ""


class PolicyTests:
    def test_is_written_as_cloudfront_documents_it(self):
        assert policy(f"{PREFIX}*", LATER) == (
            b'{"Statement":[{"Resource":"https://video.example.org/media/v/1/e/*",'
            b'"Condition":{"DateLessThan":{"AWS:EpochTime":1795349400}}}]}'
        )


class SignerTests:
    def test_makes_the_four_cookies(self):
        made = OURS.cookies(f"{PREFIX}*", LATER)
        assert (sorted(made), made["CloudFront-Key-Pair-Id"], made["CloudFront-Hash-Algorithm"]) == (
            [
                "CloudFront-Hash-Algorithm",
                "CloudFront-Key-Pair-Id",
                "CloudFront-Policy",
                "CloudFront-Signature",
            ],
            "K1",
            "SHA256",
        )

    def test_makes_the_policy_readable_with_cloudfronts_alphabet(self):
        made = OURS.cookies(f"{PREFIX}*", LATER)["CloudFront-Policy"]
        plain = made.replace("-", "+").replace("_", "=").replace("~", "/")
        assert base64.b64decode(plain) == policy(f"{PREFIX}*", LATER)

    @given(st.integers(0, 2**31))
    def test_uses_no_character_that_a_cookie_or_query_would_change(self, seconds: int):
        made = OURS.cookies(f"{PREFIX}*", datetime.fromtimestamp(seconds, UTC))
        assert re.fullmatch(r"[A-Za-z0-9_~-]+", "".join(made.values()))

    def test_opens_what_it_signed_with_cookies(self):
        assert refusal(OURS.cookies(f"{PREFIX}*", LATER)) == ""

    def test_opens_what_it_signed_with_a_query(self):
        parts = urlsplit(OURS.url(URL, LATER))
        assert refusal({}, dict(parse_qsl(parts.query)), url=f"https://{parts.netloc}{parts.path}") == ""

    def test_takes_no_key_of_another_size(self, tmp_path):
        path = tmp_path / "key.pem"
        path.write_bytes(
            rsa.generate_private_key(public_exponent=65537, key_size=1024).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        with pytest.raises(ValueError, match="2048"):
            signer(path, "K9")


class CheckTests:
    def test_refuses_a_visitor_with_nothing(self):
        assert refusal({}) == "unknown key or hash algorithm"

    def test_takes_sha1_where_no_algorithm_is_named(self):
        cookies = written(statement(), hashes.SHA1())
        del cookies["CloudFront-Hash-Algorithm"]
        assert refusal(cookies) == ""

    def test_does_not_guess_sha256_where_no_algorithm_is_named(self):
        cookies = written(statement())
        del cookies["CloudFront-Hash-Algorithm"]
        assert refusal(cookies) == "signature"

    def test_refuses_another_algorithm(self):
        cookies = written(statement())
        assert refusal({**cookies, "CloudFront-Hash-Algorithm": "MD5"}) == "unknown key or hash algorithm"

    def test_refuses_a_policy_that_was_changed(self):
        wider = encoded(json.dumps(statement("*")).encode())
        assert refusal({**OURS.cookies(f"{PREFIX}*", LATER), "CloudFront-Policy": wider}) == "signature"

    def test_refuses_the_signature_of_another_policy(self):
        other = OURS.cookies("https://video.example.org/media/v/2/e/*", LATER)
        swapped = {"CloudFront-Signature": other["CloudFront-Signature"]}
        assert refusal({**OURS.cookies(f"{PREFIX}*", LATER), **swapped}) == "signature"

    def test_refuses_a_key_it_does_not_know(self):
        cookies = written(statement())
        assert refusal({**cookies, "CloudFront-Key-Pair-Id": "K2"}) == "unknown key or hash algorithm"

    def test_refuses_a_strange_key_that_uses_a_known_id(self):
        assert refusal(ROGUE.cookies(f"{PREFIX}*", LATER)) == "signature"

    def test_refuses_from_the_very_second_it_expires(self):
        cookies = OURS.cookies(f"{PREFIX}*", LATER)
        assert (refusal(cookies, now=LATER - timedelta(seconds=1)), refusal(cookies, now=LATER)) == (
            "",
            "expired",
        )

    def test_refuses_before_its_time(self):
        soon = statement(DateGreaterThan={"AWS:EpochTime": int(NOW.timestamp()) + 60})
        cookies = written(soon)
        assert (refusal(cookies), refusal(cookies, now=NOW + timedelta(seconds=61))) == ("not yet", "")

    @pytest.mark.parametrize("values", [["query", "cookie"], ["cookie", "query"]])
    def test_lets_the_query_beat_the_cookies(self, values):
        good, bad = OURS.sign(URL, LATER), OURS.sign("https://elsewhere.example/*", LATER)
        as_cookies = {
            f"CloudFront-{name}": value for name, value in (bad if values[0] == "query" else good).items()
        }
        expected = "" if values[0] == "query" else "resource"
        assert refusal(as_cookies, good if values[0] == "query" else bad) == expected

    @pytest.mark.parametrize("name", ["CloudFront-Policy", "CloudFront-Signature"])
    @pytest.mark.parametrize("value", ["not base64!", "é", "abc"])
    def test_refuses_what_is_not_base64(self, name, value):
        assert refusal({**OURS.cookies(f"{PREFIX}*", LATER), name: value}) == "malformed base64"

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"not json", id="not JSON"),
            pytest.param(b"\xff\xfe", id="not text"),
            pytest.param([], id="a list"),
            pytest.param({"Statement": []}, id="no statement"),
            pytest.param({"Statement": statement()["Statement"] * 2}, id="two statements"),
            pytest.param({"Statement": [{"Resource": f"{PREFIX}*"}]}, id="no condition"),
            pytest.param({"Statement": [{**GOOD, "Condition": {}}]}, id="no end"),
            pytest.param(statement(DateLessThan={"AWS:EpochTime": "never"}), id="a word for a time"),
            pytest.param(statement(DateGreaterThan={"AWS:EpochTime": "now"}), id="a word for a start"),
            pytest.param(statement(DateGreaterThan=5), id="a number for a condition"),
            pytest.param(statement(IpAddress={"AWS:SourceIp": "somewhere"}), id="a word for a network"),
            pytest.param({"Statement": [{**GOOD, "Resource": 5}]}, id="a number for a resource"),
        ],
    )
    def test_refuses_a_signed_policy_that_makes_no_sense(self, text):
        assert refusal(written(text)) == "malformed policy"

    @pytest.mark.parametrize(
        ("network", "address", "expected"),
        [
            ("192.0.2.0/24", "192.0.2.7", ""),
            ("192.0.2.7", "192.0.2.7", ""),
            ("0.0.0.0/0", "2001:db8::1", ""),
            ("198.51.100.0/24", "192.0.2.7", "address"),
            ("192.0.2.0/24", "2001:db8::1", "address"),
            ("192.0.2.0/24", "", "malformed policy"),
        ],
    )
    def test_compares_the_address(self, network, address, expected):
        assert refusal(written(statement(IpAddress={"AWS:SourceIp": network})), address=address) == expected


class ResourceTests:
    @pytest.mark.parametrize(
        ("resource", "url", "expected"),
        [
            ("https://h/v/1/*", "https://h/v/1/a/b/c.m4s", ""),
            ("https://h/v/1/*", "https://h/v/1/", ""),
            ("https://h/v/1/*", "https://h/v/1", "resource"),
            ("https://h/v/1/*", "https://h/v/12/a", "resource"),
            ("https://h/v/1*", "https://h/v/12/a", ""),
            ("https://h/v/1/*", "http://h/v/1/a", "resource"),
            ("https://h/v/1/*", "https://evil.h/v/1/a", "resource"),
            ("https://h/*/poster.jpg", "https://h/v/1/poster.jpg", ""),
            ("https://h/*/poster.jpg", "https://h/v/1/poster.jpg.m4s", "resource"),
            ("https://h/v/?/a", "https://h/v/1/a", ""),
            ("https://h/v/?/a", "https://h/v/12/a", "resource"),
            ("https://h/v/?/a", "https://h/v//a", "resource"),
            ("https://h/v.1/a", "https://h/vx1/a", "resource"),
            ("https://h/v/[12]/a", "https://h/v/1/a", "resource"),
            ("https://h/v/1/a", "https://h/v/1/A", "resource"),
        ],
    )
    def test_has_two_wildcards_and_nothing_else(self, resource, url, expected):
        assert refusal(written(statement(resource)), url=url) == expected

    folders = st.lists(
        st.sampled_from(["a", "b", "ab", "a.b", "a+b", "(a)", "[a]", "..", "a%2Fb"]), max_size=4
    )

    @given(below=folders, asked=folders)
    def test_opens_exactly_the_addresses_below_its_prefix(self, below: list[str], asked: list[str]):
        prefix = "/".join(["https://h", *below, ""])
        url = "/".join(["https://h", *asked, "file"])
        assert (refusal(OURS.cookies(f"{prefix}*", LATER), url=url) == "") == url.startswith(prefix)
