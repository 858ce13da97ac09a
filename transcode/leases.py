"""What a lease is to whoever holds one."""

from __future__ import annotations


class LeaseLost(Exception):
    """The work is no longer ours: taken over, or its video was deleted. Stop, and write nothing."""
