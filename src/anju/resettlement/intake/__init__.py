"""Intake: a clerk's files into the registers, whole or not at all."""
