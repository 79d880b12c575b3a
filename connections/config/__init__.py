"""A tenant's whole set-up as one readable YAML file; docs/configuration.md describes it."""
