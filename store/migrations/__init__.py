"""Migrations: how the schema came to be, step by step. A fresh database goes through all of them."""
