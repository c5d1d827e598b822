"""Foundation: what both wings stand on."""
