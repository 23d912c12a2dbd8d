"""Without a bucket there is nothing to prepare."""

import pytest
from django.core.management import call_command


def test_preparing_without_a_bucket_says_that_objects_are_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    call_command("prepare_bucket")
    assert "S3_BUCKET is not set: objects are files" in capsys.readouterr().out
