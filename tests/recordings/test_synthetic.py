"""Synthesized mixtures are loaded with their references, once."""

from pathlib import Path

import pytest

from recordings import audio, objects, synthetic
from recordings.models import Mixture
from tests.recordings.factories import NOW, chirp, make_campaign, wav

pytestmark = pytest.mark.django_db


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    lines = [",".join(synthetic.COLUMNS)]
    for name, gain in (("one", 0.2), ("two", 0.3)):
        parts = {"m": chirp(gain=gain), "1": chirp(gain=gain / 2), "2": chirp(2)}
        for part, samples in parts.items():
            (tmp_path / f"{name}-{part}.flac").write_bytes(
                wav(samples, container="FLAC")
            )
        files = ",".join(f"{name}-{part}.flac" for part in parts)
        lines.append(f"{name},{files},Hello from {name}.,Good night.")
    path = tmp_path / "manifest.csv"
    path.write_text("\n".join(lines))
    return path


def test_each_row_becomes_a_mixture_with_two_references(manifest: Path) -> None:
    campaign = make_campaign(prompts=0)
    assert synthetic.load(manifest, campaign, now=NOW) == 2
    mixture = Mixture.objects.get(slug="one")
    assert mixture.kind == Mixture.Kind.SYNTHETIC
    assert mixture.seconds == 3
    content = (manifest.parent / "one-m.flac").read_bytes()
    assert objects.read(str(mixture.original)) == content
    first, second = mixture.references.all()
    assert (first.source, first.prompt) == (1, "Hello from one.")
    assert audio.decode(objects.read(str(second.audio))).seconds == 2
    prompts = set(campaign.prompts.values_list("text", flat=True))
    assert prompts == {"Hello from one.", "Hello from two.", "Good night."}


def test_loading_again_changes_nothing(manifest: Path) -> None:
    campaign = make_campaign(prompts=0)
    synthetic.load(manifest, campaign, now=NOW)
    assert synthetic.load(manifest, campaign, now=NOW) == 0
    assert Mixture.objects.count() == 2


def test_a_load_that_was_cut_off_goes_on(manifest: Path) -> None:
    campaign = make_campaign(prompts=0)
    synthetic.load(manifest, campaign, now=NOW)
    Mixture.objects.get(slug="two").delete()
    assert synthetic.load(manifest, campaign, now=NOW) == 1


def test_a_manifest_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    path.write_text("id,mixture\none,one.flac\n")
    with pytest.raises(
        ValueError, match=r"lacks the columns reference_1, .*; it needs"
    ):
        synthetic.load(path, make_campaign(), now=NOW)
