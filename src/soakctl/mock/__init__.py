"""The simulated world in virtual time with its market-maker service, and the small real demo service."""
