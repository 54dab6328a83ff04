"""What the gateway does, apart from how it is asked; one module per use."""
