"""What Telegram shows and says, as plain values. No I/O."""
