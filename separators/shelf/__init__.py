"""What others published, by name: fetched on first use, verified, never unpickled."""

from separators.shelf.other_systems import OTHERS
from separators.shelf.realm_pool import REALM_POOL
from separators.shelf.speechbrain_systems import SPEECHBRAIN

SHELF = {entry.name: entry for entry in [*SPEECHBRAIN, *REALM_POOL, *OTHERS]}
