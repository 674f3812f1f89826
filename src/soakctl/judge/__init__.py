"""From a record to a verdict: pure functions; numpy is imported only where there is a trend to judge."""
