"""Leave-one-out: who trains with whom, who measures what, and going on after a stop."""

import json
import shutil
from pathlib import Path

import pytest

from estimator import train, weights
from estimator.__main__ import main
from estimator.evaluation import folds, leave_out
from estimator.evaluation.building import Plan, build
from estimator.evaluation.leave_out import Fold, family_folds
from estimator.evaluation.manifest import Row, read_manifest
from tests.estimator.evaluation.test_building import half_way, speech
from tests.estimator.synthetic import untrained

FAMILIES = {"a-early": "a", "a": "a", "b": "b", "c": "c", "identity": "none"}


def row(separator: str) -> Row:
    return Row(Path("m"), [], [], separator)


def test_no_separator_of_the_family_is_trained_with() -> None:
    found = family_folds(FAMILIES, [row(name) for name in FAMILIES])
    assert [fold.left_out for fold in found] == ["a", "b", "c"]
    for fold in found:
        assert {FAMILIES[name] for name in fold.separators} == {"a", "b", "c"} - {
            fold.left_out
        }
        measured_on = {FAMILIES[one.separator] for one in fold.rows}
        assert measured_on == {fold.left_out}
        assert fold.left_out not in {FAMILIES[one.separator] for one in fold.others}


def test_one_family_alone_cannot_be_left_out() -> None:
    with pytest.raises(ValueError, match="holds separators of 1 families .a.; leaving"):
        family_folds(FAMILIES, [row("a"), row("a-early"), row("identity")])


def manifest_of(folder: Path, *names: str) -> list[Row]:
    out = folder / "manifest"
    build(
        out,
        speech=speech(folder / "speech"),
        noise=None,
        rooms=None,
        separators=[half_way(name, 0.1 * k) for k, name in enumerate(names)],
        plan=Plan(mixtures=4, seconds=1.0),
    )
    return read_manifest(out / "MANIFEST.csv")


class Trainer:
    """Writes an estimator at once, and counts."""

    def __init__(self) -> None:
        self.trained: list[str] = []

    def __call__(self, fold: Fold, out: Path) -> None:
        self.trained.append(fold.left_out)
        weights.write(out, untrained(len(self.trained)), {})


def test_a_fold_that_is_done_is_not_trained_again(tmp_path: Path) -> None:
    rows = manifest_of(tmp_path, "a", "b", "c")
    apart, trainer, out = family_folds(FAMILIES, rows), Trainer(), tmp_path / "out"
    first = leave_out.run(apart, trainer, out, draws=20)
    assert trainer.trained == ["a", "b", "c"]
    assert leave_out.run(apart, trainer, out, draws=20) == first
    assert trainer.trained == ["a", "b", "c"]
    (out / "family-b" / "report.json").unlink()
    leave_out.run(apart, trainer, out, draws=20)
    assert trainer.trained == ["a", "b", "c"]
    shutil.rmtree(out / "family-c")
    leave_out.run(apart, trainer, out, draws=20)
    assert trainer.trained == ["a", "b", "c", "c"]


def test_together_each_separator_is_judged_by_who_never_met_it(tmp_path: Path) -> None:
    rows = manifest_of(tmp_path, "a", "b", "c")
    out = tmp_path / "out"
    report = leave_out.run(family_folds(FAMILIES, rows), Trainer(), out, draws=20)
    pooled = report["together"]["separators"]
    for name in ("a", "b", "c"):
        alone = report["folds"][name]["left_out"]["separators"][name]
        assert pooled[name]["n"] == alone["n"]
        for figure in ("l1_db", "bias_db"):
            assert pooled[name]["figures"][figure][0] == pytest.approx(
                alone["figures"][figure][0]
            )
    assert report["together"]["within_mixtures"]["mixtures"] == 4
    said = leave_out.readable(report)
    assert "family left out" in said
    assert "rho over separators that its judge never met" in said
    stored = json.loads((out / "leave-out.json").read_text())
    assert stored["folds"].keys() == {"a", "b", "c"}


def test_speakers_of_the_corpus_are_not_trained_on(tmp_path: Path) -> None:
    speech(tmp_path)
    whole = train.material(tmp_path, noise=None, rooms=None, dev=None)
    assert {
        Path(name).parent.name for name in whole.train.without("odd").speech.groups
    } == {"even"}


def test_families_need_a_manifest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--by", "family", "--speech", str(tmp_path), "--out", str(tmp_path)]
    assert main(["leave-out", *arguments]) == 2
    assert "name it by --manifest" in capsys.readouterr().err


def test_what_is_not_there_cannot_be_left_out(tmp_path: Path) -> None:
    found = folds.Folders(tmp_path / "speech")
    speech(tmp_path / "speech")
    with pytest.raises(ValueError, match="there is no loud to leave out; there are"):
        folds.by_corpus(
            found,
            ["identity"],
            tmp_path,
            mixtures=Plan(mixtures=1, seconds=1.0),
            only=["loud"],
        )


def test_a_corpus_can_be_left_out_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(train, "CALIBRATED_ON", 5)
    monkeypatch.setattr(train, "MEASURED_ON", 3)
    monkeypatch.setattr(train, "HELD_OUT", 0.5)
    speech(tmp_path / "speech", count=16)
    arguments = ["--by", "corpus", "--speech", str(tmp_path / "speech")]
    arguments += ["--out", str(tmp_path / "out"), "--minutes", "0.001"]
    arguments += ["--mixtures", "4", "--separators", "identity", "--draws", "20"]
    arguments += ["--only", "odd"]
    assert main(["leave-out", *arguments]) == 0
    assert "corpus left out" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "leave-out.json").read_text())
    assert report["folds"].keys() == {"odd"}
    assert report["folds"]["odd"]["left_out"]["corpora"].keys() == {"odd"}
