"""Small steps with elements."""

from xml.etree.ElementTree import Element


def append_text(parent: Element, text: str) -> None:
    """Text behind whatever the parent holds by now."""
    if not text:
        return
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + text
    else:
        parent.text = (parent.text or "") + text
