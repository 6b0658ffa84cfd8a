"""Where a store is: a local folder, or a prefix in a bucket of any S3-compatible object store.

In: `out/demo/store` or `s3://bucket/prefix`. Out: what delta-rs needs to commit there, Arrow's own file system for
everything else, and small files read and written as a whole.

Credentials, region and endpoint come from the usual variables (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY,
AWS_SESSION_TOKEN, AWS_REGION or AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL) and from nowhere else that
retold knows of: an address that holds a key is refused, so none is ever printed or committed. The server must honour
conditional puts (`If-None-Match: *`, as AWS, MinIO, Ceph, R2 and others do): they alone make commits atomic there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from deltalake.exceptions import DeltaError
from pyarrow.fs import (
    AwsStandardS3RetryStrategy,
    FileSystem,
    FileType,
    LocalFileSystem,
    S3FileSystem,
    SubTreeFileSystem,
)

from retold.core.errors import RetoldError, StoreError

S3 = "s3://"
REGION = "us-east-1"
ATTEMPTS = 8
CONNECT_SECONDS = 10
REQUEST_SECONDS = 60


@dataclass(frozen=True)
class Place:
    """A folder, here or in object storage. `Place.of` reads one from what a person typed."""

    address: str

    @classmethod
    def of(cls, where: Place | Path | str) -> Place:
        """A local path, or s3://bucket/prefix (also where `Path` has taken one of its slashes away).

        Raises StoreError for an address that names a key, no bucket, or another kind of store.
        """
        if isinstance(where, Place):
            return where
        text = str(where)
        scheme, colon, rest = text.partition(":/")
        if not colon or len(scheme) < 2 or not scheme.isalnum():  # one letter is a drive
            return cls(text)
        if scheme != "s3":
            raise StoreError(f"a store cannot be at {scheme}://", "name a folder, or s3://bucket/prefix")
        names = [name for name in rest.split("/") if name]
        if not names or any(name in (".", "..") for name in names):
            raise StoreError("a place in object storage is s3://bucket/prefix", f"not {S3}{'/'.join(names)}")
        if "@" in names[0]:
            raise StoreError(
                "an address of object storage holds no key", "keep it in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        return cls(S3 + "/".join(names))

    def __str__(self) -> str:
        return self.address

    def __truediv__(self, name: str) -> Place:
        return Place(f"{self.address}/{name}" if self.remote else str(Path(self.address) / name))

    @property
    def remote(self) -> bool:
        """True in object storage."""
        return self.address.startswith(S3)

    @property
    def local(self) -> Path:
        """The folder. Only where it is not remote."""
        assert not self.remote, f"{self.address} is not a folder of this machine"
        return Path(self.address)

    @property
    def options(self) -> dict[str, str] | None:
        """For delta-rs: commits are conditional puts, and plain HTTP only to an endpoint that says so."""
        if not self.remote:
            return None
        endpoint, region = _endpoint(os.environ), _region(os.environ)
        return {
            "aws_conditional_put": "etag",
            "aws_region": region,
            **({"aws_endpoint_url": endpoint} if endpoint else {}),
            **({"aws_allow_http": "true"} if endpoint.startswith("http://") else {}),
            "timeout": f"{REQUEST_SECONDS}s",
            "connect_timeout": f"{CONNECT_SECONDS}s",
        }

    @property
    def files(self) -> SubTreeFileSystem:
        """Arrow's file system with this place as its root."""
        if not self.remote:
            return SubTreeFileSystem(str(self.local), LocalFileSystem())
        return SubTreeFileSystem(
            self.address.removeprefix(S3), _object_storage(_endpoint(os.environ), _region(os.environ))
        )

    def read(self, name: str) -> str | None:
        """A small file; None where there is none."""
        if not self.remote:
            path = self.local / name
            return path.read_text("utf-8") if path.is_file() else None
        with reached(self):
            if self.files.get_file_info(name).type != FileType.File:
                return None
            try:
                with self.files.open_input_stream(name) as stream:
                    return bytes(stream.read()).decode("utf-8")
            except FileNotFoundError:  # deleted meanwhile
                return None

    def write(self, name: str, text: str) -> None:
        """Write a small file as a whole: readers see the old one or the new one."""
        if self.remote:
            with reached(self), self.files.open_output_stream(name) as stream:
                stream.write(text.encode("utf-8"))
            return
        self.local.mkdir(parents=True, exist_ok=True)
        fresh = self.local / f"{name}.new"
        fresh.write_text(text, "utf-8")
        fresh.replace(self.local / name)


@contextmanager
def reached(place: Place) -> Iterator[None]:
    """Turns what goes wrong on the way to object storage into a StoreError. Local errors stay what they are."""
    try:
        yield
    except RetoldError:
        raise
    except (OSError, DeltaError) as error:
        if not place.remote:
            raise
        shown = "".join(char if char.isprintable() else " " for char in str(error))
        reason = " ".join(shown.split())[:300] or type(error).__name__
        raise StoreError(
            f"the store at {place} does not answer as it should: {reason}",
            "check the bucket, AWS_ENDPOINT_URL and the keys in the environment, then run the same command again: "
            "everything committed is kept",
        ) from error


def _endpoint(variables: Mapping[str, str]) -> str:
    return variables.get("AWS_ENDPOINT_URL_S3") or variables.get("AWS_ENDPOINT_URL") or ""


def _region(variables: Mapping[str, str]) -> str:
    return variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or REGION


@lru_cache(maxsize=8)
def _object_storage(endpoint: str, region: str) -> FileSystem:
    """One connection pool for each endpoint. Arrow takes the keys from the environment by itself."""
    scheme, _, address = endpoint.rpartition("://")
    return S3FileSystem(
        endpoint_override=address.rstrip("/") or None,
        scheme=scheme or "https",
        region=region,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=REQUEST_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        allow_delayed_open=True,  # one put for what fits into one
    )
