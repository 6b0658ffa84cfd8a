"""The workspace on disk or object storage: Delta Lake tables with atomic commits and rows that exist exactly once."""

from retold.store.commit import Writer
from retold.store.scan import StoreView
from retold.store.tables import Store

__all__ = ["Store", "StoreView", "Writer"]
