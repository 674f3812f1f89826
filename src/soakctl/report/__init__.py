"""How it is told: domain values in, text or a rich renderable out; no decision is made here."""
