"""The demo's cast and story, and the screens that it shows."""
