"""The register of certificates of title: numbered, signed, proven, revoked and checked."""
