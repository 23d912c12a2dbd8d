"""Commands that analyze any table of scores, or rank from comparisons."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.ratings.statistics.test_agreement import JUDGES


def told(command: str, file: Path) -> str:
    out = StringIO()
    call_command(command, str(file), stdout=out)
    return out.getvalue()


def table(folder: Path, rows: list[str], heading: str = "rater,item,score") -> Path:
    file = folder / "scores.csv"
    file.write_text("\n".join([heading, *rows]))
    return file


def test_a_complete_table_gets_icc_and_p910(tmp_path: Path) -> None:
    rows = [
        f"judge-{rater},target-{item},{1 + (score - 1) / 2.25}"
        for rater, row in enumerate(JUDGES)
        for item, score in enumerate(row)
    ]
    text = told("analyze_scores", table(tmp_path, rows))
    assert "ICC, one way                     0.166" in text
    assert "ICC, consistency                 0.715" in text
    assert "P.910" in text and "target-5" in text and "judge-3" in text


def test_an_incomplete_table_gets_neither(tmp_path: Path) -> None:
    rows = ["a,x,4", "a,y,2", "b,x,5", "b,z,1", "c,y,2", "c,z,1"]
    text = told("analyze_scores", table(tmp_path, rows))
    assert "ICC" not in text and "P.910" not in text
    assert "alpha, ordinal" in text and "modeled" in text


def test_a_file_without_the_columns_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no rows with the columns rater, item and"):
        told("analyze_scores", table(tmp_path, ["a,x,4"], "who,what,score"))
    with pytest.raises(CommandError, match="could not convert.*scores are numbers"):
        told("analyze_scores", table(tmp_path, ["a,x,good"]))
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        told("analyze_scores", tmp_path / "absent.csv")


def test_comparisons_become_a_ranking(tmp_path: Path) -> None:
    rows = ["a,b,1"] * 12 + ["b,a,1"] * 4 + ["a,b,tie"] * 6
    text = told("rank_pairs", table(tmp_path, rows, "first,second,better"))
    assert text.splitlines()[1].startswith("a ")
    assert "a is preferred to b in 74% of decided comparisons; 22 were made." in text


def test_comparisons_without_a_verdict_are_refused(tmp_path: Path) -> None:
    file = table(tmp_path, ["a,b,3", "a,b,1"], "first,second,better")
    with pytest.raises(CommandError, match="1 of 2 rows do not say 1, 2 or tie"):
        told("rank_pairs", file)
