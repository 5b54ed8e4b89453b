"""What the provider says of its errors is what its fake can say."""

from __future__ import annotations

import re
from pathlib import Path

from gateway import providers
from gateway.faults.magic import MEANINGS
from gateway.providers.aliyun_sms import provider
from gateway.providers.aliyun_sms.fake import known
from gateway.providers.aliyun_sms.wire.errors import ERRORS
from tests.providers.aliyun_sms.direct_fake import DirectFake
from tests.providers.aliyun_sms.independent_clients import SEND, rpc

CODES = {error.code: error for error in known.errors()}
FAKE = Path(str(providers.__path__[0])) / "aliyun_sms" / "fake"


def test_every_row_of_the_table_is_known_once_with_its_meaning() -> None:
    assert len(CODES) == len(known.errors())
    for code, row in ERRORS.items():
        found = CODES[code]
        assert (found.status, found.message, found.means) == (row.status, row.message, row.means)


def test_every_code_that_the_fake_spells_out_is_known() -> None:
    written = set()
    for file in FAKE.rglob("*.py"):
        written |= set(re.findall(r'Refusal\(\s*"([A-Za-z_.]+)"', file.read_text(encoding="utf-8")))
    assert len(written) > 30
    # 2018-05-01 has its own names for these.
    assert written - CODES.keys() == set()


def test_operations_are_the_fakes_own_and_those_that_answer_it() -> None:
    for error in CODES.values():
        assert set(error.operations) <= provider.operations
    assert CODES["isv.BUSINESS_LIMIT_CONTROL"].operations == ("SendSms", "SendBatchSms")
    assert "AddSmsSign" in CODES["isv.SIGN_NAME_ILLEGAL"].operations
    assert "SendSms" not in CODES["isv.SIGN_NAME_ILLEGAL"].operations
    assert CODES["MissingPhoneNumbers"].operations == ("SendSms",)
    assert "SendMessageToGlobe" in CODES["MOBILE_NUMBER_ILLEGAL"].operations
    assert CODES["Throttling.User"].operations == ()


def test_a_missing_parameter_gets_the_code_that_is_known() -> None:
    for name in SEND:
        answer = DirectFake().answer(rpc({key: value for key, value in SEND.items() if key != name}))
        assert answer.code in ("OK", *CODES)


def test_every_meaning_that_is_an_error_is_one_of_the_table() -> None:
    own = {meaning.name for meaning in MEANINGS if meaning.effect is None}
    assert provider.magic.keys() == own
    for effect in provider.magic.values():
        assert effect.error is not None
        assert effect.error.code in ERRORS


def test_what_sends_is_among_the_operations() -> None:
    assert provider.sends < provider.operations
    assert {name for name in provider.operations if "Send" in name and "Query" not in name} == provider.sends
