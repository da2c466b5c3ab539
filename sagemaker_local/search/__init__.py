"""Search: resources by what their documents say."""
