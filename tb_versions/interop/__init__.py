"""From other places: models that were made without this package become versions."""
