"""A synthetic mixture and all that is known of it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float32]
IMAGE, DRY = "image", "dry"
REFERENCES = (IMAGE, DRY)


class Scene(NamedTuple):
    """One mixture and all that is in it; mixture = sources + noise.

    A source's *image* is what the microphone heard of it, room and linear channel
    included; its *dry* form holds only the direct sound (2.5 ms), through the same
    channel. What a channel does that is not linear (clipping, a codec) is noise.
    """

    mixture: Signal  # (time,)
    sources: Signal  # (source, time), images
    noise: Signal  # (time,), all that is not a source
    dry: Signal  # (source, time)
    t60: float = 0.0  # s until the room fades by 60 dB; 0 where there is no room

    def references(self, kind: str = IMAGE) -> Signal:
        """What estimates are measured against, (source, time).

        Raises:
            ValueError: if the kind is neither "image" nor "dry".
        """
        if kind not in REFERENCES:
            raise ValueError(
                f"reference is {kind!r}; expected 'image', the source as the "
                "microphone heard it, or 'dry', its direct sound"
            )
        return self.sources if kind == IMAGE else self.dry
