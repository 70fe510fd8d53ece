"""Task lists: `- [ ] to do` and `- [x] done`."""

import re
from xml.etree.ElementTree import Element, SubElement

from markdown.treeprocessors import Treeprocessor

_BOX = re.compile(r" *\[([xX ])\] +")


class TaskLists(Treeprocessor):
    """Runs before the inline patterns, so that `[x]` is not a link."""

    def run(self, root: Element) -> None:
        for listing in root.iter():
            if listing.tag in {"ul", "ol"}:
                ticked = [item for item in listing if item.tag == "li" and _make_task(item)]
                if ticked:
                    listing.set("class", "task-list")


def _make_task(item: Element) -> bool:
    holder = item if item.text else next((child for child in item[:1] if child.tag == "p"), item)
    box = _BOX.match(holder.text or "")
    if not box:
        return False
    label = Element("label", {"class": "task-list-control"})
    SubElement(label, "input", {"type": "checkbox"} | ({"checked": "checked"} if box[1] != " " else {}))
    SubElement(label, "span", {"class": "task-list-indicator"})
    label.tail = " " + (holder.text or "")[box.end() :]
    holder.text = None
    holder.insert(0, label)
    item.set("class", "task-list-item")
    return True
