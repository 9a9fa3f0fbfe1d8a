"""The screen: the only place that imports textual. Knows sessions and records, never torch."""
