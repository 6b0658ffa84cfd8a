"""One little store for all tests of reports, and one full of hostile text."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from retold.report.gather import gather
from retold.report.story import Story
from retold.store import Store, StoreView
from support.little_store import build


class Little(NamedTuple):
    store: Store
    view: StoreView
    story: Story


def _little(folder, **options) -> Little:
    store, view = build(folder, **options)
    return Little(store, view, gather(view, store))


@pytest.fixture(scope="session")
def little(tmp_path_factory) -> Little:
    return _little(tmp_path_factory.mktemp("little"), copies=2)


@pytest.fixture(scope="session")
def hostile(tmp_path_factory) -> Little:
    return _little(tmp_path_factory.mktemp("hostile"), hostile=True)
