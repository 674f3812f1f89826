"""From KPIs to parameter changes: rules propose, guards hold back. Pure; writing is an adapter's."""
