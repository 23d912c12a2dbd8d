"""What the estimator learns from: mixtures of recordings, and damaged estimates."""
