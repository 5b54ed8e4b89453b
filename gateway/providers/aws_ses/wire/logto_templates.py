"""Templates for Logto's SES connector, as the recipe prints them: usage type, subject, content.

Each usage type has its own subject, so that the fake can tell the mails apart.
"""

LOGTO_TEMPLATES = (
    ("SignIn", "Your sign-in code", "<p>Your sign-in code is {{code}}.</p>"),
    ("Register", "Your sign-up code", "<p>Your sign-up code is {{code}}.</p>"),
    ("ForgotPassword", "Your password reset code", "<p>Your password reset code is {{code}}.</p>"),
    ("Generic", "Your verification code", "<p>Your verification code is {{code}}.</p>"),
    ("OrganizationInvitation", "You are invited", '<p><a href="{{link}}">Accept the invitation</a></p>'),
)
