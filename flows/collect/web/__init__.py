"""Documents on the web: polite, within limits, and never taking a server's word for what it sends."""
