"""Estimates of several separators judge one another: no reference, no training.

Let separators a = 1..M have made x_a of one source s, each with an error of its own:
x_a = g_a (s + n_a), n_a orthogonal to s. Its SI-SNR depends on its cosine with s alone,

    c_a = <x_a, s> / |x_a||s|,     SI-SNR_a = 10 log10(c_a^2 / (1 - c_a^2)).

If the errors are independent of each other, the cosine of two estimates is the product
of theirs, r_ab = c_a c_b, so that u_a = -ln c_a >= 0 adds up:

    -ln r_ab = u_a + u_b

Three separators determine it, u_a = (d_ab + d_ac - d_bc) / 2 with d = -ln r: the
three-cornered hat by which clocks are compared with no better clock (Gray and Allan,
1974), free of gains (McColl et al., "Extended triple collocation", 2014). More than
three are fitted by least squares under u >= 0, weighted by 1 / d since the deviation of
d is in proportion to it.

**What it cannot see.** An error that all share is to them part of the source. With
n_a = h + m_a, h common, the figures are those against s + h: too good, and the best
estimate most. Separators that leak the same talker share errors.

**Leakage in common.** The mixture helps: the sources are uncorrelated, so leakage that
all share shows as correlation between what they agree on for each source. Let f be the
mean of the matched estimates at unit norm. The closed form of `peers/projection.py`
reads c_f = cos(f, s) off the mixture and the f of all sources, and then
cos(x_a, s) = c_a c_f, since what x_a has beyond f is its own.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment, nnls
from torch import Tensor

from estimator.network import HIGH_DB, LOW_DB
from estimator.peers.projection import closed_form

LEAST = 3  # separators; with two the sum of their errors is all one knows
BLOCKS = 12  # of a recording, each left out once, to see how far the figures move
LOWEST = 1e-3  # cosine: less is no agreement
SHARED_DB = 5.6  # RMS error on dev mixtures of three shipped separators; README.md
SHARPEST = 1e-4  # of d: 40 dB, what rounding and resampling leave

Figures = NDArray[np.float64]


class Consensus(NamedTuple):
    """What separators say of each other's estimates, sources as each numbers them."""

    si_snr_db: Tensor  # (separator, source), within LOW_DB..HIGH_DB
    sampling_db: Tensor  # (separator, source): deviation, by leaving out parts
    plausible: Tensor  # (separator, source), bool: false if an error came out below 0
    order: Tensor  # (separator, source): source of the first separator that it matches

    @property
    def std_db(self) -> Tensor:
        """Deviation that counts shared errors as well, (separator, source)."""
        return self.sampling_db.square().add(SHARED_DB**2).sqrt()


def consensus(estimates: Tensor, mixture: Tensor | None = None) -> Consensus:
    """SI-SNR of each estimate from how far all agree.

    Args:
        estimates: (separator, source, time), three separators or more, any gains.
        mixture: (time,); with it, leakage that all share is counted as well.

    Returns:
        The figures in the order that the estimates came in.

    Raises:
        ValueError: with fewer than three separators, or if an estimate is silent or
            not finite.
    """
    signals = _unit(estimates)
    order = matched(signals)
    same = torch.stack([x[which] for x, which in zip(signals, order, strict=True)])
    blocks = _grams(same.transpose(0, 1))  # (block, source, separator, separator)
    whole = blocks.sum(0)
    shared = np.zeros(len(whole)) if mixture is None else _shared(same, mixture)
    solved = np.stack([_solved(gram) for gram in whole], axis=1)  # (separator, source)
    moved = [[_figures(_solved(g)) for g in whole - block] for block in blocks]
    si_snr_db, plausible = _figures(solved + shared), solved > SHARPEST / 2
    sampling_db = _jackknife(np.array(moved).transpose(0, 2, 1))
    back = order.argsort(1).numpy()
    figures, deviations, fits = (
        torch.from_numpy(np.take_along_axis(x, back, 1))
        for x in (si_snr_db, sampling_db, plausible)
    )
    return Consensus(figures, deviations, fits, order.argsort(1))


