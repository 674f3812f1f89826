"""soakctl.yaml as models, one file a section of it."""
