"""A client of the product, a running stack and stand-ins for the outside world."""
