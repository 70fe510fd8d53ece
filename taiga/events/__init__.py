"""Open boards refresh: what changes is told to every browser that shows it (docs/events.md)."""
