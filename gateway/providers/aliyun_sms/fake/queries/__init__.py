"""What became of messages: details and statistics, read from the inbox."""
