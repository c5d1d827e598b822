"""The page that checks a certificate on the holder's own machine, in one file."""
