"""What Neptune Exporter wrote: Parquet by its published schema, and the files that it downloaded."""
