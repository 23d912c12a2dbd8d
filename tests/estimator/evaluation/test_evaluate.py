"""A manifest in, every figure out; the figures are those of the rows."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import stats

from estimator import weights
from estimator.__main__ import main
from estimator.evaluation import few_references, ranking, resampling
from estimator.evaluation.agreement import Judged, table
from estimator.evaluation.evaluate import compare
from estimator.evaluation.judging import tabled
from tests.estimator.synthetic import manifest_in, untrained, write_audio


@pytest.fixture
def own(tmp_path: Path) -> str:
    path = tmp_path / "own.safetensors"
    weights.write(path, untrained(), {})
    return str(path)


def judged(
    *,
    mixtures: int = 30,
    separators: int = 6,
    noise_db: float = 2.0,
    bias_db: float = 0.0,
    seed: int = 0,
) -> Judged:
    """Two sources of each mixture by each separator; separator k is 2k dB good."""
    rng = np.random.default_rng(seed)
    shape = (mixtures, separators, 2)
    mixture, separator, _ = (x.ravel() for x in np.indices(shape))
    truth = 2.0 * separator + rng.normal(0, 3, mixtures)[mixture]
    truth = truth + rng.normal(0, 1, len(truth))
    said = truth + bias_db + rng.normal(0, noise_db, len(truth))
    return Judged(
        measured_db=truth,
        predicted=said,
        low_68=said - noise_db,
        high_68=said + noise_db,
        low_95=said - 1.96 * noise_db,
        high_95=said + 1.96 * noise_db,
        in_domain=rng.random(len(truth)) < 0.9,
        mixture=mixture,
        separator=np.char.add("s", separator.astype(str)),
        corpus=np.where(mixture % 2 == 0, "even", "odd"),
        scaled=np.ones(len(truth)),
    )


def everything(rows: Judged) -> dict[str, Any]:
    return compare(rows, np.ones(len(rows.mixture), bool), draws=100)


def test_figures_are_those_of_numpy_and_scipy() -> None:
    rows = judged(bias_db=1.0)
    counts = resampling.resampled(30, np.random.default_rng(0), draws=100)
    found = table(rows, counts).figures
    error = rows.predicted - rows.measured_db
    expected = {
        "pearson": stats.pearsonr(rows.predicted, rows.measured_db).statistic,
        "spearman": stats.spearmanr(rows.predicted, rows.measured_db).statistic,
        "kendall": stats.kendalltau(rows.predicted, rows.measured_db).statistic,
        "l1_db": np.abs(error).mean(),
        "bias_db": error.mean(),
        "rmse_db": np.sqrt((error**2).mean()),
        "inside_68": (np.abs(error) <= 2).mean(),
        "inside_95": (np.abs(error) <= 3.92).mean(),
        "out_of_domain": (~rows.in_domain).mean(),
    }
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-9), name
        assert found[name].low <= value <= found[name].high


def test_normal_errors_lie_inside_their_intervals_as_often_as_they_should() -> None:
    found = everything(judged(mixtures=200))["overall"]["figures"]
    assert found["inside_68"][0] == pytest.approx(0.683, abs=0.02)
    assert found["inside_95"][0] == pytest.approx(0.95, abs=0.01)
    assert found["bias_db"][0] == pytest.approx(0, abs=0.15)


def test_pooled_separators_correlate_more_than_each_of_them() -> None:
    """Why figures within a separator stand beside the pooled one."""
    report = everything(judged(noise_db=3.0))
    within = [g["figures"]["pearson"][0] for g in report["separators"].values()]
    assert len(within) == 6
    assert report["overall"]["figures"]["pearson"][0] > max(within)


def test_groups_hold_their_own_estimates_only() -> None:
    report = everything(judged())
    assert {name: group["n"] for name, group in report["corpora"].items()} == {
        "even": 180,
        "odd": 180,
    }
    assert sum(group["n"] for group in report["bands"].values()) == 360
    assert all(group["n"] == 60 for group in report["separators"].values())


def test_the_order_within_a_mixture_is_spearman_of_its_separators() -> None:
    rows = judged(mixtures=5, noise_db=4.0)
    values = []
    for mixture in range(5):
        some = rows.only(rows.mixture == mixture)
        pairs = [
            (column.reshape(6, 2)).mean(1)
            for column in (some.predicted, some.measured_db)
        ]
        values.append(stats.spearmanr(*pairs).statistic)
    counts = resampling.resampled(5, np.random.default_rng(0), draws=50)
    found = ranking.within_mixtures(rows, counts)
    assert found["mixtures"] == 5
    assert found["spearman"].value == pytest.approx(np.mean(values))


def test_two_separators_have_no_order_within_a_mixture() -> None:
    counts = resampling.resampled(30, np.random.default_rng(0), draws=10)
    found = ranking.within_mixtures(judged(separators=2), counts)
    assert found == {"mixtures": 0, "spearman": None}


def test_systems_are_ranked_by_their_means_best_first() -> None:
    report = everything(judged())["systems"]
    assert [one["name"] for one in report["ranking"]] == [
        f"s{k}" for k in (5, 4, 3, 2, 1, 0)
    ]
    assert report["spearman"][0] == pytest.approx(1.0)
    assert report["pearson"][0] > 0.98


def test_below_five_separators_no_correlation_of_systems_is_given() -> None:
    report = everything(judged(separators=4))["systems"]
    assert len(report["ranking"]) == 4
    assert "pearson" not in report


def test_only_mixtures_that_all_separators_have_rank_them() -> None:
    rows = judged()
    kept = ~((rows.separator == "s3") & (rows.mixture < 10))
    counts = resampling.resampled(30, np.random.default_rng(0), draws=10)
    assert ranking.systems(rows.only(kept), counts)["mixtures"] == 20


def test_four_references_take_a_constant_bias_away() -> None:
    rows = judged(bias_db=8.0, noise_db=1.0)
    found = few_references.calibrated(rows, rows.separator, np.random.default_rng(0))
    assert found.keys() == {f"s{k}" for k in range(6)}
    for figures in found.values():
        assert figures["before"].value == pytest.approx(8, abs=0.5)
        assert figures["shift"].value < 1.2
        assert figures["affine"].value < 1.5
        assert figures["shift"].low <= figures["shift"].value <= figures["shift"].high


def test_a_line_learned_on_many_points_is_least_squares() -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(-10, 25, 5_000)
    truth = 3 + 0.5 * said + rng.normal(0, 1, 5_000)
    offset, slope = few_references.line(said, truth)
    assert slope == pytest.approx(0.5, abs=0.01)
    assert offset == pytest.approx(3, abs=0.1)
    assert few_references.line(said[:1], truth[:1])[1] == 1.0


def test_groups_of_seven_mixtures_are_not_calibrated() -> None:
    rows = judged(mixtures=7)
    rng = np.random.default_rng(0)
    assert few_references.calibrated(rows, rows.separator, rng) == {}


def test_stated_intervals_are_taken_before_the_normal_ones() -> None:
    row = {
        "predicted_si_snr_db": 5.0,
        "std_db": 2.0,
        "si_snr_db": 4.0,
        "mixture": "a",
        "separator": "",
        "corpus": "",
        "scaled": 1.0,
        "in_domain": True,
    }
    normal, stated = tabled([row]), tabled([row | {"low_95": 1.0}])
    assert normal.low_95[0] == pytest.approx(5 - 1.96 * 2)
    assert stated.low_95[0] == 1.0
    assert stated.high_95[0] == normal.high_95[0]


def test_evaluate_measures_every_estimate_beside_its_prediction(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, picture = tmp_path / "report.json", tmp_path / "plot.png"
    arguments = [str(manifest_in(tmp_path)), "--json", str(out), "--estimator", own]
    arguments += ["--plot", str(picture), "--draws", "20"]
    assert main(["evaluate", *arguments]) == 0
    report = json.loads(out.read_text())
    measured = [row["si_snr_db"] for row in report["estimates"]]
    assert measured == pytest.approx([0, 0, 20, 20], abs=0.01)
    crossed = report["estimates"][2]
    assert (crossed["estimate"], crossed["reference"]) == (
        "estimate_2.wav",
        "reference_1.wav",
    )
    errors = [
        abs(row["predicted_si_snr_db"] - row["si_snr_db"])
        for row in report["estimates"]
    ]
    found = report["overall"]["figures"]["l1_db"][0]
    assert found == pytest.approx(sum(errors) / 4, abs=1e-3)
    said = capsys.readouterr().out
    assert "4 estimates of 2 mixtures, truth within -10..25 dB (0 outside)" in said
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_truth_outside_the_range_is_counted_apart(tmp_path: Path, own: str) -> None:
    manifest, out = manifest_in(tmp_path), tmp_path / "report.json"
    header, at_0_db, at_20_db = manifest.read_text().splitlines()
    manifest.write_text("\n".join([header, at_0_db, at_0_db, at_20_db]))
    arguments = [str(manifest), "--json", str(out), "--estimator", own, "--draws", "9"]
    assert main(["evaluate", *arguments, "--range", "-10", "10"]) == 0
    report = json.loads(out.read_text())
    assert report["outside"] == 2
    assert report["overall"]["n"] == 4
    assert sum(group["n"] for group in report["bands"].values()) == 6


def test_too_few_estimates_in_the_range_are_refused(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = str(manifest_in(tmp_path))
    assert main(["evaluate", manifest, "--estimator", own, "--range", "5", "25"]) == 2
    said = capsys.readouterr().err
    assert (
        "2 estimates have a true SI-SNR within the range; a correlation needs" in said
    )


def test_evaluate_leaves_out_a_row_with_silence_and_says_so(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = manifest_in(tmp_path)
    header, first, second = manifest.read_text().splitlines()
    write_audio(tmp_path / "0" / "silence.wav", torch.zeros(8_000))
    spoiled = first.replace("0/estimate_2.wav", "0/silence.wav")
    manifest.write_text("\n".join([header, first, second, spoiled]))
    assert main(["evaluate", str(manifest), "--estimator", own, "--draws", "9"]) == 0
    said = capsys.readouterr()
    assert "4 estimates of 2 mixtures" in said.out
    assert "0/mixture.wav: SI-SNR is undefined for a silent" in said.err


def test_a_manifest_of_silence_alone_is_refused(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = manifest_in(tmp_path)
    header, first, _ = manifest.read_text().splitlines()
    write_audio(tmp_path / "0" / "estimate_2.wav", torch.zeros(8_000))
    manifest.write_text("\n".join([header, first]))
    assert main(["evaluate", str(manifest), "--estimator", own]) == 2
    assert "0 estimates could be judged and 1 rows could not" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "mixture,estimate_1\n",
            "has the columns mixture, estimate_1; expected mixture",
        ),
        (
            "mixture,estimate_1,estimate_2,reference_1\n",
            "2 estimate and 1 reference col",
        ),
        (
            "mixture,estimate_1,estimate_2,reference_1,reference_2,scaled\n"
            "a.wav,b.wav,c.wav,d.wav,e.wav,loud\n",
            "has 'loud' in column scaled; expected the gain of the error as a number",
        ),
    ],
)
def test_manifests_that_cannot_be_read_are_refused(
    tmp_path: Path, own: str, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    manifest = tmp_path / "manifest.csv"
    manifest.write_text(text)
    assert main(["evaluate", str(manifest), "--estimator", own]) == 2
    assert said in capsys.readouterr().err
