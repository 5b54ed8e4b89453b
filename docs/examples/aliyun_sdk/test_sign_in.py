def wrong(code):
    return "000000" if code != "000000" else "111111"


def test_the_right_code_signs_in_and_only_once(gateway, post):
    phone = gateway.phone()
    assert post("/codes", {"phone": phone})[0] == 204
    code = gateway.code(phone)
    assert post("/sign-in", {"phone": phone, "code": code}) == (200, {"signedIn": phone})
    assert post("/sign-in", {"phone": phone, "code": code}) == (401, {"error": "no_code"})


def test_a_wrong_code_does_not_and_the_sixth_is_one_too_many(gateway, post):
    phone = gateway.phone()
    post("/codes", {"phone": phone})
    code = gateway.code(phone)
    for _ in range(5):
        assert post("/sign-in", {"phone": phone, "code": wrong(code)}) == (401, {"error": "wrong_code"})
    assert post("/sign-in", {"phone": phone, "code": code}) == (401, {"error": "no_code"})


def test_a_code_is_good_for_ten_minutes(gateway, post):
    phone = gateway.phone()
    post("/codes", {"phone": phone})
    code = gateway.code(phone)
    gateway.clock.advance(minutes=10, seconds=1)
    assert post("/sign-in", {"phone": phone, "code": code}) == (401, {"error": "no_code"})


def test_aliyuns_limit_is_passed_on(gateway, post):
    phone = gateway.phone()
    with gateway.fault(to=phone, error="isv.BUSINESS_LIMIT_CONTROL", count=1):
        assert post("/codes", {"phone": phone}) == (429, {"error": "too_many"})
    assert gateway.captures(phone) == []


def test_a_code_that_was_sent_is_right_though_the_answer_was_lost(gateway, post):
    phone = gateway.phone()
    with gateway.fault(to=phone, stage="after", reset=True, count=1):
        assert post("/codes", {"phone": phone}) == (502, {"error": "unavailable"})
    assert post("/sign-in", {"phone": phone, "code": gateway.code(phone)})[0] == 200
