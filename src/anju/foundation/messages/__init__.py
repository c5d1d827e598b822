"""Messages to households: laid with what they tell of, sent by a job, proven by receipts."""