def matched(estimates: Tensor) -> Tensor:
    """Which source of each separator is which of the first one's.

    All are matched with the separator that agrees best with the others, so the answer
    is consistent: if a matches b and b matches c, then a matches c.

    Args:
        estimates: (separator, source, time).

    Returns:
        `order`, (separator, source): `estimates[a, order[a, k]]` are one source for
        all a; k counts the sources as separator 0 does.
    """
    alike = torch.einsum("ait,bjt->abij", estimates, estimates).abs().numpy()
    systems = len(alike)
    pairs = [[linear_sum_assignment(x, maximize=True) for x in row] for row in alike]
    agreement = [
        sum(alike[a, b][pairs[a][b]].sum() for b in range(systems))
        for a in range(systems)
    ]
    middle = int(np.argmax(agreement))
    order = np.stack([pairs[middle][b][1] for b in range(systems)])
    return torch.from_numpy(order[:, order[0].argsort()])


def combine(values_db: Tensor, stds_db: Tensor) -> tuple[Tensor, Tensor]:
    """Independent figures for the same thing, weighted by their inverse variance.

    Args:
        values_db: (figure, ...).
        stds_db: (figure, ...), above 0; NaN or infinite where a figure is unknown.

    Returns:
        The mean and its deviation, (...); NaN and infinite where nothing is known.
    """
    known = stds_db.isfinite() & values_db.isfinite()
    weight = torch.where(known, stds_db.square().reciprocal(), 0.0)
    total = weight.sum(0)
    mean = (weight * values_db.nan_to_num()).sum(0) / total
    return mean, total.rsqrt()


def _unit(estimates: Tensor) -> Tensor:
    if estimates.ndim != 3 or len(estimates) < LEAST:
        raise ValueError(
            f"estimates have the shape {tuple(estimates.shape)}; expected "
            f"(separator, source, time) of {LEAST} separators or more, since two "
            "cannot tell whose the error is"
        )
    centered = estimates.double() - estimates.double().mean(-1, keepdim=True)
    norm = centered.norm(dim=-1, keepdim=True)
    if not norm.isfinite().all() or not (norm > 0).all():
        which = (~(norm.isfinite() & (norm > 0)))[..., 0].nonzero()[0].tolist()
        raise ValueError(
            f"estimate {which[1]} of separator {which[0]} (counted from 0) is silent "
            "or not finite; leave this separator out"
        )
    return centered / norm


def _grams(signals: Tensor) -> Figures:
    """Inner products by part of the time, (block, source, separator, separator)."""
    parts = signals.tensor_split(BLOCKS, dim=-1)
    return np.stack([(part @ part.mT).numpy() for part in parts])


def _solved(gram: Figures) -> Figures:
    """u = -ln c of each separator, 0 where an error would come out below 0."""
    scale = np.sqrt(np.diagonal(gram))
    cosine = np.abs(gram / np.outer(scale, scale))
    one, other = np.triu_indices(len(gram), 1)
    distance = -np.log(cosine[one, other].clip(LOWEST, 1.0))
    weight = 1 / (distance + SHARPEST)
    rows = np.zeros((len(one), len(gram)))
    rows[np.arange(len(one)), one] = rows[np.arange(len(one)), other] = 1
    u, _ = nnls(rows * weight[:, None], distance * weight)
    return u


def _shared(same: Tensor, mixture: Tensor) -> Figures:
    """-ln c_f of what all agree on, (source,)."""
    aligned = same * torch.sign((same * same[:1]).sum(-1, keepdim=True))
    agreed = torch.cat([mixture[None].double(), aligned.mean(0)])
    ratio = 10 ** (closed_form(agreed).clamp(LOW_DB, HIGH_DB) / 10)
    return (0.5 * torch.log1p(1 / ratio)).numpy()


def _figures(u: Figures) -> Figures:
    """SI-SNR in dB of -ln c."""
    with np.errstate(divide="ignore"):
        return -10 * np.log10(np.expm1(2 * u)).clip(-HIGH_DB / 10, -LOW_DB / 10)


def _jackknife(moved: Figures) -> Figures:
    """Deviation of what was found with each block left out in turn, (block, ...)."""
    away = np.square(moved - moved.mean(0)).sum(0)
    return np.sqrt(away * (len(moved) - 1) / len(moved))
