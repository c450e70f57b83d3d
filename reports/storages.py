"""Where photos lie: a folder or an S3 bucket, chosen by the settings."""

from typing import Any

from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage as DjangoS3Storage


class PrivateFiles(FileSystemStorage):
    """A folder that the front never serves: its files have no address."""

    def url(self, name: str | None) -> str:
        """Refuse: an original has no public address."""
        message = f"{name} is private and has no address."
        raise ValueError(message)


class S3Storage(DjangoS3Storage):  # type: ignore[misc]  # django-storages ships no types
    """A bucket; `public_url` is the address in front of it, and a bucket without one keeps its files private."""

    def __init__(self, *, public_url: str = "", **settings: Any) -> None:
        super().__init__(**settings)
        self.public_url = public_url.rstrip("/")

    def url(self, name: str, *_args: Any, **_kwargs: Any) -> str:
        """Return the public address of a file.

        Raises:
            ValueError: the bucket is private.
        """
        if not self.public_url:
            message = f"{name} is private and has no address."
            raise ValueError(message)
        return f"{self.public_url}/{name}"
