"""Which estimators there are, and what each says of itself."""

import pytest

from estimator import info, load, names

OFFLINE = [name for name in names() if info(name).weights_from == "shipped"]


def test_the_default_comes_first_and_alone_scores_runs() -> None:
    assert names()[0] == "default"
    assert [name for name in names() if info(name).is_default] == ["default"]
    assert {"realm", "dnsmos", "mixture-projection"} <= set(names())


@pytest.mark.parametrize("name", [*OFFLINE, "mixture-projection"])
def test_an_estimator_has_the_range_that_was_stated(name: str) -> None:
    judge, about = load(name), info(name)
    assert (judge.name, judge.unit) == (name, about.unit)
    assert (judge.low_db, judge.high_db) == (about.low, about.high)
    assert judge.revision


def test_only_dnsmos_speaks_of_anything_else_than_db() -> None:
    assert {name: info(name).unit for name in names() if info(name).unit != "dB"} == {
        "dnsmos": "MOS"
    }


@pytest.mark.parametrize("look", [load, info])
def test_an_unknown_name_is_refused_with_those_there_are(look: object) -> None:
    assert callable(look)
    with pytest.raises(ValueError, match="no estimator 'nonesuch'; there are default,"):
        look("nonesuch")


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="give the path of a .safetensors file"):
        load("/nowhere/own.safetensors")
