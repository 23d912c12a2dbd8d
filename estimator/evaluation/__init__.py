"""How far predictions agree with measurements, and on what that was found."""
