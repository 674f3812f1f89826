"""What follows logs."""

from __future__ import annotations

from soakctl.adapters.logs.cursor import Cursor
from soakctl.adapters.logs.follow import POLL_S, Follower, wait

__all__ = ["POLL_S", "Cursor", "Follower", "wait"]
