"""The validation: sections that are chosen, run and judged into GREEN or RED."""
