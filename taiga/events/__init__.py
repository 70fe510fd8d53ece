"""The live channel: every change is sent to the browsers that display it (docs/events.md)."""
