"""Work stamps: made on the server, read aloud without doubt, checked for typing."""

import hmac
import secrets
from datetime import datetime

from django.conf import settings

from people.models import Participant
from recordings.models import Stamp

PREFIX = "CT"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base 32: no I, L, O, U
RANDOM_BITS = 40
SEAL_BITS = 30
LENGTH = (RANDOM_BITS + SEAL_BITS) // 5 + 1  # characters, the last one a check
GROUP = 5


def issue(participant: Participant, *, subject: str, now: datetime) -> Stamp:
    """The stamp of one accepted piece of work; asked again, the same stamp."""
    stamp, _ = Stamp.objects.get_or_create(
        subject=subject,
        defaults={
            "code": make_code(subject, secrets.randbits(RANDOM_BITS)),
            "participant": participant,
            "issued_at": now,
        },
    )
    return stamp


def make_code(subject: str, number: int) -> str:
    """`number` sealed for `subject` by the site's key: CT-XXXXX-XXXXX-XXXXX."""
    sealed = number << SEAL_BITS | _seal(subject, number)
    shifts = range(RANDOM_BITS + SEAL_BITS - 5, -1, -5)
    digits = [sealed >> shift & 31 for shift in shifts]
    return _grouped("".join(ALPHABET[digit] for digit in [*digits, _check(digits)]))


def normalize(text: str) -> str:
    """`text` as a code is written, whatever its case, blanks, dashes, O for 0."""
    plain = "".join(letter for letter in text.upper() if letter.isalnum())
    if len(plain) > LENGTH:
        plain = plain.removeprefix(PREFIX)
    return _grouped(plain.translate(str.maketrans("OIL", "011")))


def is_well_formed(code: str) -> bool:
    """Whether its check character fits: none mistyped, no two swapped."""
    digits = _digits(code)
    return len(digits) == LENGTH and digits[-1] == _check(digits[:-1])


def is_sealed_for(code: str, subject: str) -> bool:
    """Whether this site made `code` for `subject`."""
    if not is_well_formed(code):
        return False
    sealed = 0
    for digit in _digits(code)[:-1]:
        sealed = sealed << 5 | digit
    number, seal = sealed >> SEAL_BITS, sealed & ((1 << SEAL_BITS) - 1)
    return seal == _seal(subject, number)


def _seal(subject: str, number: int) -> int:
    key = hmac.digest(settings.SECRET_KEY.encode(), b"work stamp", "sha256")
    mac = hmac.digest(key, f"{number}:{subject}".encode(), "sha256")
    return int.from_bytes(mac, "big") >> (8 * len(mac) - SEAL_BITS)


def _check(digits: list[int]) -> int:
    """Sum of digit i times x^(n-i) in GF(32): distinct weights show any swap."""
    total = 0
    for digit in digits:
        total = (total ^ digit) << 1
        total ^= 0b100101 if total & 32 else 0  # modulo x^5 + x^2 + 1, primitive
    return total


def _digits(code: str) -> list[int]:
    """Values of the characters after the prefix; empty if one is no digit."""
    plain = normalize(code).replace("-", "").removeprefix(PREFIX)
    if any(letter not in ALPHABET for letter in plain):
        return []
    return [ALPHABET.index(letter) for letter in plain]


def _grouped(plain: str) -> str:
    groups = [plain[at : at + GROUP] for at in range(0, len(plain), GROUP)]
    return "-".join([PREFIX, *groups])
