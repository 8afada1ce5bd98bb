"""How an export is written: the page, the tables, TensorBoard.dev's layout."""
