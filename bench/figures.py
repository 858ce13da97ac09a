"""What rows say of what was measured; nothing is measured here."""

from __future__ import annotations

from typing import Any

from bench.site import Published
from bench.table import Row

MOST_STORED = 2


def at_same_quality(tried: list[dict[str, Any]], usual: dict[str, Any]) -> dict[str, Any]:
    """Add the kB for the VMAF of the usual preset, on the line through both figures of this one."""
    fine, coarse = tried
    slope = (coarse["VMAF"] - fine["VMAF"]) / (coarse["kB"] - fine["kB"]) if coarse["kB"] != fine["kB"] else 0
    needed = fine["kB"] + (usual["VMAF"] - fine["VMAF"]) / slope if slope else fine["kB"]
    return {**fine, "kB at same VMAF": needed, "CPU ratio": fine["CPU s"] / usual["CPU s"]}


def spread(pairs: list[dict[str, Any]]) -> str:
    """Return how far the ratios of single pairs lie apart, so that nobody reads noise as news."""
    ratios = sorted(pair["ratio"] for pair in pairs)
    return f"Single pairs are from {ratios[0]:.3f} to {ratios[-1]:.3f}."


def stored(name: str, how: str, published: list[tuple[str, Published]]) -> Row:
    table = [
        {
            "clip": clip,
            "source kB": one.source_bytes // 1000,
            "stored kB": one.stored_bytes // 1000,
            "ratio": one.stored_bytes / one.source_bytes,
        }
        for clip, one in published
    ]
    return Row(
        name,
        max(one.stored_bytes / one.source_bytes for _, one in published),
        "x",
        "all bytes of a published version by the bytes of its source, which is kept beside it: the largest of the"
        f" clips below, their pictures {how}.",
        MOST_STORED,
        {"clips": table},
    )
