"""What a person sees: the login page and its two siblings, notices, the form of ``response_mode=form_post``."""
