"""The two buckets of an S3-compatible storage; run once by docker-compose.yml as `python -m ops.buckets`."""

import os

import boto3
from botocore.exceptions import ClientError

ALREADY_OURS = {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}


def main() -> None:
    """Make the buckets that the settings name, unless they are there."""
    storage = boto3.client(
        "s3",
        endpoint_url=os.environ["FMQ_S3_ENDPOINT"],
        aws_access_key_id=os.environ["FMQ_S3_ACCESS_KEY"],
        aws_secret_access_key=os.environ["FMQ_S3_SECRET_KEY"],
        region_name=os.environ.get("FMQ_S3_REGION", "us-east-1"),
    )
    for bucket in (os.environ["FMQ_S3_PUBLIC_BUCKET"], os.environ["FMQ_S3_PRIVATE_BUCKET"]):
        try:
            storage.create_bucket(Bucket=bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] not in ALREADY_OURS:
                raise


if __name__ == "__main__":
    main()
