"""What --help says where several commands say the same. Imports nothing: `--help` stays light."""

FORMATS_HELP = "terminal, json, markdown, html, junit, github, sarif, csv or parquet, to stdout."
FILES_HELP = ".html, .md, .json, .xml (JUnit), .sarif, .csv, .parquet or .txt; repeatable."
