"""Containers whose packets follow one another, so that their beginning can be read without an index."""

from __future__ import annotations

# Matroska and WebM (RFC 8794, 11.2.1).
EBML = b"\x1a\x45\xdf\xa3"


def is_in_order(head: bytes) -> bool:
    """Tell by the first bytes of a file."""
    return head.startswith(EBML)
