"""Where work runs: in this process, or in a pool of processes. One interface: `stream(function, tasks)`."""

from retold.workers.local import Done, InProcess, ProcessPool, WorkerDied, Workers, open_workers

__all__ = ["Done", "InProcess", "ProcessPool", "WorkerDied", "Workers", "open_workers"]
