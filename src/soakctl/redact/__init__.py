"""What must not be shown: secrets, credentials, personal data and the values of configured secrets."""

from __future__ import annotations

from soakctl.redact.printing import safe_print
from soakctl.redact.redactor import LineRedactor, Redactor
from soakctl.redact.values import is_missing

__all__ = ["LineRedactor", "Redactor", "is_missing", "safe_print"]
