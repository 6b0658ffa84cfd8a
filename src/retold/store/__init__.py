"""The workspace, a folder or a prefix in object storage: Delta Lake tables, atomic commits, rows that exist once."""

from retold.store.commit import Writer
from retold.store.place import Place
from retold.store.scan import StoreView
from retold.store.tables import Store

__all__ = ["Place", "Store", "StoreView", "Writer"]
