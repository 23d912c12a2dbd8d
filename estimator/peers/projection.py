"""SI-SNR from energies alone: a closed-form baseline that has nothing to learn."""

import torch
from torch import Tensor

from estimator import inputs
from estimator.features import SAMPLE_RATE
from estimator.network import HIGH_DB, LOW_DB
from estimator.prediction import DB, Prediction

RIDGE = 1e-6  # of unit power: two equal estimates still have one fit
FAINT = 1e-9  # of the mixture's power: bounds the ratio
EVEN = 1e-3  # a leak this near to one half tells the two apart no more


class MixtureProjection:
    """Reads leakage off the correlation of the estimates, holes off the residual.

    The estimates are scaled so that their sum p_1 + ... + p_K comes nearest to the
    mixture (least squares). Let p be one of them, q the sum of the others,
    P = |p|^2, Q = |q|^2, C = <p, q>, and let the sources be uncorrelated.

    *C > 0, leakage.* If p = (1 - a) s + a o and q = a s + (1 - a) o, then with
    S = P + Q + 2C (what both hold) C = a (1 - a) S, so

        a = (1 - sqrt(1 - 4 C / S)) / 2
        |a o|^2 = a^2 (S - |s|^2),   |s|^2 = (P - a^2 S) / (1 - 2a)

    *C < 0, exchange.* If p = s + e and q = o - e, then |e|^2 = -C.

    *Residual.* R = |m - sum p|^2 is what no estimate holds; the share P / sum P of it
    is taken for what is missing in p. It is noise as often, so this is the guess.

        SI-SNR = 10 log10((P - E) / (E + R P / sum P)),   E = |a o|^2 or |e|^2

    Exact for estimates that sum to the mixture and leak alike, or that exchange an
    error uncorrelated with the sources; blind to errors that keep both correlations.
    """

    name = "mixture-projection"
    revision = "1"
    unit = DB
    parameters = 0
    low_db, high_db = LOW_DB, HIGH_DB

    def predict(
        self, mixtures: Tensor, estimates: Tensor, sample_rate: int
    ) -> Prediction:
        """SI-SNR of every estimate in closed form, without spread (NaN) or curve.

        Args:
            mixtures: (batch, time).
            estimates: (batch, source, time), two sources or more.
            sample_rate: Hz of both.

        Raises:
            ValueError: as `inputs.together`.
        """
        signals = inputs.together(mixtures, estimates, sample_rate, wanted=SAMPLE_RATE)
        si_snr_db = torch.stack([closed_form(item) for item in signals])
        si_snr_db = si_snr_db.float().clamp(self.low_db, self.high_db)
        return Prediction(
            value=si_snr_db,
            std=torch.full_like(si_snr_db, torch.nan),
            curve=si_snr_db[..., None][..., :0],
            in_domain=torch.ones_like(si_snr_db, dtype=torch.bool),
            frame_rate=1.0,
        )


def closed_form(signals: Tensor) -> Tensor:
    """SI-SNR in dB of the estimates of one mixture, unclipped, float64, (source,).

    Args:
        signals: (1 + source, time), mixture first, none silent.
    """
    signals = signals.double() - signals.double().mean(-1, keepdim=True)
    signals = signals / signals.square().mean(-1, keepdim=True).sqrt()
    mixture, estimates = signals[0], signals[1:]
    parts = _fitted(mixture, estimates)
    residual = (mixture - parts.sum(0)).square().mean()
    power = parts.square().mean(-1)
    others = parts.sum(0) - parts
    error = _error(power, others.square().mean(-1), (parts * others).mean(-1))
    missing = residual * power / power.sum().clamp(min=FAINT)
    held = (power - error).clamp(min=0)
    return 10 * torch.log10((held + FAINT) / (error + missing + FAINT))


def _fitted(mixture: Tensor, estimates: Tensor) -> Tensor:
    time = mixture.shape[-1]
    gram = estimates @ estimates.T / time
    ridge = RIDGE * torch.eye(len(gram), dtype=gram.dtype)
    gains = torch.linalg.solve(gram + ridge, estimates @ mixture / time)
    return estimates * gains[:, None]


def _error(power: Tensor, others: Tensor, shared: Tensor) -> Tensor:
    """Power of what does not belong into each part, (source,)."""
    whole = (power + others + 2 * shared).clamp(min=FAINT)
    share = (1 - (1 - 4 * shared / whole).clamp(min=0).sqrt()) / 2
    own = torch.where(
        1 - 2 * share > EVEN,
        (power - share.square() * whole) / (1 - 2 * share).clamp(min=EVEN),
        whole * power / (power + others).clamp(min=FAINT),
    )
    leaked = share.square() * (whole - own)
    inside = leaked.clamp(min=0).minimum(power)
    return torch.where(shared > 0, inside, (-shared).minimum(power))
