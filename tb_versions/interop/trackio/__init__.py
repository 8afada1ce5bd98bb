"""Trackio's database files, SQLite or the Parquet files that it makes of them."""
