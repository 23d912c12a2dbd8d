"""`manage.py redeem` prints a line per row and a summary."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marketplace.models import Redemption
from tests.marketplace.test_redemption import make_stamp

pytestmark = pytest.mark.django_db


def write(folder: Path, text: str) -> Path:
    path = folder / "results.csv"
    path.write_text(text, encoding="utf-8-sig")  # as spreadsheets save it
    return path


def run(path: Path, *options: str) -> list[str]:
    printed = StringIO()
    call_command("redeem", str(path), *options, stdout=printed)
    return printed.getvalue().splitlines()


def test_each_row_gets_a_line(tmp_path: Path) -> None:
    stamp = make_stamp()
    path = write(
        tmp_path,
        f"worker,assignment,stamp,comment\nW1,A1,{stamp.code},ok\nW2,A2,{stamp.code},\n",
    )
    lines = run(path)
    assert lines[0] == f"line 2: W1 A1 {stamp.code}: redeemed"
    assert lines[1].startswith(f"line 3: W2 A2 {stamp.code}: The stamp")
    assert lines[2:] == ["1 redeemed, 1 refused."]
    assert Redemption.objects.get().worker == "W1"
    assert run(path)[0].endswith("was redeemed by this assignment before")


def test_a_dry_run_says_so(tmp_path: Path) -> None:
    stamp = make_stamp()
    path = write(tmp_path, f"worker,assignment,stamp\nW1,A1,{stamp.code}\n")
    assert run(path, "--dry-run")[1:] == [
        "1 would be redeemed, 0 refused.",
        "Nothing was written: this was a dry run.",
    ]
    assert not Redemption.objects.exists()


def test_missing_columns_are_named(tmp_path: Path) -> None:
    path = write(tmp_path, "WorkerId,stamp\n")
    with pytest.raises(CommandError) as refused:
        run(path)
    assert str(refused.value) == (
        f"{path} has the columns WorkerId, stamp; worker, assignment, stamp were "
        "expected. Please add worker, assignment to its first line."
    )


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="a CSV file was expected. Please check the"):
        run(tmp_path / "nowhere.csv")
