"""Collections of documents: readers, records, chunks, storage and versions."""
