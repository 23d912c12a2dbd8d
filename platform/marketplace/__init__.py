"""Work stamps redeemed; later Mechanical Turk, Prolific and the ledger."""
