"""Other estimators behind the same `predict`; none scores runs by itself."""
