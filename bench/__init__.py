"""Measurements. ``make bench`` prints them; nothing here is asserted. Linux only: CPU is read from /proc."""
