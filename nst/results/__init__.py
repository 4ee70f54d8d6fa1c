"""Records and pictures -> what a person looks at: table, sheets, curves, summary, page. Torch-free."""
