"""What raters agree to, in the words shown to them."""

from datetime import datetime

from people import consent
from people.models import ConsentText

TO_RATE = """
You listen to short recordings and score them. It takes part of an hour at most.

We store your scores, when you sent them, and that your browser fetched each sound.
We do not ask for your name, and we store neither your address nor anything else
that tells who you are. You are known by a made-up name.

Your scores are published together with those of others, without that name's link.

You may stop at any time by closing the page. Keep the address of the page: with it
you continue where you stopped.

You confirm that you are at least 18 years old and take part of your own will.
"""


def to_rate(*, now: datetime) -> ConsentText:
    """The current text, which new studies use."""
    return consent.current(ConsentText.Purpose.RATE, body=TO_RATE, now=now)
