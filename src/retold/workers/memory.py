"""Memory of a process that runs for days: what a thread has freed, another uses, and the rest goes back to the system.

Arrow, Delta and the C library each keep a heap for every thread, and what one thread has freed no other can use. In a
driver that reads in some threads and commits in others this grew with every block of passages and every commit. Here
Arrow uses the heap of the C library, which is one for all threads; arrays of 64 kB or more are mapped by themselves, so
that each goes back when it is freed; and Delta has one heap, keeps nothing that is free, and none of it for each of its
(up to a hundred) threads. Highest resident memory while 50,000 documents are asked: 303 MB before, 234 MB with the
first two. After 240 commits to a table: 206 MB before, 184 MB where Delta keeps nothing that is free; while 60,000
documents are asked, 228 MB before and 218 MB with one heap. Price: a third more processor time for looking up a block
of passages (0.16 s instead of 0.12 s).

What Arrow and Delta use is said in `retold/__init__.py`, since they look when they are loaded. The other settings are
those of the GNU C library; elsewhere they change nothing. Source: mallopt(3), malloc_trim(3), jemalloc(3).
"""

from __future__ import annotations

import ctypes

import pyarrow as pa

_ARENAS_MOST = -8
_MAP_FROM = -3
_LARGE = 64 << 10


def steady() -> None:
    """Keep resident memory flat in this process from now on. Cheap, and may be called again."""
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(_ARENAS_MOST, 1)
        setting(_MAP_FROM, _LARGE)


def give_back() -> None:
    """Return what is free to the system: after a group was committed, say."""
    pa.default_memory_pool().release_unused()
