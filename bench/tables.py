"""Tables as Markdown, so that they can be read on a terminal and pasted into a document."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; all but the first are numbers."""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    lines = [line(head, widths), "|" + "|".join(rule(place, width) for place, width in enumerate(widths)) + "|"]
    return "\n".join([*lines, *(line(row, widths) for row in rows)])


def line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "| " + " | ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in others)]) + " |"


def rule(place: int, width: int) -> str:
    return "-" * (width + 2) if place == 0 else "-" * (width + 1) + ":"


def ms(value: float) -> str:
    """Milliseconds: three digits that mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
