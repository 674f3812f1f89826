"""Where reports go that lie outside a run's directory."""

from __future__ import annotations

from soakctl.adapters.text_file import append_text, replace_text

__all__ = ["append_text", "replace_text"]
