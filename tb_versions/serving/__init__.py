"""Hands versions over to TensorFlow Serving: configuration, rollout phase by phase, drift, canaries."""
