"""What raters agree to, in the words shown to them."""

from datetime import datetime

from people import consent
from people.models import ConsentText

TRACES = """
To see whether one person takes part many times, we keep for 30 days two scrambled
marks, one of your network address and one of what your browser says of itself. The
address cannot be read from them, and they cannot be compared with other studies.
""".strip()
TO_RATE = f"""
You listen to short recordings and score them. It takes part of an hour at most.

We store your scores, when you sent them, and that your browser fetched each sound.
We do not ask for your name. You are known by a made-up name.

{TRACES}

Your scores are published together with those of others, without that name's link.

You may stop at any time by closing the page. Keep the address of the page: with it
you continue where you stopped.

You confirm that you are at least 18 years old and take part of your own will.
"""


def to_rate(*, now: datetime) -> ConsentText:
    """The current text, which new studies use."""
    return consent.current(ConsentText.Purpose.RATE, body=TO_RATE, now=now)


def allows_traces(text: ConsentText) -> bool:
    """Whether raters of this text agreed to the two scrambled marks."""
    return " ".join(TRACES.split()) in " ".join(text.body.split())
