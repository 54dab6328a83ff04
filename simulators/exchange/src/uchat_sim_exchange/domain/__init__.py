"""What the exchange is, without any I/O: instruments, prices, books, filters, matching."""
