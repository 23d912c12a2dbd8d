"""The registry: names, cards, and no torch until a separator is loaded."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import separators
from separators import registry


def test_importing_the_registry_leaves_torch_out() -> None:
    code = (
        "import sys, separators; separators.info(separators.names()[0]); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_speechbrain_loads_in_a_new_process_beside_cpu_torch() -> None:
    code = (
        "from separators.networks.torchaudio_cpu import ensure_torchaudio as ensure; "
        "ensure(); ensure(); import speechbrain.lobes.models.dual_path"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        separators.UnknownSeparator,
        match="^There is no separator 'sepfromer'; expected one of identity,",
    ):
        separators.info("sepfromer")


@pytest.mark.parametrize("name", separators.names())
def test_a_separator_says_where_it_comes_from(name: str) -> None:
    about = separators.info(name)
    assert about.name == name
    assert about.sources in (2, 3)
    assert about.sample_rate in (8000, 16000)
    assert about.licence
    assert about.revision


@pytest.mark.parametrize(
    ("stage", "is_default"),
    [("", True), ("final", True), ("middle", False), ("early", False)],
)
def test_only_a_finished_training_is_offered_unasked(
    tmp_path: Path, stage: str, is_default: bool
) -> None:
    card = {**separators.card("mask-lstm"), "stage": stage}
    (tmp_path / "mine.json").write_text(json.dumps(card))
    about = registry.shipped(tmp_path / "mine.json")
    assert (about.ships, about.stage) == (True, stage)
    assert about.is_default == is_default


SHIPPED = [n for n in separators.names() if separators.card(n)]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_card_tells_its_training_and_thanks_the_speakers(name: str) -> None:
    card = separators.card(name)
    assert card["training"]["steps"] > 0
    assert card["measured"]["mixtures"] >= 50
    thanks = " ".join(card["attributions"])
    for corpus in ("LibriSpeech", "speechocean762", "CMU ARCTIC"):
        assert corpus in thanks
