"""Files in a folder, and in an S3 store that runs on this machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto.server import ThreadedMotoServer

from services import settings
from services.filestore import FileGone, FileStore, FileStoreUnavailable
from services.settings import Settings


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The address of an S3 store with an empty bucket `linli`."""
    import boto3

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host if host != '0.0.0.0' else '127.0.0.1'}:{port}"
    keys = {"aws_access_key_id": "made", "aws_secret_access_key": "up", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=address, **keys).create_bucket(Bucket="linli")
    yield address
    server.stop()


def in_s3(endpoint: str) -> Settings:
    """The settings of that store."""
    return settings.load(files="s3://linli/cases", files_endpoint=endpoint, files_key_id="made", files_secret="up")


async def kept_and_taken_away(store: FileStore) -> None:
    """What every store does."""
    await store.put("a/1", b"one")
    await store.put("a/1", b"two")
    assert await store.get("a/1") == b"two"
    await store.delete("a/1")
    await store.delete("a/1")
    with pytest.raises(FileGone):
        await store.get("a/1")


async def test_a_folder_keeps_files(tmp_path: Path) -> None:
    store = FileStore.of(settings.load(data=tmp_path))
    await kept_and_taken_away(store)
    await store.put("a/2", b"here")
    assert (tmp_path / "files" / "a" / "2").read_bytes() == b"here"


async def test_an_s3_store_keeps_files(endpoint: str) -> None:
    import boto3

    store = FileStore.of(in_s3(endpoint))
    await kept_and_taken_away(store)
    await store.put("a/2", b"there")
    keys = {"aws_access_key_id": "made", "aws_secret_access_key": "up", "region_name": "us-east-1"}
    found = boto3.client("s3", endpoint_url=endpoint, **keys).get_object(Bucket="linli", Key="cases/a/2")
    assert found["Body"].read() == b"there"


async def test_a_store_that_is_not_there_is_refused_by_name() -> None:
    """Nobody listens at this address, so nothing can be kept."""
    with pytest.raises(FileStoreUnavailable):
        await FileStore.of(settings.load(files="s3://linli", files_endpoint="http://127.0.0.1:9")).put("a", b"one")
