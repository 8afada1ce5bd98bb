from __future__ import annotations

from tb_versions.privacy.links import by_links


def test_a_plain_link_has_neither_user_nor_query() -> None:
    plain, query, user = "https://a.example/b#c", "https://a.example/?t=1", "https://me:pw@a.example/b"
    assert by_links(f"see [x]({plain}), {query} and {user}") == [
        (False, "see [x]("),
        (True, plain),
        (False, f"), {query} and {user}"),
    ]
