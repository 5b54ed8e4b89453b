"""What a link is for, by its address: links as sign-in services and frameworks write them."""

from __future__ import annotations

import pytest

from gateway.extraction import link_kind

TOKEN = "eyJhbGciOiJIUzI1NiJ9x7"


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (
            "sign_in",
            "https://x.supabase.example/auth/v1/verify?token=abc&type=magiclink&redirect_to=https://a.example",
        ),
        ("reset", "https://x.supabase.example/auth/v1/verify?token=abc&type=recovery"),
        ("invite", "https://x.supabase.example/auth/v1/verify?token=abc&type=invite"),
        ("verify", "https://x.supabase.example/auth/v1/verify?token=abc&type=signup"),
        ("reset", "https://x.firebase.example/__/auth/action?mode=resetPassword&oobCode=abc"),
        ("verify", "https://x.firebase.example/__/auth/action?mode=verifyEmail&oobCode=abc"),
        ("sign_in", "https://x.firebase.example/__/auth/action?mode=signIn&oobCode=abc"),
        ("reset", "https://site.example/accounts/password/reset/key/3-abc/"),
        ("reset", "https://site.example/login/forgot-password/abc"),
        ("verify", "https://site.example/accounts/confirm-email/abc/"),
        ("verify", "https://site.example/users/confirmation?confirmation_token=abc"),
        ("verify", "https://site.example/email/verify/1/abc?expires=1&signature=abc"),
        ("sign_in", "https://site.example/one-time-token?token=abc&email=a@example.com"),
        ("sign_in", "https://site.example/#/sign-in?t=abc"),
        ("sign_in", "https://site.example/magicLink/abc"),
        ("invite", "https://site.example/invitations/abc/accept"),
        ("invite", "https://site.example/join?team=a"),
        ("other", "https://site.example/unsubscribe?u=abc"),
        ("other", "https://site.example/help/reset-your-password"),
        ("other", "https://site.example/"),
        ("other", "https://[site.example/sign-in"),
    ],
)
def test_the_words_of_the_address_say_what_a_link_is_for(kind: str, url: str) -> None:
    assert link_kind(url, None) == kind


@pytest.mark.parametrize(
    ("kind", "usage_type"),
    [
        ("sign_in", "SignIn"),
        ("verify", "Register"),
        ("reset", "ForgotPassword"),
        ("invite", "OrganizationInvitation"),
        ("other", "Generic"),
        ("other", None),
    ],
)
def test_the_usage_type_decides_about_an_address_with_a_token_and_no_known_word(
    kind: str, usage_type: str | None
) -> None:
    assert link_kind(f"https://site.example/t/{TOKEN}", usage_type) == kind
    assert link_kind(f"https://site.example/go?k={TOKEN}", usage_type) == kind
    assert link_kind("https://site.example/about", usage_type) == "other"
