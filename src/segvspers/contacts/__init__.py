"""Contacts: one row a person who may get an email, from whatever the CRM or email platform exports."""

from segvspers.contacts.read import read_contacts

__all__ = ["read_contacts"]
