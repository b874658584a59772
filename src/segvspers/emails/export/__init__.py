"""Approved emails as files for the programs that send them; nothing is ever sent from here."""
