"""What happens when somebody writes or presses, and when something is to be told."""
