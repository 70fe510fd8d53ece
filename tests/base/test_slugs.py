"""Slugs made from names."""

import pytest

from taiga.base.slugs import slugify, unique_slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Zeta Próject ñ!", "zeta-project-n"),
        ("日本語", "ri-ben-yu"),
        ("Release 2_0", "release-2_0"),
        ("  A -- b\tc ", "a-b-c"),
        ("- [x] _done_", "x-_done"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_a_slug_is_the_name_in_small_ascii_letters(name: str, slug: str) -> None:
    assert slugify(name) == slug


def test_a_free_slug_is_taken_as_it_is_and_a_taken_one_gets_a_number() -> None:
    assert unique_slug("a", [], max_length=10) == "a"
    assert unique_slug("a", {"a", "a-1"}, max_length=10) == "a-2"
    assert unique_slug("a", lambda slugs: [slug for slug in slugs if slug != "a-3"], max_length=10) == "a-3"


def test_the_further_one_has_to_look_the_more_are_looked_up_at_once() -> None:
    asked: list[list[str]] = []

    def taken(slugs: list[str]) -> list[str]:
        asked.append(slugs)
        return [slug for slug in slugs if slug != "a-2345"]

    assert unique_slug("a", taken, max_length=10) == "a-2345"
    assert [len(slugs) for slugs in asked] == [1, 10, 100, 1_000, 1_000, 1_000]
    assert asked[1] == [f"a-{number}" for number in range(1, 11)]


def test_a_slug_fits_its_column_with_its_number() -> None:
    assert unique_slug("abcdef", [], max_length=5) == "abcde"
    assert unique_slug("abcdef", ["abcde"], max_length=5) == "abc-1"
    assert unique_slug("abcdef", ["abcde", *(f"abc-{number}" for number in range(1, 10))], max_length=5) == "ab-10"
