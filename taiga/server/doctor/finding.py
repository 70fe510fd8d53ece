"""A line of the report."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    verdict: Literal["OK", "WARN", "FAIL"]
    subject: str
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        line = f"{self.verdict:5} {self.subject}: {self.seen}"
        return line + "".join(f"\n        {step}" for step in self.remedy.splitlines())


def ok(subject: str, seen: str) -> Finding:
    return Finding("OK", subject, seen)


def warn(subject: str, seen: str, remedy: str) -> Finding:
    return Finding("WARN", subject, seen, remedy)


def fail(subject: str, seen: str, remedy: str) -> Finding:
    return Finding("FAIL", subject, seen, remedy)
