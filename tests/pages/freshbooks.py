"""pytest plugin: the world's FreshBooks connection, signed in to the stand-in."""

from typing import Any

import pytest

from connections.sandbox.freshbooks import FreshBooks as Books
from tests.freshbooks.conftest import books, server, sign_in
from tests.pages.conftest import World

__all__ = ["books", "connected", "server"]


@pytest.fixture
def connected(world: World, books: Books, server: Any) -> Books:
    """The stand-in behind the world's FreshBooks connection."""
    world.books.settings = {
        "account_id": books.identity.account_id,
        "business_id": str(books.identity.business_id),
        "business_uuid": books.identity.business_uuid,
        "business_name": "Byron Supply",
    }
    world.books.save()
    sign_in(world.books, books)
    return books
