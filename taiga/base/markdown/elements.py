"""Helpers for elements."""

from xml.etree.ElementTree import Element


def append_text(parent: Element, text: str) -> None:
    """Append text to the content of an element."""
    if not text:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
