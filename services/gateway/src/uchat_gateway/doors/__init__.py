"""Ways in. A folder is a door; the modules beside them are what every door is made of."""
