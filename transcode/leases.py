"""What a lease is to whoever holds one."""

from __future__ import annotations


class LeaseLost(Exception):
    """The work is no longer ours: taken over, or its video was deleted. Stop, and write nothing."""


class EpochLeft(Exception):
    """What is stored under the video's old epoch opens for nobody any more: begin anew in the new one."""


def require_wanted(found: object, epoch: str, what: object) -> None:
    """Raise LeaseLost where a video has no epoch because it was deleted, EpochLeft where it has another than `epoch`."""
    if found is None:
        raise LeaseLost(f"{what}: the video was deleted")
    if epoch and found != epoch:
        raise EpochLeft(f"{what}: the video is in another epoch now")
