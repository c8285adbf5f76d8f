"""ReplayReport -> one HTML page that a reviewer opens from disk: nothing is loaded, every text is inert."""

from promptctl.reports.html.page import html_page

__all__ = ["html_page"]
