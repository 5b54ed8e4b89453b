"""The connector gateway: drivers that send one-time codes, and offline fakes of the providers they talk to."""
