"""What driver and fake of Amazon SES have in common: errors, identifiers, signing. Pure."""
